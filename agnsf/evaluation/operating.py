# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What each choice of the threshold would have given."""

import numpy as np

from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.intervals import compare
from agnsf.evaluation.thresholds import choose_threshold, trade_off

__all__ = ["operating_points", "trade_off_rows"]

_DECISIONS = (
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "purity_agn",
    "completeness_agn",
    "f1_agn",
    "purity_sf",
    "completeness_sf",
    "f1_sf",
)

# Thresholds that are named, not chosen. Those of Xu (2023) come in both readings: its numbers fit
# a score that rises towards SF, its text says that 1 is AGN.
_NAMED = {
    "one half": 0.5,
    "Xu (2023), p_SF > 0.3: AGN where p_agn >= 0.7": 0.7,
    "Xu (2023), p_agn > 0.3": float(np.nextafter(0.3, 1)),
    "everything AGN": 0.0,
}


def operating_points(sample, bootstrap, *, purity=0.9, completeness=0.9):
    """
    Return what the usual choices of the threshold give on the evaluated galaxies.

    Parameters
    ----------
    sample : Sample
        The galaxies. Thresholds are chosen on its validation rows; where it has none, on the
        evaluated galaxies themselves, which flatters them.
    bootstrap : Bootstrap
        How to make intervals.
    purity, completeness : float, optional
        What two of the thresholds are to reach.

    Returns
    -------
    points : dict of str to dict
        By what the threshold stands for: ``threshold``, ``selected`` (galaxies predicted AGN) and
        ``metrics``. Where no threshold reaches what is wanted there is only ``why_not``.
    """
    chosen_on = sample.validation or (sample.is_agn, sample.p_agn)
    wanted = {
        f"purity {purity:g}": {"purity": purity},
        f"completeness {completeness:g}": {"completeness": completeness},
        "best accuracy": {},
    }
    thresholds, points = {"in use": sample.threshold}, {"in use": {}}
    for name, options in wanted.items():
        points[name] = {}
        try:
            thresholds[name] = choose_threshold(*chosen_on, **options)
        except EvaluationError as exc:
            points[name] = {"why_not": str(exc)}
    thresholds |= _NAMED
    found = compare(
        sample.is_agn,
        {name: (sample.p_agn, threshold) for name, threshold in thresholds.items()},
        weights=sample.weights,
        bootstrap=bootstrap,
        names=_DECISIONS,
    )
    for name, threshold in thresholds.items():
        selected = int((sample.p_agn >= threshold).sum())
        points[name] = {"threshold": threshold, "selected": selected, "metrics": found[name][0]}
    return points


def trade_off_rows(sample, *, step=0.05):
    """
    Return the trade-off at evenly spaced thresholds, for a reader.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    step : float, optional
        From one threshold to the next.

    Returns
    -------
    rows : list of dict
        ``threshold``, ``purity``, ``completeness``, ``accuracy`` and ``selected``.
    """
    found = trade_off(sample.is_agn, sample.p_agn, weights=sample.weights)
    rows = []
    for threshold in np.arange(0, 1 + step / 2, step).round(10):
        # The thresholds of a trade-off lie between galaxies: the last one at or below selects the same.
        at = np.searchsorted(np.unique(sample.p_agn), threshold)
        columns = ("purity", "completeness", "accuracy", "selected")
        rows.append({"threshold": float(threshold)} | {name: float(getattr(found, name)[at]) for name in columns})
    return rows
