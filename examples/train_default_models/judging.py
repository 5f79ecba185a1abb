# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Numbers of the model cards, each with its interval."""

import numpy as np
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from agnsf.evaluation import Bootstrap, Estimate, apply_calibration, estimate, fit_calibration, within_auc

LEVEL_OF_GAIN = 0.68
RESAMPLES = 1000


def within(is_agn, p_agn, index):
    """Return the ROC AUC of pairs of galaxies from the same group."""
    return within_auc(is_agn, p_agn, index)


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
    few = Bootstrap(resamples=20)  # only the value counts

    def gain(rows):
        return np.subtract(
            *(within_auc(is_agn[rows], p[rows], index[rows], bootstrap=few).value for p in (p_agn, other))
        )

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
