# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Columns of a table by their names in any case, as plain values or converted to our units."""

import numpy as np
from astropy import units as u
from astropy.table import Column, MaskedColumn

from agnsf.columns import COLUMNS, ColumnError, float_values, is_masked

__all__ = ["Lookup", "Values", "as_ours", "finished", "with_unit"]


class Lookup:
    """
    Find columns by name: as it is written, else in any case if that is unambiguous.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The table.
    """

    def __init__(self, table):
        self.table = table
        self._any_case = {}
        for name in table.colnames:
            self._any_case.setdefault(name.lower(), []).append(name)

    def name(self, theirs):
        """Return the name that the table gives a column, or None."""
        if theirs in self.table.colnames:
            return theirs
        found = self._any_case.get(theirs.lower(), [])
        return found[0] if len(found) == 1 else None

    def has(self, *names):
        """Return whether all the columns are there."""
        return all(self.name(name) is not None for name in names)

    def values(self, theirs):
        """Return a column as float64, NaN where there is no value; None where there is no column."""
        name = self.name(theirs)
        if name is None:
            return None
        column = self.table[name]
        if column.ndim == 1:
            return float_values(self.table, name)
        mask = np.ma.getmaskarray(column)
        return np.where(mask, np.nan, np.ma.getdata(column).astype(np.float64))


class Values:
    """
    What a recipe is called with: a function that returns columns of a catalog.

    Parameters
    ----------
    lookup : Lookup
        The table.
    missing : tuple of float
        Values that stand for no value.
    """

    def __init__(self, lookup, missing):
        self._lookup = lookup
        self._missing = missing
        self.meta = lookup.table.meta

    def __call__(self, theirs):
        values = self._lookup.values(theirs)
        if values is None or not self._missing:
            return values
        gone = np.isin(values, self._missing)
        return np.where(gone, np.nan, values) if gone.any() else values


def with_unit(values, unit, ours, *, shown=None):
    """Return values in the unit of one of our columns; without a unit they are in it already."""
    target = COLUMNS[ours].unit if ours in COLUMNS else ""
    if unit is None or not target or unit == u.Unit(target) or unit == u.dimensionless_unscaled:
        return values
    try:
        factor = u.Unit(unit).to(target)
    except u.UnitConversionError as exc:
        raise ColumnError(f"Column {shown or ours!r} must be in a unit like {target}, not {unit}") from exc
    return values * factor


def as_ours(column, ours):
    """Return a column of anybody's as ours: renamed, in our unit and native; shared if it is so already."""
    mask, unit = is_masked(column) if column.ndim == 1 else np.ma.getmaskarray(column), getattr(column, "unit", None)
    plain = getattr(column, "unmasked", column)
    values = np.ma.getdata(getattr(plain, "value", plain))
    values = values.view(np.ndarray) if isinstance(values, np.ndarray) else np.asarray(values)
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "S":
        values = np.strings.decode(values, "utf-8", "replace")
    return finished(with_unit(values, unit, ours, shown=column.info.name), mask, ours, unit)


def finished(values, mask, ours, unit=None):
    """Return a column of ours of values that are in our unit."""
    column = MaskedColumn(values, mask=mask, copy=False) if np.any(mask) else Column(values, copy=False)
    info = COLUMNS.get(ours)
    column.name = ours
    column.unit = (info.unit or unit or None) if info else unit
    column.description = info.description if info else None
    return column
