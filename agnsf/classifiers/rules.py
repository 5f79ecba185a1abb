# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From measured features to a probability: rules that scikit-learn fits and JSON keeps."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

__all__ = ["RULES", "BoostedTrees", "KernelRule", "LogisticRule"]


def _mean_and_scale(values):
    mean, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    scale[scale == 0] = 1.0
    return mean, scale


@dataclass(frozen=True, eq=False)
class LogisticRule:
    """
    A regularized logistic regression on standardized features; a missing value counts as the mean.

    Parameters
    ----------
    mean, scale, coefficients : `~numpy.ndarray` of float64, shape (k,)
        One for each feature.
    intercept : float
        The log-odds of a galaxy with mean features.
    """

    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: float

    @classmethod
    def fit(cls, values, is_agn, *, strength, balanced):
        """Return the rule learned from features of shape (n, k), NaN where missing, and classes."""
        from sklearn.linear_model import LogisticRegression

        mean, scale = _mean_and_scale(values)
        weights = "balanced" if balanced else None
        learner = LogisticRegression(C=strength, class_weight=weights, max_iter=5000, tol=1e-8)
        learner.fit(np.nan_to_num((values - mean) / scale), is_agn)
        return cls(mean, scale, learner.coef_[0], float(learner.intercept_[0]))

    def log_odds(self, values):
        """Return the log-odds of each row; summed row by row, so that they do not depend on the batch."""
        standardized = np.nan_to_num((values - self.mean) / self.scale)
        return (standardized * self.coefficients).sum(axis=1) + self.intercept

    def predict(self, values):
        """Return the probability of each row."""
        return expit(self.log_odds(values))

    def as_dict(self):
        """Return the rule as plain values."""
        arrays = {name: getattr(self, name).tolist() for name in ("mean", "scale", "coefficients")}
        return {**arrays, "intercept": self.intercept}

    @classmethod
    def from_dict(cls, content, count):
        """Return the rule for a number of features; raise ValueError if the values are none."""
        arrays = [np.array(content[name], dtype=np.float64) for name in ("mean", "scale", "coefficients")]
        if any(one.shape != (count,) or not np.isfinite(one).all() for one in arrays):
            raise ValueError(f"expected {count} finite values each of mean, scale and coefficients")
        return cls(*arrays, float(content["intercept"]))


@dataclass(frozen=True, eq=False)
class KernelRule:
    """
    A regularized logistic regression on the likeness to the galaxies that it learned from.

    Likeness is a Gaussian of the distance in standardized features; a missing value counts as the
    mean. A linear term can be added (`plus`): what is known from elsewhere.

    Parameters
    ----------
    linear : LogisticRule
        The linear term, which also standardizes; all coefficients are 0 after `fit`.
    points : `~numpy.ndarray` of float64, shape (m, k)
        Standardized features of the galaxies learned from.
    weights : `~numpy.ndarray` of float64, shape (m,)
        What a galaxy just like each of them adds to the log-odds.
    """

    linear: LogisticRule
    points: np.ndarray
    weights: np.ndarray

    @classmethod
    def fit(cls, values, is_agn, *, strength, balanced):
        """Return the rule learned from features of shape (n, k), NaN where missing, and classes."""
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import LogisticRegression

        mean, scale = _mean_and_scale(values)
        points = np.nan_to_num((values - mean) / scale)
        # As many components as galaxies: the map is exact, and the fit that of kernel logistic regression.
        likeness = Nystroem(gamma=cls._gamma(points), n_components=len(points), random_state=0).fit(points)
        learner = LogisticRegression(C=strength, class_weight="balanced" if balanced else None, max_iter=5000)
        learner.fit(likeness.transform(points), is_agn)
        weights = likeness.normalization_.T @ learner.coef_[0]
        linear = LogisticRule(mean, scale, np.zeros(len(mean)), float(learner.intercept_[0]))
        return cls(linear, likeness.components_, weights)

    @staticmethod
    def _gamma(points):
        # Two galaxies drawn at random are about sqrt(2 k) apart: the width of the Gaussian.
        return 1 / (4 * points.shape[1])

    def plus(self, rule):
        """Return this rule with the log-odds of a `LogisticRule` on the same features added."""
        slope = rule.coefficients / rule.scale
        coefficients = self.linear.coefficients + slope * self.linear.scale
        intercept = self.linear.intercept + rule.intercept + float(slope @ (self.linear.mean - rule.mean))
        return replace(self, linear=replace(self.linear, coefficients=coefficients, intercept=intercept))

    def predict(self, values):
        """Return the probability of each row, computed row by row, so that it does not depend on the batch."""
        standardized = np.nan_to_num((values - self.linear.mean) / self.linear.scale)
        gamma = self._gamma(self.points)
        log_odds = self.linear.log_odds(values)
        for row, one in enumerate(standardized):
            likeness = np.exp(-gamma * np.square(self.points - one).sum(axis=1))
            log_odds[row] += (self.weights * likeness).sum()
        return expit(log_odds)

    def as_dict(self):
        """Return the rule as plain values."""
        points = np.round(self.points, 6).tolist()
        return {"linear": self.linear.as_dict(), "points": points, "weights": self.weights.tolist()}

    @classmethod
    def from_dict(cls, content, count):
        """Return the rule for a number of features; raise ValueError if the values are none."""
        points, weights = (np.array(content[name], dtype=np.float64) for name in ("points", "weights"))
        if points.ndim != 2 or points.shape != (len(weights), count) or weights.ndim != 1:
            raise ValueError(f"expected as many weights as points, of {count} values each")
        if not (np.isfinite(points).all() and np.isfinite(weights).all()):
            raise ValueError("expected finite points and weights")
        return cls(LogisticRule.from_dict(content["linear"], count), points, weights)


