# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Whether probabilities mean what they say."""

import math

import numpy as np

from agnsf.evaluation.metrics import CALIBRATION_BINS

__all__ = ["expected_ece", "reliability"]


def _bin_of(p_agn):
    return np.minimum((p_agn * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)


def expected_ece(p_agn, *, weights=None, quantile=0.95, draws=1000, seed=0):
    """
    Return how large the ECE of perfectly calibrated probabilities may be at this number of galaxies.

    Even then the share of AGN in a bin differs from the probability, by chance; the classes are
    drawn anew from the probabilities to see by how much.

    Parameters
    ----------
    p_agn : array-like of float, shape (n,)
        Between 0 and 1.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.
    quantile : float, optional
        Which quantile of the draws to return.
    draws : int, optional
        How often to draw the classes.
    seed : int, optional
        The same seed gives the same draws.

    Returns
    -------
    ece : float
        NaN without galaxies.

    Examples
    --------
    >>> from agnsf.evaluation import expected_ece
    >>> expected_ece([0.0, 1.0])
    0.0
    """
    p_agn = np.asarray(p_agn, dtype=np.float64)
    if not len(p_agn):
        return math.nan
    weights = np.ones(len(p_agn)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(p_agn, kind="stable")
    p_agn, weights = p_agn[order], weights[order]
    starts = np.flatnonzero(np.append(True, np.diff(_bin_of(p_agn)) != 0))
    rng = np.random.default_rng(seed)
    found = []
    block = max(1, 2**20 // len(p_agn))
    for start in range(0, draws, block):
        is_agn = rng.random((min(block, draws - start), len(p_agn))) < p_agn
        found.append(np.abs(np.add.reduceat((is_agn - p_agn) * weights, starts, axis=1)).sum(axis=1))
    return float(np.quantile(np.concatenate(found) / weights.sum(), quantile))


def reliability(sample, bootstrap):
    """
    Return the share of AGN in bins of ``p_agn``, and what is left to chance.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    bootstrap : Bootstrap
        Level of the intervals, and the seed.

    Returns
    -------
    found : dict
        ``bins``: a list with ``low``, ``high``, ``n``, ``mean_p_agn``, ``share_agn`` and Wilson's
        interval of it, ``share_low`` and ``share_high``, for each bin that has galaxies.
        ``ece_of_perfect_calibration``: the 95th percentile of the ECE of a perfectly calibrated
        classifier at this number of galaxies.
    """
    weights = np.ones(len(sample.rows)) if sample.weights is None else sample.weights
    number, bins = _bin_of(sample.p_agn), []
    for i in range(CALIBRATION_BINS):
        inside = number == i
        if not inside.any():
            continue
        share = float(np.average(sample.is_agn[inside], weights=weights[inside]))
        low, high = bootstrap.wilson(share, weights[inside].sum() ** 2 / (weights[inside] ** 2).sum())
        bins.append(
            {
                "low": i / CALIBRATION_BINS,
                "high": (i + 1) / CALIBRATION_BINS,
                "n": int(inside.sum()),
                "mean_p_agn": float(np.average(sample.p_agn[inside], weights=weights[inside])),
                "share_agn": share,
                "share_low": low,
                "share_high": high,
            }
        )
    expected = expected_ece(sample.p_agn, weights=sample.weights, seed=bootstrap.seed)
    return {"bins": bins, "ece_of_perfect_calibration": expected}
