# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Numbers of the model cards, each with its interval."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from agnsf.evaluation import Bootstrap, Estimate, apply_calibration, estimate, fit_calibration, within_auc

FOLDS, REPEATS = 5, 5
INNER_REPEATS = 2  # where a setting is chosen within the training part
LEVEL_OF_GAIN = 0.68
RESAMPLES = 1000
_FEW = Bootstrap(resamples=20)  # where only the value counts


def within(is_agn, p_agn, index):
    """Return the ROC AUC of pairs of galaxies from the same group."""
    return within_auc(is_agn, p_agn, index)


def _value_within(is_agn, p_agn, index):
    return within_auc(is_agn, p_agn, index, bootstrap=_FEW).value


@dataclass(frozen=True)
class CrossValidation:
    """
    Cross-validation of the galaxies that have a class.

    Parameters
    ----------
    rows : array of int, shape (n,)
        Their rows in the table of all galaxies.
    strata : array of str, shape (n,)
        By which the parts are made alike.
    is_agn, groups : array, shape (n,)
        Their classes, and the groups within which a choice is judged.
    """

    rows: np.ndarray
    strata: np.ndarray
    is_agn: np.ndarray
    groups: np.ndarray

    def out_of_fold(self, answer):
        """Return the mean of what ``answer(train, test)`` says of each galaxy when it is in the part under test."""
        p = np.zeros(len(self.rows))
        for seed in range(REPEATS):
            for train, test in _parts(self.strata, seed):
                p[test] += answer(self.rows[train], self.rows[test]) / REPEATS
        return p

    def choose(self, candidates, *, among=None, hidden=()):
        """
        Return which of some candidates does best in a cross-validation of its own.

        ``candidates`` are ``answer(train, test, hidden)`` by name, ``among`` the galaxies that may be used, and
        ``hidden`` rows of which nothing may be known.
        """
        places = np.arange(len(self.rows)) if among is None else np.flatnonzero(np.isin(self.rows, among))
        scores = {}
        for name, candidate in candidates.items():
            p = np.zeros((INNER_REPEATS, len(places)))
            for seed, answers in enumerate(p):
                for train, test in _parts(self.strata[places], seed):
                    inside, outside = self.rows[places[train]], self.rows[places[test]]
                    answers[test] = candidate(inside, outside, np.union1d(outside, hidden))
            scores[name] = np.mean([_value_within(self.is_agn[places], one, self.groups[places]) for one in p])
        return max(scores, key=scores.get)

    def nested(self, candidates):
        """Return the mean answer to each galaxy under test of the candidate that the other galaxies choose."""

        def answer(train, test):
            return candidates[self.choose(candidates, among=train, hidden=test)](train, test, test)

        return self.out_of_fold(answer)


def _parts(strata, seed):
    return StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(strata, strata)


def calibrated_across(is_agn, p_agn, *, folds=5):
    """Return each galaxy's probability as calibrated by the others: no galaxy helps to judge itself."""
    calibrated = np.empty(len(p_agn))
    for others, own in StratifiedKFold(folds, shuffle=True, random_state=1).split(p_agn, is_agn):
        calibration = fit_calibration(is_agn[others], p_agn[others], method="logistic")
        calibrated[own] = apply_calibration(p_agn[own], calibration)
    return calibrated


def paired_gain(is_agn, p_agn, other, index):
    """Return by how much the ROC AUC within groups exceeds another's; the galaxies are drawn anew within each group."""
    rng = np.random.default_rng(0)
    cells = [np.flatnonzero((index == one) & (is_agn == kind)) for one in np.unique(index) for kind in (0, 1)]

    def gain(rows):
        return np.subtract(*(_value_within(is_agn[rows], p[rows], index[rows]) for p in (p_agn, other)))

    gains = [gain(np.concatenate([rng.choice(cell, len(cell)) for cell in cells])) for _ in range(RESAMPLES)]
    low, high = np.quantile(gains, [(1 - LEVEL_OF_GAIN) / 2, (1 + LEVEL_OF_GAIN) / 2])
    value = float(gain(np.arange(len(is_agn))))
    return Estimate(value, float(low), float(high), len(is_agn), float(np.mean(is_agn)))


def fixed_color(is_agn, p_agn, color, *, bins=8):
    """Return the ROC AUC of pairs of galaxies of nearly the same color."""
    edges = np.quantile(color, np.linspace(0, 1, bins + 1)[1:-1])
    return within_auc(is_agn, p_agn, np.digitize(color, edges))


def leakage(features, is_agn, origin):
    """Return how well the features of SF galaxies tell where their labels come from."""
    chosen = is_agn == 0
    other = np.array([one.startswith("MPA") for one in origin[chosen]])
    learner = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=5000))
    p = cross_val_predict(learner, features[chosen], other, cv=StratifiedKFold(5), method="predict_proba")[:, 1]
    return estimate(other, p, names=("roc_auc",))["roc_auc"]


def share(flagged):
    """Return a share with Wilson's interval."""
    result = binomtest(int(flagged.sum()), len(flagged))
    low, high = result.proportion_ci(method="wilson")
    return Estimate(float(flagged.mean()), float(low), float(high), len(flagged), float("nan"))


def flagged(familiarity, pictures, wrong, unknown, *, what="galaxies"):
    """Return how often pictures are called unfamiliar, and wrong ones of kinds that were taught or are ``unknown``."""
    measured = {f"flagged, of {what} not learned from": share(familiarity.novelty(pictures) > 1)}
    for taught, kinds in ((True, wrong), (False, unknown)):
        for name, one in kinds.items():
            measured[f"  of {name}" + ("" if taught else " (not taught)")] = share(familiarity.novelty(one) > 1)
    return measured


def median_difference(first, second):
    """Return the median of the absolute difference, with an interval by resampling."""
    difference = np.abs(first - second)
    rng = np.random.default_rng(0)
    drawn = np.median(rng.choice(difference, (RESAMPLES, len(difference))), axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(np.median(difference)), float(low), float(high), len(difference), float("nan"))
