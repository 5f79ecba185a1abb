# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The ROC curve and the trade-off of purity and completeness, with their bands."""

from dataclasses import replace

import numpy as np

from agnsf.evaluation import trade_off
from agnsf.report.figures.style import NEUTRAL, SERIES, draw, plain_text

__all__ = ["purity_curve", "roc_curve"]

# Curves in the resamples; a band needs no more.
_CURVES = 200
_GRID = np.linspace(0, 1, 201)


def _weighted_curves(sample, weights):
    """Return the false and true positive counts at every distinct p_agn, from the top, with a first zero."""
    order = np.argsort(-sample.p_agn, kind="stable")
    ordered = sample.p_agn[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    agn = np.cumsum(weights[:, order] * sample.is_agn[order], axis=1)[:, last]
    sf = np.cumsum(weights[:, order] * ~sample.is_agn[order], axis=1)[:, last]
    zero = np.zeros((len(weights), 1))
    return np.hstack([zero, sf]), np.hstack([zero, agn])


def _band(sample, bootstrap, curve):
    """Return the ends of the interval of curves on a grid, each computed from one resample."""
    weights = np.ones(len(sample.rows)) if sample.weights is None else sample.weights
    few = replace(bootstrap, resamples=_CURVES)
    found = []
    for block in few.draws(sample.is_agn, weights):
        found += [curve(*one) for one in zip(*_weighted_curves(sample, block), strict=True)]
    return np.nanquantile(found, [(1 - bootstrap.level) / 2, (1 + bootstrap.level) / 2], axis=0)


def _rates(false_agn, true_agn):
    return false_agn / false_agn[-1], true_agn / true_agn[-1]


def _thin(x, y, most=600):
    """Leave out points that no eye could tell apart."""
    keep = np.unique(np.linspace(0, len(x) - 1, most).astype(int))
    return x[keep], y[keep]


def roc_curve(evaluation, made):
    """
    Draw the ROC curve.

    Parameters
    ----------
    evaluation : Evaluation
        Of both classes.
    made : list
        Where the `Figure` goes.
    """
    sample, auc = evaluation.sample, evaluation.metrics["roc_auc"]
    level = f"{evaluation.bootstrap.level:.0%}"
    at_false, at_true = (np.mean(sample.selected[members]) for members in (~sample.is_agn, sample.is_agn))
    alt = (
        f"ROC curve with its {level} band. Area {auc.value:.3f}, between {auc.low:.3f} and {auc.high:.3f}. "
        f"At the threshold in use {at_true:.0%} of the AGN and {at_false:.0%} of the SF galaxies are predicted AGN."
    )
    weights = np.ones(len(sample.rows)) if sample.weights is None else sample.weights
    low, high = _band(sample, evaluation.bootstrap, lambda false, true: np.interp(_GRID, *_rates(false, true)))
    with draw("roc", "ROC Curve", alt, made=made) as figure:
        axes = figure.add_subplot()
        axes.fill_between(_GRID, low, high, color=SERIES[0], alpha=0.25, lw=0)
        false, true = _weighted_curves(sample, weights[None, :])
        axes.plot(
            *_thin(*_rates(false[0], true[0])),
            color=SERIES[0],
            lw=1.8,
            label=f"{plain_text(evaluation.name)}: area {auc.value:.3f}",
        )
        for number, (name, other) in enumerate(evaluation.others.items(), 1):
            color = SERIES[number % len(SERIES)]
            false, true = _weighted_curves(other, np.ones((1, len(other.rows))))
            axes.plot(*_thin(*_rates(false[0], true[0])), color=color, lw=1.4, ls="--", label=plain_text(name))
        axes.plot([0, 1], [0, 1], color=NEUTRAL, lw=1, ls=":", label="chance")
        axes.plot(at_false, at_true, "o", color=SERIES[0], ms=7, mec="white", label="threshold in use")
        axes.set(xlabel="share of SF galaxies predicted AGN", ylabel="completeness of AGN", xlim=(-0.01, 1.01))
        axes.set(ylim=(-0.01, 1.01), aspect="equal")
        axes.legend(loc="lower right", fontsize=9)


def purity_curve(evaluation, made):
    """
    Draw purity against completeness.

    Parameters
    ----------
    evaluation : Evaluation
        Of both classes.
    made : list
        Where the `Figure` goes.
    """
    sample, area = evaluation.sample, evaluation.metrics["pr_auc"]
    found = trade_off(sample.is_agn, sample.p_agn, weights=sample.weights)
    alt = (
        f"Purity of AGN against their completeness. Area {area.value:.3f}, between {area.low:.3f} and "
        f"{area.high:.3f}; the base rate is {area.base_rate:.3f}."
    )

    def purity(false, true):
        with np.errstate(invalid="ignore"):
            values = true / (true + false)
        return np.interp(_GRID, true / true[-1], np.where(np.isfinite(values), values, values[np.isfinite(values)][0]))

    low, high = _band(sample, evaluation.bootstrap, purity)
    used = evaluation.metrics["completeness_agn"].value, evaluation.metrics["purity_agn"].value
    with draw("purity", "Purity and Completeness", alt, made=made) as figure:
        axes = figure.add_subplot()
        axes.fill_between(_GRID, low, high, color=SERIES[0], alpha=0.25, lw=0)
        some = np.isfinite(found.purity)
        curve = _thin(found.completeness[some], found.purity[some])
        axes.plot(*curve, color=SERIES[0], lw=1.8, label=f"p_agn: area {area.value:.3f}")
        axes.axhline(area.base_rate, color=NEUTRAL, lw=1, ls=":", label=f"base rate {area.base_rate:.3f}")
        axes.plot(*used, "o", color=SERIES[0], ms=7, mec="white", label="threshold in use")
        axes.set(xlabel="completeness of AGN", ylabel="purity of AGN", xlim=(-0.01, 1.01), ylim=(-0.01, 1.03))
        axes.legend(loc="lower left", fontsize=9)
