# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The metrics, each computed for many sets of weights at once: that is what the bootstrap asks for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agnsf.evaluation.inputs import checked, logit
from agnsf.evaluation.logistic import fit_line

__all__ = ["CALIBRATION_BINS", "METRICS", "Scored", "score"]

#: Name and meaning of every metric; AGN are the positive class.
METRICS = {
    "accuracy": "Share of galaxies whose prediction is right.",
    "balanced_accuracy": "Mean of the completeness of AGN and that of SF.",
    "mcc": "Matthews correlation coefficient of label and prediction.",
    "purity_agn": "Purity (precision) of AGN: share of AGN among the galaxies predicted AGN.",
    "completeness_agn": "Completeness (recall) of AGN: share of the AGN that are predicted AGN.",
    "f1_agn": "Harmonic mean of purity and completeness of AGN.",
    "purity_sf": "Purity (precision) of SF: share of SF among the galaxies predicted SF.",
    "completeness_sf": "Completeness (recall) of SF: share of the SF that are predicted SF.",
    "f1_sf": "Harmonic mean of purity and completeness of SF.",
    "roc_auc": "Area under the ROC curve: chance that an AGN has a higher p_agn than an SF galaxy.",
    "pr_auc": "Area under the purity-completeness curve of AGN (average precision); compare with base_rate.",
    "brier": "Mean squared difference between p_agn and the class; 0 is best.",
    "brier_skill": "1 minus brier over that of the constant base rate; above 0 is better than knowing only that.",
    "log_loss": "Mean negative logarithm of the probability given to the class that it is.",
    "ece": "Expected calibration error: mean distance of p_agn from the share of AGN, in ten bins of equal width.",
    "calibration_slope": "Slope of the logistic regression of the class on the log-odds of p_agn; 1 is best.",
    "calibration_intercept": "Intercept of that regression; 0 is best.",
}

CALIBRATION_BINS = 10

_LINE_GROUPS = 500


