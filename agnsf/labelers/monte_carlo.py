# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How sure a class is: labels of galaxies whose measurements are drawn anew from their errors."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
from astropy.table import Table

from agnsf.columns import LABELS, ColumnError, float_values
from agnsf.labelers.counts import plain_labels

__all__ = ["label_probabilities"]

#: Labels that have a column in any case.
_ALWAYS = ("SF", "composite", "AGN")
#: Drawn galaxies that are labeled at a time.
_AT_ONCE = 262_144


def _without_limits(labeler):
    """Return the labeler, for measurements that have no errors."""
    if is_dataclass(labeler) and any(field.name == "limits" for field in fields(labeler)):
        return replace(labeler, limits=False)
    return labeler


def _drawn(values, errors, draws, rng):
    """Return a table of ``draws`` times the rows, the draws of one galaxy far apart; it has no errors."""
    table = {}
    for name, value in values.items():
        noise = errors[name] * rng.standard_normal((draws, len(value))) if name in errors else 0.0
        table[name] = np.broadcast_to(value + noise, (draws, len(value))).ravel()
    return Table(table, copy=False)


def label_probabilities(labeler, table, *, draws, seed=0):
    """
    Return how often each label is found when measurements are drawn from their errors.

    Each measurement is drawn from a normal distribution around its value with its error as the
    standard deviation, and every draw is labeled without a cut in the signal-to-noise ratio, which
    is what the draws are about.

    Parameters
    ----------
    labeler : `~agnsf.Labeler`
        The rule.
    table : `~astropy.table.Table`
        With the columns that it requires, and the error ``…_err`` of at least one of them; the
        others are taken as exact.
    draws : int
        How often to draw.
    seed : int, optional
        Of the random numbers; the same seed gives the same columns.

    Returns
    -------
    columns : dict of str to masked `~numpy.ndarray` of float64, each of shape (n,)
        ``p_label_sf``, ``p_label_composite``, ``p_label_agn``, further ones for other labels that
        occur, and ``p_label_undefined`` for the draws without a label, for example with a flux that
        is not positive. They sum to one, and are masked where a measurement or an error is missing.

    Raises
    ------
    ColumnError
        If the table has none of the errors.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.bpt import BptNii
    >>> from agnsf.labelers.monte_carlo import label_probabilities
    >>> table = Table({'h_alpha_flux': [100.0], 'nii_6584_flux': [80.0],
    ...                'h_beta_flux': [30.0], 'oiii_5007_flux': [90.0]})
    >>> for name in table.colnames:
    ...     table[f'{name}_err'] = [1.0]
    >>> label_probabilities(BptNii(), table, draws=100)['p_label_agn'].tolist()
    [1.0]
    """
    if draws < 1:
        raise ColumnError(f"The number of Monte Carlo draws must be 1 or more, not {draws}")
    names = [name for name in (*labeler.requires, *labeler.optional) if name in table.colnames]
    values = {name: float_values(table, name) for name in names}
    errors = {name: float_values(table, f"{name}_err") for name in names if f"{name}_err" in table.colnames}
    if not errors:
        wanted = ", ".join(f"{name}_err" for name in labeler.requires)
        raise ColumnError(
            f"Monte Carlo draws for labeler {labeler.name!r} need errors: at least one column of {wanted}"
        )
    known = np.ones(len(table), dtype=bool)
    for name in labeler.requires:
        known &= np.isfinite(values[name])
        if name in errors:
            known &= np.isfinite(errors[name]) & (errors[name] > 0)
    rows = np.flatnonzero(known)
    found = np.zeros((len(LABELS), len(table)))
    rule, step = _without_limits(labeler), max(1, _AT_ONCE // draws)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        drawn = _drawn(
            {name: column[part] for name, column in values.items()},
            {name: np.nan_to_num(column[part]) for name, column in errors.items()},
            draws,
            np.random.default_rng([seed, start]),
        )
        labels = plain_labels(rule.label(drawn)["label"]).reshape(draws, len(part))
        for i, name in enumerate(LABELS):
            found[i, part] = np.count_nonzero(labels == name, axis=0)
    counts = dict(zip(LABELS, found, strict=True))
    counts = {name: count for name, count in counts.items() if name in _ALWAYS or count.any()}
    undefined = draws - sum(counts.values())
    columns = {f"p_label_{name.lower()}": count / draws for name, count in counts.items()}
    columns["p_label_undefined"] = undefined / draws
    return {name: np.ma.MaskedArray(np.where(known, column, np.nan), mask=~known) for name, column in columns.items()}
