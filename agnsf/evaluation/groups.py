# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Galaxies in groups: the bins of a number, or the values of a text."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from agnsf.columns import float_values, require_columns
from agnsf.datasets.labels import strings
from agnsf.evaluation.inputs import EvaluationError, checked, checked_weights
from agnsf.evaluation.intervals import Bootstrap, Estimate, estimate

__all__ = ["Groups", "cells", "column_groups", "metrics_by_group", "within_auc"]

UNKNOWN = "unknown"

# No more bins than a reader takes in, and so many galaxies in each that a metric means something.
_MOST_BINS = 5
_PER_BIN = 50
_MOST_VALUES = 40
# Galaxies alike in several columns: cells may be small, since only their pairs are counted.
_PER_CELL = 20
_MOST_CELL_BINS = 20


@dataclass(frozen=True, eq=False)
class Groups:
    """
    Which group each galaxy is in.

    Parameters
    ----------
    column : str
        The column that they come from.
    names : tuple of str
        What to call them; the last is ``unknown`` where the column has gaps.
    index : `~numpy.ndarray` of int, shape (n,)
        The number of each galaxy's group.
    edges : tuple of float
        Ends of the bins, where the column holds numbers; empty where it holds text.
    """

    column: str
    names: tuple
    index: np.ndarray
    edges: tuple = ()


def _bin_names(edges):
    """Return names of bins, with as many decimals as tell them apart."""
    narrowest = np.diff(edges).min()
    decimals = int(np.clip(2 - np.floor(np.log10(narrowest)), 0, 17)) - 1 if narrowest < 100 else 0
    ends = [f"{edge:.{max(decimals, 0)}f}" for edge in edges]
    return tuple(f"{low} to {high}" for low, high in pairwise(ends))


def _bins(values, count):
    """Return the edges of bins of about equal numbers, and the bin of every finite value."""
    known = np.isfinite(values)
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, count + 1)))
    if len(edges) == 1:
        edges = np.repeat(edges, 2)
    index = np.searchsorted(edges[1:-1], values, side="right")
    return edges, np.where(known, index, len(edges) - 1)


