# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The one form that values have in memory, whichever format they were read from."""

import numpy as np
from astropy.table import Column, MaskedColumn

__all__ = ["blank", "free_integer", "normalize", "with_values"]


def with_values(column, values, mask):
    """Return a column of other values that keeps name, unit, format, description and metadata."""
    kind = MaskedColumn if np.any(mask) else Column
    new = kind(values, copy=False) if kind is Column else kind(values, mask=mask, copy=False)
    new.name, new.unit, new.format = column.name, column.unit, column.format
    new.description, new.meta = column.description, column.meta
    return new


def _text(values):
    """Return strings without the padding of fixed-width formats."""
    if values.dtype.kind == "S":
        values = np.strings.decode(values, "utf-8", "replace")
    return np.strings.rstrip(values, " ") if values.size else values


def normalize(table):
    """
    Bring a table that was just read into the form that all formats share, in place.

    Byte order is the machine's, text is str without padding, and what is missing is masked: nulls,
    and also NaN and empty text, which FITS and VOTable cannot tell from nulls.
    """
    for name in table.colnames:
        column = table[name]
        if not isinstance(column, Column):  # a mixin: coordinates, time
            continue
        values, mask = np.ma.getdata(column).view(np.ndarray), np.ma.getmaskarray(column)
        kind = values.dtype.kind
        if kind in "SU":
            values = _text(values)
            mask = mask | (values == "")
        elif kind in "fc":
            mask = mask | np.isnan(values)
        if not values.dtype.isnative:
            values = values.astype(values.dtype.newbyteorder("="))
        table.replace_column(name, with_values(column, values, mask))
    return table


def free_integer(values):
    """Return an integer of the array's dtype that the array does not hold, or None."""
    limits = np.iinfo(values.dtype)
    for candidate in (limits.min, limits.max):
        if not np.any(values == candidate):
            return candidate
    found = np.unique(values)
    gaps = np.flatnonzero(np.diff(found) > 1)
    return None if gaps.size == 0 else int(found[gaps[0]]) + 1


def blank(column, *, text="", integer=0):
    """Return a column's values with something harmless where they are masked."""
    values = np.ma.getdata(column).view(np.ndarray)
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    if not mask.any():
        return values
    fill = {"f": np.nan, "c": np.nan, "U": text, "S": text, "b": False}.get(values.dtype.kind, integer)
    return np.where(mask, np.asarray(fill, dtype=values.dtype), values)