@dataclass(frozen=True, eq=False)
class Scored:
    """
    Galaxies in the order of falling ``p_agn``, prepared for `score`.

    Parameters
    ----------
    order : `~numpy.ndarray` of int, shape (n,)
        Indices that sort the galaxies.
    is_agn : `~numpy.ndarray` of bool, shape (n,)
        Sorted.
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Sorted.
    starts : `~numpy.ndarray` of int, shape (k,)
        Where each distinct value of ``p_agn`` begins.
    n_selected : int
        How many of the galaxies lie at or above the threshold.
    """

    order: np.ndarray
    is_agn: np.ndarray
    p_agn: np.ndarray
    starts: np.ndarray
    n_selected: int

    @classmethod
    def of(cls, is_agn, p_agn, threshold):
        """Sort galaxies that are in any order."""
        is_agn, p_agn = checked(is_agn, p_agn)
        order = np.argsort(-p_agn, kind="stable")
        ordered = p_agn[order]
        starts = np.flatnonzero(np.append(True, np.diff(ordered) != 0))[: len(ordered)]
        return cls(order, is_agn[order], ordered, starts, np.count_nonzero(p_agn >= threshold))

    @cached_property
    def masks(self):
        """Columns of 0 and 1, shape (n, 3): AGN, selected, and both."""
        selected = np.arange(len(self.p_agn)) < self.n_selected
        return np.stack([self.is_agn, selected, self.is_agn & selected], axis=1).astype(np.float64)

    @cached_property
    def losses(self):
        """Columns whose weighted sums the metrics of the probabilities are made of, shape (n, 12)."""
        error = self.is_agn - self.p_agn
        # The smallest step of a double keeps the logarithm of a certain error finite, as in scikit-learn.
        eps = np.finfo(np.float64).eps
        given = np.clip(np.where(self.is_agn, self.p_agn, 1 - self.p_agn), eps, 1 - eps)
        bins = np.minimum((self.p_agn * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        in_bin = np.equal.outer(bins, np.arange(CALIBRATION_BINS)) * error[:, None]
        return np.column_stack([error**2, -np.log(given), in_bin])


def _ratio(above, below):
    """Divide, NaN where nothing is there to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def score(scored, weights, *, names=tuple(METRICS)):
    """
    Return metrics of weighted galaxies, for each row of weights.

    Parameters
    ----------
    scored : Scored
        The galaxies.
    weights : `~numpy.ndarray` of float64, shape (b, n)
        In the galaxies' original order; not negative.
    names : tuple of str, optional
        The metrics to compute, among `METRICS`.

    Returns
    -------
    values : dict of str to `~numpy.ndarray` of float64, shape (b,)
        NaN where a metric is not defined: the ROC AUC of one class, the purity of nothing.
    """
    weights = np.take(weights, scored.order, axis=1)
    total = weights.sum(axis=1)
    n_agn, selected, true_agn = (weights @ scored.masks).T
    n_sf = total - n_agn
    found = {}
    if {"roc_auc", "pr_auc"} & set(names):
        found |= _ranking(scored, weights, n_agn, n_sf)
    found |= _decisions(true_agn, selected - true_agn, n_agn, n_sf)
    if {"brier", "brier_skill", "log_loss", "ece"} & set(names):
        found |= _probabilities(scored, weights, n_agn, n_sf)
    if {"calibration_slope", "calibration_intercept"} & set(names):
        found |= _line(scored, weights)
    return {name: found[name] for name in METRICS if name in names}


def _ranking(scored, weights, n_agn, n_sf):
    """Return the two areas."""
    agn, everything = weights * scored.is_agn, weights
    if len(scored.starts) < len(scored.p_agn):  # ties count together
        agn = np.add.reduceat(agn, scored.starts, axis=1)
        everything = np.add.reduceat(everything, scored.starts, axis=1)
    true_agn, selected = np.cumsum(agn, axis=1), np.cumsum(everything, axis=1)
    # Over the SF galaxies: how many AGN stand above, ties by half.
    above = np.einsum("bk,bk->b", everything - agn, true_agn) - np.einsum("bk,bk->b", everything - agn, agn) / 2
    precision = np.divide(true_agn, selected, out=np.zeros_like(selected), where=selected > 0)
    return {
        "roc_auc": _ratio(above, n_agn * n_sf),
        "pr_auc": _ratio(np.einsum("bk,bk->b", agn, precision), n_agn),
    }


def _decisions(true_agn, false_agn, n_agn, n_sf):
    """Return the metrics of the two-by-two table."""
    true_sf, false_sf = n_sf - false_agn, n_agn - true_agn
    completeness_agn, completeness_sf = _ratio(true_agn, n_agn), _ratio(true_sf, n_sf)
    product = (true_agn + false_agn) * (true_sf + false_sf) * n_agn * n_sf
    covariance = true_agn * true_sf - false_agn * false_sf
    mcc = np.where(product > 0, covariance / np.sqrt(np.where(product > 0, product, 1)), 0.0)
    return {
        "accuracy": _ratio(true_agn + true_sf, n_agn + n_sf),
        "balanced_accuracy": (completeness_agn + completeness_sf) / 2,
        "mcc": np.where((n_agn > 0) & (n_sf > 0), mcc, np.nan),
        "purity_agn": _ratio(true_agn, true_agn + false_agn),
        "completeness_agn": completeness_agn,
        "f1_agn": _ratio(2 * true_agn, n_agn + true_agn + false_agn),
        "purity_sf": _ratio(true_sf, true_sf + false_sf),
        "completeness_sf": completeness_sf,
        "f1_sf": _ratio(2 * true_sf, n_sf + true_sf + false_sf),
    }


def _probabilities(scored, weights, n_agn, n_sf):
    """Return the metrics of the probabilities themselves."""
    total = n_agn + n_sf
    sums = weights @ scored.losses
    brier = _ratio(sums[:, 0], total)
    return {
        "brier": brier,
        "brier_skill": 1 - _ratio(brier * total * total, n_agn * n_sf),
        "log_loss": _ratio(sums[:, 1], total),
        "ece": _ratio(np.abs(sums[:, 2:]).sum(axis=1), total),
    }


def _line(scored, weights):
    log_odds, target = logit(scored.p_agn), scored.is_agn.astype(float)
    if len(weights) > 1 and len(target) > 2 * _LINE_GROUPS:
        log_odds, target, weights = _grouped(log_odds, target, weights)
    # All rows resemble their mean: starting from its solution saves most of the steps.
    slope, intercept = fit_line(log_odds, target, weights.mean(axis=0, keepdims=True))
    start = (slope[0], intercept[0]) if np.isfinite(slope[0]) else (1.0, 0.0)
    slope, intercept = fit_line(log_odds, target, weights, start=start)
    return {"calibration_slope": slope, "calibration_intercept": intercept}


def _grouped(log_odds, target, weights):
    """Join neighbors in p_agn, class by class: resampled lines do not see the difference."""
    starts = np.linspace(0, len(target), _LINE_GROUPS, endpoint=False).astype(int)
    means = np.add.reduceat(log_odds, starts) / np.diff(starts, append=len(target))
    agn = np.add.reduceat(weights * target, starts, axis=1)
    everything = np.add.reduceat(weights, starts, axis=1)
    classes = np.repeat([1.0, 0.0], _LINE_GROUPS)
    return np.tile(means, 2), classes, np.hstack([agn, everything - agn])
