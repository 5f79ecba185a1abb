# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Say what is missing from a table, and how to mend it."""

from agnsf.catalogs._known import find_map, nearest
from agnsf.catalogs._lookup import Lookup
from agnsf.columns import ColumnError

__all__ = ["require"]


def require(table, names, *, who):
    """
    Raise `~agnsf.columns.ColumnError` unless a translated table has all the columns, and say how to mend it.

    Parameters
    ----------
    table : `~astropy.table.Table`
        What `translate` returned.
    names : iterable of str
        Columns of ours that must be there.
    who : str
        The part that needs them, as the message is to name it: ``"Labeler 'whan'"``.

    Raises
    ------
    ColumnError
        Names the columns that are missing and those that are there, what the nearest published
        catalog would need, and the option that names a column.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> catalogs.require(Table({'HA': [1.0]}), ['h_alpha_flux'], who="Labeler 'whan'")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    agnsf.columns.ColumnError: Labeler 'whan' needs the column(s) h_alpha_flux; the table has HA; ...
    """
    missing = [name for name in names if name not in table.colnames]
    if not missing:
        return
    there = ", ".join(table.colnames) or "no columns"
    message = f"{who} needs the column(s) {', '.join(missing)}; the table has {there}"
    known = find_map(table)
    lacking = []
    if known is not None:
        needs = dict.fromkeys(need for name in missing for one in known.recipes(name)[:1] for need in one.needs)
        lacking = [need for need in needs if not Lookup(table).has(need)]
        message += f"; it is taken for {known.title}"
    else:
        known, lacking = nearest(table)
        message += f"; the nearest published catalog is {known.title}" if known else ""
    message += f", where {', '.join(lacking)} would be needed" if lacking else ""
    raise ColumnError(f"{message}; name a column by --column {missing[0]}=NAME")
