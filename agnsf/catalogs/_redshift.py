# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The redshift, and not the magnitude of the same name."""

import warnings

import numpy as np

from agnsf.catalogs._lookup import finished
from agnsf.columns import AgnsfWarning, ColumnError

__all__ = ["checked_redshift", "redshift_name"]

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


def checked_redshift(column, name, *, lenient):
    """Return a column whose values can be redshifts; others are masked if ``lenient``, else a `ColumnError`."""
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    if values.dtype.kind not in "iuf":
        raise ColumnError(f"Column {name!r} is no redshift: it holds {values.dtype}, not numbers")
    with np.errstate(invalid="ignore"):
        bad = ((values <= _LOWEST) | (values >= _HIGHEST)) & ~mask
    if not bad.any():
        return column
    first = int(np.flatnonzero(bad)[0])
    found = (
        f"{bad.sum()} of {len(values)} values lie outside ({_LOWEST:g}, {_HIGHEST:g}), "
        f"the first is {values[first]:g} in row {first}"
    )
    remedy = "mask them, or name the column that is by --column z=NAME"
    if not lenient:
        raise ColumnError(f"Column {name!r} is no redshift: {found}; {remedy}")
    warnings.warn(f"Redshifts in column {name!r} count as missing: {found}; {remedy}", AgnsfWarning, stacklevel=4)
    return finished(values, mask | bad, column.name)