def column_groups(table, name):
    """
    Return the groups that a column makes.

    Numbers are cut into at most five bins of about equal numbers of galaxies; text, truth values
    and whole numbers of few different values make a group of each value.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies.
    name : str
        The column.

    Returns
    -------
    groups : Groups
        Rows without a value are a group of their own.

    Raises
    ------
    ColumnError
        If there is no such column.
    EvaluationError
        If it holds text of more than 40 different values, as an id does.
    """
    require_columns(table, [name], who="Evaluation by groups")
    if table[name].ndim != 1:
        raise EvaluationError(f"Column {name!r} holds several values in each row; groups need one")
    kind = table[name].dtype.kind
    if kind in "fiu":
        values = float_values(table, name)
        known = np.isfinite(values)
        distinct = np.unique(values[known])
        if kind == "f" or len(distinct) > _MOST_BINS:
            if not known.any():
                return Groups(name, (UNKNOWN,), np.zeros(len(table), dtype=int))
            edges, index = _bins(values, int(np.clip(known.sum() // _PER_BIN, 1, _MOST_BINS)))
            names = _bin_names(edges) if edges[0] < edges[-1] else (f"{edges[0]:.3g}",)
            return Groups(name, names + (UNKNOWN,) * (not known.all()), index, tuple(edges.tolist()))
        texts = np.where(known, np.array([f"{value:.0f}" for value in np.nan_to_num(values)]), "")
    else:
        texts = strings(table[name])
    found = sorted(set(texts.tolist()) - {""})
    if len(found) > _MOST_VALUES:
        raise EvaluationError(
            f"Column {name!r} has {len(found)} different values; groups are made of at most {_MOST_VALUES}"
        )
    number = {text: i for i, text in enumerate(found)} | {"": len(found)}
    index = np.array([number[text] for text in texts.tolist()], dtype=int)
    return Groups(name, tuple(found) + (UNKNOWN,) * bool((texts == "").any()), index)


def cells(table, names):
    """
    Return groups of galaxies that are alike in several columns.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies.
    names : sequence of str
        Columns of numbers, cut into bins of about equal numbers of galaxies: as many as leave
        about 20 galaxies in a cell; or of text.

    Returns
    -------
    index : `~numpy.ndarray` of int, shape (n,)
        The number of each galaxy's cell; -1 where a column has no value.
    bins : dict of str to int
        How many bins each column was cut into.
    """
    require_columns(table, names, who="Evaluation at fixed columns")
    count = int(np.clip((len(table) / _PER_CELL) ** (1 / len(names)), 2, _MOST_CELL_BINS))
    index, bins = np.zeros(len(table), dtype=int), {}
    for name in names:
        if table[name].dtype.kind in "fiu":
            values = float_values(table, name)
            if not np.isfinite(values).any():
                raise EvaluationError(f"Column {name!r} has no value in any evaluated row; nothing is alike in it")
            edges, part = _bins(values, count)
            bins[name], missing = len(edges) - 1, ~np.isfinite(values)
        else:
            texts, part = np.unique(strings(table[name]), return_inverse=True)
            bins[name], missing = len(texts), (texts == "")[part]
        index = np.where(missing | (index < 0), -1, index * (bins[name] + 1) + part)
    return index, bins


def metrics_by_group(sample, groups, bootstrap):
    """
    Return every metric in every group.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    groups : Groups
        Their groups.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    metrics : dict of str to dict of str to Estimate
        By the group's name and the metric's.
    """
    found = {}
    for number, name in enumerate(groups.names):
        inside = groups.index == number
        weights = None if sample.weights is None else sample.weights[inside]
        found[name] = estimate(
            sample.is_agn[inside],
            sample.p_agn[inside],
            threshold=sample.threshold,
            weights=weights,
            bootstrap=bootstrap,
        )
    return found


def within_auc(is_agn, p_agn, index, *, weights=None, bootstrap=None):
    """
    Return the ROC AUC of pairs of galaxies in the same group.

    It is the chance that an AGN has a higher ``p_agn`` than an SF galaxy of its own group: what
    the groups themselves tell about the class does not count.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        Between 0 and 1.
    index : array-like of int, shape (n,)
        The number of each galaxy's group; those below zero are in none.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.
    bootstrap : Bootstrap, optional
        How to make the interval.

    Returns
    -------
    roc_auc : Estimate
        The mean over the groups, each weighted by its number of pairs; ``n`` counts the galaxies
        that have a partner of the other class in their group.

    Examples
    --------
    >>> from agnsf.evaluation import within_auc
    >>> within_auc([0, 1, 0, 1], [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]).value
    1.0
    """
    bootstrap = bootstrap or Bootstrap()
    is_agn, p_agn = checked(is_agn, p_agn)
    weights, index = checked_weights(weights, len(p_agn)), np.asarray(index)
    both = np.intersect1d(index[is_agn & (index >= 0)], index[~is_agn & (index >= 0)])
    used = np.isin(index, both)
    if not used.any():
        return Estimate(np.nan, np.nan, np.nan, 0, np.nan)
    is_agn, p_agn, index, weights = is_agn[used], p_agn[used], index[used], weights[used]
    order = np.lexsort((-p_agn, index))
    ordered_index, ordered_p, agn_there = index[order], p_agn[order], is_agn[order]
    new_group = np.append(True, np.diff(ordered_index) != 0)
    ties = np.flatnonzero(new_group | np.append(True, np.diff(ordered_p) != 0))
    groups = np.flatnonzero(new_group[ties])
    sizes = np.diff(groups, append=len(ties))

    def pairs(block):
        block = block[:, order]
        agn = np.add.reduceat(block * agn_there, ties, axis=1)
        sf = np.add.reduceat(block * ~agn_there, ties, axis=1)
        above = np.cumsum(agn, axis=1)
        # Only the AGN of the same group count: take away what stood above its first galaxy.
        above -= np.repeat(above[:, groups] - agn[:, groups], sizes, axis=1)
        right = np.einsum("bk,bk->b", sf, above - agn / 2)
        n_agn, n_sf = np.add.reduceat(agn, groups, axis=1), np.add.reduceat(sf, groups, axis=1)
        with np.errstate(invalid="ignore"):
            return right / np.einsum("bg,bg->b", n_agn, n_sf)

    value = float(pairs(weights[None, :])[0])
    resampled = np.concatenate([pairs(block) for block in bootstrap.draws(is_agn, weights)])
    ends = bootstrap.interval(resampled) if 0 < value < 1 else (np.nan, np.nan)
    return Estimate(value, *ends, len(p_agn), float(np.average(is_agn, weights=weights)))
