# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The redshift, and not the magnitude of the same name."""

import numpy as np

from agnsf.columns import ColumnError

__all__ = ["check_redshift", "redshift_name"]

_LOWEST, _HIGHEST = -0.1, 10.0


def redshift_name(lookup, known):
    """
    Return the column that holds the redshift, or None.

    A column ``redshift`` comes first. A ``z`` beside u, g, r and i is a magnitude.
    """
    for candidate in ("redshift", *((known,) if known else ()), "z"):
        name = lookup.name(candidate)
        if name is None:
            continue
        if name.lower() == "z" and all(_has_any_case(lookup, band) for band in "ugri"):
            continue
        return name
    return None


def _has_any_case(lookup, band):
    return any(name.lower() == band for name in lookup.table.colnames)


def check_redshift(column, name):
    """Raise `ColumnError` if values cannot be redshifts."""
    values = np.ma.getdata(column)
    with np.errstate(invalid="ignore"):
        bad = ((values <= _LOWEST) | (values >= _HIGHEST)) & ~np.ma.getmaskarray(column)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise ColumnError(
            f"Column {name!r} is no redshift: {bad.sum()} of {len(values)} values lie outside"
            f" ({_LOWEST:g}, {_HIGHEST:g}), the first is {values[first]:g} in row {first};"
            " mask them, or name the column that is by --column z=NAME"
        )