#: What a tree holds of each node, in `BoostedTrees`, and the same in scikit-learn.
_NODE = {
    "feature": "feature_idx",
    "threshold": "num_threshold",
    "missing_left": "missing_go_to_left",
    "left": "left",
    "right": "right",
    "leaf": "is_leaf",
    "value": "value",
}
_KINDS = {"threshold": np.float64, "value": np.float64, "missing_left": bool, "leaf": bool}


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """
    Gradient-boosted trees on histograms of the features; a missing value has a branch of its own.

    Parameters
    ----------
    trees : tuple of dict of str to `~numpy.ndarray`
        For each tree, what its nodes hold; the first node is the root.
    baseline : float
        The log-odds to which the trees add.
    """

    trees: tuple[dict[str, np.ndarray], ...]
    baseline: float

    @classmethod
    def fit(cls, values, is_agn, *, strength, balanced):
        """Return the rule learned from features of shape (n, k), NaN where missing, and classes."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        learner = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=150,
            max_leaf_nodes=15,
            l2_regularization=1 / strength,
            early_stopping=False,
            class_weight="balanced" if balanced else None,
            random_state=0,
        ).fit(values, is_agn)
        # scikit-learn has no public way to the trees, and a pickle is none for us.
        trees = tuple(
            {ours: one.nodes[theirs].astype(_KINDS.get(ours, np.int64)) for ours, theirs in _NODE.items()}
            for (one,) in learner._predictors
        )
        return cls(trees, float(np.squeeze(learner._baseline_prediction)))

    def predict(self, values):
        """Return the probability of each row."""
        log_odds = np.full(len(values), self.baseline)
        rows = np.arange(len(values))
        for tree in self.trees:
            node = np.zeros(len(values), dtype=np.int64)
            while not (leaf := tree["leaf"][node]).all():
                found = values[rows, tree["feature"][node]]
                left = np.where(np.isnan(found), tree["missing_left"][node], found <= tree["threshold"][node])
                node = np.where(leaf, node, np.where(left, tree["left"][node], tree["right"][node]))
            log_odds += tree["value"][node]
        return expit(log_odds)

    def as_dict(self):
        """Return the rule as plain values."""
        trees = [{name: values.tolist() for name, values in tree.items()} for tree in self.trees]
        return {"baseline": self.baseline, "trees": trees}

    @classmethod
    def from_dict(cls, content, count):
        """Return the rule for a number of features; raise ValueError if the values are none."""
        trees = tuple(
            {name: np.array(tree[name], dtype=_KINDS.get(name, np.int64)) for name in _NODE}
            for tree in content["trees"]
        )
        for tree in trees:
            _check_tree(tree, count)
        return cls(trees, float(content["baseline"]))


def _check_tree(tree, count):
    """Raise ValueError unless every way through a tree ends, at a finite value."""
    size = len(tree["leaf"])
    if size == 0 or any(one.shape != (size,) for one in tree.values()):
        raise ValueError("the nodes of a tree differ in number")
    inner = np.flatnonzero(~tree["leaf"])
    ends = all(((tree[side][inner] > inner) & (tree[side][inner] < size)).all() for side in ("left", "right"))
    known = ((tree["feature"][inner] >= 0) & (tree["feature"][inner] < count)).all()
    if not (ends and known and np.isfinite(tree["value"]).all()):
        raise ValueError("a tree leads nowhere, or to a feature that there is not")


#: The rules by the name of what learns them.
RULES = {"logistic": LogisticRule, "kernel": KernelRule, "boosting": BoostedTrees}
