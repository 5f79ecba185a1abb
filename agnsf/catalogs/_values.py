# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The one form that values have in memory, whichever format they were read from."""

import warnings

import numpy as np
from astropy import units as u
from astropy.table import Column, MaskedColumn, Table
from astropy.utils.masked import Masked

__all__ = ["blank", "free_integer", "normalize", "simplify", "storable_unit", "with_values"]


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
        new = with_values(column, values, mask)
        if isinstance(new.unit, u.UnrecognizedUnit):
            new.unit = _unit(str(new.unit))
        table.replace_column(name, new, copy=False)
    return table


def _unit(text):
    """Return a unit by any standard that has it, not only that of the format it was read from."""
    for standard in ("generic", "vounit", "cds"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", u.UnitsWarning)
                return u.Unit(text, format=standard)
        except ValueError:
            continue
    return u.Unit(text, parse_strict="silent")


def storable_unit(unit, standard):
    """Return a unit as it is if the standard has it, else under its name in Astropy, which every reader keeps."""
    if unit is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", u.UnitsWarning)  # of Angstrom, which VOTable deprecates
            unit.to_string(standard)
    except ValueError:
        return u.UnrecognizedUnit(unit.to_string())
    return unit


def simplify(table):
    """Return a table without quantities, masked arrays and objects that are text, which not every format knows."""
    simple = Table(table, copy=False)
    simple.meta = table.meta
    for name in simple.colnames:
        column = simple[name]
        if isinstance(column, u.Quantity | Masked):
            mask = np.broadcast_to(getattr(column, "mask", False), column.shape)
            plain = getattr(column, "unmasked", column)
            new = MaskedColumn(np.asarray(getattr(plain, "value", plain)), mask=mask, copy=False)
            new.unit, new.description = getattr(column, "unit", None), column.info.description
            simple.replace_column(name, new, copy=False)
        elif isinstance(column, Column) and column.dtype.kind == "O" and column.ndim == 1:
            values = np.ma.getdata(column).view(np.ndarray)
            mask = np.ma.getmaskarray(column) | np.array([value is None for value in values], dtype=bool)
            if all(isinstance(value, str) for value in values[~mask]):
                simple.replace_column(
                    name, with_values(column, np.where(mask, "", values).astype(str), mask), copy=False
                )
    return simple


def free_integer(values):
    """Return an integer of the array's dtype that the array does not hold, or None."""
    limits = np.iinfo(values.dtype)
    for candidate in (limits.min, limits.max):
        if not np.any(values == candidate):
            return candidate
    found = np.unique(values)
    gaps = np.flatnonzero(np.diff(found) > 1)
    return None if gaps.size == 0 else int(found[gaps[0]]) + 1


def blank(column):
    """Return a column's values with something harmless where they are masked."""
    values = np.ma.getdata(column).view(np.ndarray)
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    if not mask.any():
        return values
    fill = {"f": np.nan, "c": np.nan, "U": "", "S": b""}.get(values.dtype.kind, 0)
    return np.where(mask, np.asarray(fill, dtype=values.dtype), values)
