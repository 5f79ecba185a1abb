# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How many galaxies have which class."""

from collections import Counter

import numpy as np

from agnsf.columns import LABELS, LabelFlag, float_values, is_masked

__all__ = ["class_counts", "cross_table", "flag_counts", "plain_labels", "significant"]


def plain_labels(labels):
    """
    Return labels as plain strings.

    Parameters
    ----------
    labels : array-like of str, shape (n,)
        Masked where there is no class.

    Returns
    -------
    labels : `~numpy.ndarray` of str, shape (n,)
        Empty where masked.
    """
    return np.where(is_masked(labels), "", np.ma.getdata(np.asarray(labels)).astype(str))


def _rank(name):
    return (LABELS.index(name) if name in LABELS else len(LABELS) + (name == ""), name)


def class_counts(labels, rows=slice(None)):
    """
    Return the number of galaxies in each class.

    Parameters
    ----------
    labels : array-like of str, shape (n,)
        Masked where there is no class.
    rows : slice or `~numpy.ndarray` of bool, optional
        Rows to count.

    Returns
    -------
    counts : dict of str to int
        In the order of `agnsf.columns.LABELS`; last those without a class, under the empty string.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.labelers.counts import class_counts
    >>> class_counts(np.ma.MaskedArray(['AGN', 'SF', 'AGN', ''], mask=[False, False, False, True]))
    {'SF': 1, 'AGN': 2, '': 1}
    """
    names, counts = np.unique(plain_labels(labels)[rows], return_counts=True)
    return {name: int(counts[list(names).index(name)]) for name in sorted(names.tolist(), key=_rank)}


def flag_counts(flags):
    """
    Return how often each reason for having no class occurs.

    Parameters
    ----------
    flags : array-like of int, shape (n,)
        The column ``label_flag``.

    Returns
    -------
    counts : dict of str to int
        By the name of the bit in words; reasons that do not occur are left out.

    Examples
    --------
    >>> from agnsf.labelers.counts import flag_counts
    >>> flag_counts([0, 2, 6])
    {'non positive flux': 2, 'low snr': 1}
    """
    flags = np.asarray(flags)
    counts = {bit.name.lower().replace("_", " "): int(np.count_nonzero(flags & bit.value)) for bit in LabelFlag}
    return {name: count for name, count in counts.items() if count}


def cross_table(first, second):
    """
    Return how the classes of two labelers go together.

    Parameters
    ----------
    first, second : array-like of str, shape (n,)
        Masked where there is no class.

    Returns
    -------
    counts : dict of tuple of str to int
        The number of galaxies for each pair of classes that occurs; a missing class is the empty string.

    Examples
    --------
    >>> from agnsf.labelers.counts import cross_table
    >>> cross_table(['AGN', 'SF', 'AGN'], ['SF', 'SF', 'AGN'])
    {('SF', 'SF'): 1, ('AGN', 'SF'): 1, ('AGN', 'AGN'): 1}
    """
    pairs = Counter(zip(plain_labels(first).tolist(), plain_labels(second).tolist(), strict=True))
    return {pair: pairs[pair] for pair in sorted(pairs, key=lambda pair: (_rank(pair[0]), _rank(pair[1])))}


def significant(table, fluxes, *, snr):
    """
    Return which galaxies have all their lines at a signal-to-noise ratio.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the fluxes and their errors.
    fluxes : iterable of str
        The lines' columns.
    snr : float
        What each must reach.

    Returns
    -------
    rows : `~numpy.ndarray` of bool, shape (n,), or None
        None where the table lacks an error.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.counts import significant
    >>> table = Table({'h_alpha_flux': [9.0, 2.0], 'h_alpha_flux_err': [1.0, 1.0]})
    >>> significant(table, ['h_alpha_flux'], snr=3).tolist()
    [True, False]
    """
    if not all(f"{name}_err" in table.colnames for name in fluxes):
        return None
    rows = np.ones(len(table), dtype=bool)
    for name in fluxes:
        flux, err = float_values(table, name), float_values(table, f"{name}_err")
        rows &= (err > 0) & (flux >= snr * err)
    return rows
