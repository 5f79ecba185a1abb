# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Intervals by the bootstrap: stratified, seeded, and all resamples of a block at once."""

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np

from agnsf.evaluation.inputs import EvaluationError, checked, checked_weights
from agnsf.evaluation.metrics import METRICS, Scored, score

__all__ = ["Bootstrap", "Estimate", "compare", "estimate"]

# Numbers in one block of resamples: 1 MB in float64, which stays in a processor's cache.
_BLOCK = 2**17

# Shares of galaxies: where all or none are right the bootstrap has no spread, and Wilson's interval stands in.
_SHARES = ("accuracy", "purity_agn", "completeness_agn", "purity_sf", "completeness_sf")


@dataclass(frozen=True)
class Estimate:
    """
    A metric with its interval.

    Parameters
    ----------
    value : float
        On the sample itself; NaN where the metric is not defined.
    low, high : float
        Ends of the interval; NaN where there is none.
    n : int
        How many galaxies it is of.
    base_rate : float
        Share of AGN among them.
    """

    value: float
    low: float
    high: float
    n: int
    base_rate: float

    def as_dict(self):
        """Return the fields for JSON, None in place of NaN."""
        return {key: None if math.isnan(value) else value for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Bootstrap:
    """
    How intervals are made.

    Parameters
    ----------
    level : float, optional
        Probability that an interval is to cover, between 0 and 1.
    resamples : int, optional
        How often the galaxies are drawn anew, with replacement, within each class.
    seed : int, optional
        The same seed gives the same intervals.

    Raises
    ------
    EvaluationError
        If an option is out of its range.
    """

    level: float = 0.95
    resamples: int = 2000
    seed: int = 0

    def __post_init__(self):
        if not 0 < self.level < 1:
            raise EvaluationError(f"The level of an interval must lie between 0 and 1, not {self.level}")
        if self.resamples < 20:
            raise EvaluationError(f"An interval needs at least 20 resamples, not {self.resamples}")

    def draws(self, is_agn, weights):
        """
        Yield blocks of weights: how often each galaxy is drawn, times its own weight.

        Parameters
        ----------
        is_agn : `~numpy.ndarray` of bool, shape (n,)
            The classes; as many of each are drawn as there are.
        weights : `~numpy.ndarray` of float64, shape (n,)
            Weight of each galaxy.

        Yields
        ------
        weights : `~numpy.ndarray` of float64, shape (b, n)
            The b of all blocks add up to ``resamples``.
        """
        rng = np.random.default_rng(self.seed)
        n = len(is_agn)
        classes = [indices.astype(np.int32) for indices in (np.flatnonzero(is_agn), np.flatnonzero(~is_agn))]
        size = max(1, _BLOCK // max(n, 1))
        for start in range(0, self.resamples, size):
            b = min(size, self.resamples - start)
            first = np.arange(b, dtype=np.int32)[:, None] * np.int32(n)
            flat = [
                (members[rng.integers(len(members), size=(b, len(members)), dtype=np.int32)] + first).ravel()
                for members in classes
                if len(members)
            ]
            counts = np.bincount(np.concatenate(flat), minlength=b * n) if flat else np.zeros(0)
            yield counts.reshape(b, n) * weights

    def interval(self, values):
        """
        Return the ends of the percentile interval of resampled values.

        Parameters
        ----------
        values : `~numpy.ndarray` of float64, shape (resamples,)
            NaN where a metric is not defined in a resample.

        Returns
        -------
        low, high : float
            NaN where the metric is defined in fewer than half of the resamples.
        """
        values = values[np.isfinite(values)]
        if len(values) < self.resamples / 2:
            return math.nan, math.nan
        low, high = np.quantile(values, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(low), float(high)

    def wilson(self, value, n):
        """
        Return the ends of the interval of Wilson (1927) for a share of n galaxies.

        Parameters
        ----------
        value : float
            The share.
        n : float
            The number of galaxies, or the effective number of weighted ones.

        Returns
        -------
        low, high : float
            Between 0 and 1.
        """
        if not n > 0:
            return math.nan, math.nan
        z = NormalDist().inv_cdf((1 + self.level) / 2)
        middle = (value + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(value * (1 - value) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def _values(scored, is_agn, weights, bootstrap, names):
    """Return metrics of the sample and of its resamples, for several probabilities of the same galaxies."""
    samples = [score(one, weights[None, :], names=names) for one in scored]
    blocks = [[score(one, block, names=names) for one in scored] for block in bootstrap.draws(is_agn, weights)]
    resampled = [
        {name: np.concatenate([block[i][name] for block in blocks]) for name in names} for i in range(len(scored))
    ]
    return [{name: float(values[name][0]) for name in names} for values in samples], resampled


def _effective(weights):
    """Return the number of equal weights that would do as well (Kish 1965)."""
    return weights.sum() ** 2 / (weights**2).sum() if weights.any() else 0.0


def _share_of(name, is_agn, selected):
    """Return which galaxies a share is the share of."""
    return {
        "accuracy": np.ones(len(is_agn), dtype=bool),
        "purity_agn": selected,
        "completeness_agn": is_agn,
        "purity_sf": ~selected,
        "completeness_sf": ~is_agn,
    }[name]


def _ends(name, value, values, bootstrap, counts):
    """Return the ends of a metric's interval."""
    if math.isnan(value):
        return math.nan, math.nan
    if name == "ece":  # a sum of absolute values: drawing anew adds noise, and noise adds to the sum
        values = np.maximum(values - (np.nanmedian(values) - value), 0)
    finite = values[np.isfinite(values)]
    if not len(finite) or np.ptp(finite) < 1e-12:
        if name in counts:
            return bootstrap.wilson(value, counts[name])
        if value == 1 or (name == "roc_auc" and value == 0) or counts["smallest"] < 2:
            return math.nan, math.nan
    return bootstrap.interval(values)


def estimate(is_agn, p_agn, *, threshold=0.5, weights=None, bootstrap=None, names=tuple(METRICS)):
    """
    Return every metric with its interval.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        Between 0 and 1.
    threshold : float, optional
        Galaxies with ``p_agn`` at or above it are predicted AGN.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.
    bootstrap : Bootstrap, optional
        Level, number of resamples and seed of the intervals.
    names : tuple of str, optional
        The metrics to compute, among ``METRICS``.

    Returns
    -------
    estimates : dict of str to Estimate
        By the names of ``METRICS``.

    Raises
    ------
    EvaluationError
        If the input is wrong.

    Notes
    -----
    The intervals are percentiles of a bootstrap that draws within each class: they hold at the
    ``base_rate`` of the sample, on which accuracy and purity depend. A share that is 0 or 1, in
    which resampling finds no spread, has Wilson's interval. The resamples of ``ece`` are shifted
    back by the bias that drawing adds to them. A ROC AUC of exactly 0 or 1 has no interval.

    Examples
    --------
    >>> from agnsf.evaluation import estimate
    >>> found = estimate([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    >>> found['roc_auc'].value, found['accuracy'].value
    (0.75, 0.5)
    """
    return compare(is_agn, {"": (p_agn, threshold)}, weights=weights, bootstrap=bootstrap, names=names)[""][0]


def compare(is_agn, candidates, *, weights=None, bootstrap=None, names=tuple(METRICS)):
    """
    Return the metrics of several classifiers on the same galaxies, and their paired differences.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    candidates : dict of str to tuple of (array-like of float, shape (n,), float)
        Name of each classifier, its ``p_agn`` and its threshold.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.
    bootstrap : Bootstrap, optional
        Level, number of resamples and seed of the intervals.
    names : tuple of str, optional
        The metrics to compute, among ``METRICS``.

    Returns
    -------
    found : dict of str to tuple of (dict, dict)
        For each name the estimates and the differences from the first candidate, both dicts of
        `Estimate` by the metric's name. The interval of a difference comes from resamples in which
        both classifiers see the same galaxies.

    Raises
    ------
    EvaluationError
        If the input is wrong.

    Examples
    --------
    >>> from agnsf.evaluation import compare
    >>> found = compare([0, 0, 1, 1], {'a': ([0.1, 0.6, 0.4, 0.9], 0.5), 'b': ([0.1, 0.2, 0.4, 0.9], 0.5)})
    >>> found['b'][1]['roc_auc'].value
    0.25
    """
    bootstrap = bootstrap or Bootstrap()
    checked_candidates = {name: (*checked(is_agn, p_agn), threshold) for name, (p_agn, threshold) in candidates.items()}
    classes = next(iter(checked_candidates.values()))[0]
    weights = checked_weights(weights, len(classes))
    scored = [Scored.of(classes, p_agn, threshold) for _, p_agn, threshold in checked_candidates.values()]
    values, resampled = _values(scored, classes, weights, bootstrap, names)
    n, base_rate = len(classes), float(np.average(classes, weights=weights)) if len(classes) else math.nan
    smallest = min((count for count in (classes.sum(), (~classes).sum()) if count), default=0)
    found = {}
    for i, (name, (_, p_agn, threshold)) in enumerate(checked_candidates.items()):
        selected = p_agn >= threshold
        counts = {"smallest": smallest}
        counts |= {share: _effective(weights[_share_of(share, classes, selected)]) for share in _SHARES}
        estimates, differences = {}, {}
        for metric in names:
            ends = _ends(metric, values[i][metric], resampled[i][metric], bootstrap, counts)
            estimates[metric] = Estimate(values[i][metric], *ends, n, base_rate)
            change = values[i][metric] - values[0][metric]
            ends = bootstrap.interval(resampled[i][metric] - resampled[0][metric])
            differences[metric] = Estimate(change, *ends, n, base_rate)
        found[name] = (estimates, differences)
    return found
