# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Divide a table into train, validation and test."""

import numpy as np

from agnsf.columns import SPLITS, ColumnError, require_columns
from agnsf.datasets.groups import sky_groups
from agnsf.datasets.labels import binary_labels, strings

__all__ = ["given_split", "split"]


def split(table, *, how="random", fractions=(0.75, 0.15, 0.10), seed=0, composites=None):
    """
    Return the part of the sample that each galaxy belongs to, balanced by class.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the column ``label``, and for ``how="sky"`` with ``ra`` and ``dec`` in degrees, or
        an ``id``.
    how : {'random', 'sky'}, optional
        ``random`` draws single galaxies. ``sky`` draws HEALPix cells of about 0.9 degrees with
        all the galaxies in them, joined where two galaxies lie within 3 arcsec or have one
        ``id``; so duplicates are never on both sides, and neighbors only where a border
        between two cells parts them. Rows without coordinates are grouped by ``id``.
    fractions : tuple of 3 floats, optional
        Shares of train, validation and test; they add up to 1.
    seed : int, optional
        The same seed gives the same split.
    composites : {'agn', 'sf', 'drop'} or None, optional
        As in `agnsf.datasets.binary_labels`; it decides which classes are balanced.

    Returns
    -------
    parts : `~numpy.ndarray` of str, shape (n,)
        ``train``, ``validation`` or ``test``, for every row, labeled or not.

    Raises
    ------
    ColumnError
        If the columns are not there.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.datasets import split
    >>> parts = split(Table({'label': ['SF', 'AGN'] * 50}), seed=1)
    >>> [int((parts == name).sum()) for name in ('train', 'validation', 'test')]
    [75, 15, 10]
    """
    shares = np.asarray(fractions, dtype=float)
    if shares.shape != (3,) or (shares < 0).any() or not np.isclose(shares.sum(), 1):
        raise ValueError(f"fractions must be three shares that add up to 1, not {fractions!r}")
    classes = np.nan_to_num(binary_labels(table, composites=composites), nan=2).astype(int)
    rng = np.random.default_rng(seed)
    if how == "random":
        parts = _by_row(classes, shares, rng)
    elif how == "sky":
        parts = _by_group(sky_groups(table), classes, shares, rng)
    else:
        raise ValueError(f"how must be 'random' or 'sky', not {how!r}")
    return np.array(SPLITS)[parts]


def _by_row(classes, shares, rng):
    """Cut each class, shuffled, at the shares; the classes' roundings make up for each other."""
    parts = np.empty(len(classes), dtype=np.intp)
    order = rng.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    # One pass along the sorted classes: the k-th row goes to the part that is furthest behind its share.
    start, given = 0, np.zeros(3)
    for number in np.unique(classes):
        rows = order[start : start + np.count_nonzero(classes == number)]
        start += len(rows)
        goal = shares * start - given
        counts = np.floor(np.clip(goal, 0, None)).astype(int)
        behind = np.argsort(-(goal - counts), kind="stable")
        counts[behind[: len(rows) - counts.sum()]] += 1
        given += counts
        parts[rows] = np.repeat(np.arange(3), counts)
    return parts


def _by_group(groups, classes, shares, rng):
    """Give whole groups, the large ones first, to the part that is furthest behind in their classes."""
    numbers, members = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(numbers), 3))
    np.add.at(counts, (members, classes), 1)
    order = rng.permutation(len(numbers))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    totals = np.maximum(counts.sum(axis=0), 1)
    missing = shares[:, None] * counts.sum(axis=0) / totals  # of each part, as a share of each class
    chosen = np.empty(len(numbers), dtype=np.intp)
    for group in order:
        own = counts[group] / totals
        part = int(np.argmax(missing @ own))
        chosen[group] = part
        missing[part] -= own
    return chosen[members]


def given_split(table):
    """
    Return the column ``split`` of a table that has one, checked.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the column ``split``.

    Returns
    -------
    parts : `~numpy.ndarray` of str, shape (n,)
        ``train``, ``validation``, ``test``, or empty where the row belongs to none.

    Raises
    ------
    ColumnError
        For another value.
    """
    require_columns(table, ["split"], who="Training")
    parts = strings(table["split"])
    strange = sorted(set(parts.tolist()) - {"", *SPLITS})
    if strange:
        raise ColumnError(f"The column split holds {strange[0]!r}; it must be {', '.join(SPLITS)}, or masked")
    return parts
