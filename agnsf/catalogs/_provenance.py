# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What agnsf did to a table: one JSON string in its metadata."""

import json
import re
import warnings
from copy import deepcopy
from datetime import UTC, datetime

import numpy as np
from astropy.table import Column, MaskedColumn

from agnsf.columns import COLUMNS, AgnsfWarning, ColumnError

__all__ = ["KEY", "add_columns", "provenance", "without_credentials"]

KEY = "AGNSF"

_USER = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@]*@", re.IGNORECASE)
_SECRET = re.compile(
    r"([?&;](?:[a-z_-]*(?:token|key|secret|password|passwd|signature|credential|auth)[a-z_-]*|pwd|sig)=)[^&;#\s]*",
    re.IGNORECASE,
)


def without_credentials(value):
    """
    Return a value without the user names, passwords and tokens of the URLs in it.

    Parameters
    ----------
    value : str, dict, list or other
        JSON-able.

    Returns
    -------
    value : same type
        A copy; tuples are lists in it.

    Examples
    --------
    >>> from agnsf import catalogs
    >>> catalogs.without_credentials({'base_url': 'https://me:secret@example.org/?token=1234'})
    {'base_url': 'https://example.org/?token=***'}
    """
    if isinstance(value, str):
        return _SECRET.sub(r"\1***", _USER.sub(r"\1", value))
    if isinstance(value, dict):
        return {key: without_credentials(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_credentials(inner) for inner in value]
    return value


def provenance(table):
    """
    Return what agnsf did to a table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Any table.

    Returns
    -------
    provenance : dict
        ``{"stages": [...]}``, one dict for each stage whose columns are still there, the oldest
        first: ``stage``, ``columns``, ``version``, ``date`` and what the stage recorded. Empty
        if the table does not come from agnsf.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> catalogs.provenance(Table())
    {}
    """
    try:
        found = json.loads(table.meta.get(KEY, "{}"))
    except (TypeError, ValueError):
        warnings.warn(
            f"The provenance in the table's metadata {KEY} is not JSON; it is ignored", AgnsfWarning, stacklevel=2
        )
        return {}
    return found if isinstance(found, dict) else {}


def _free_name(name, taken):
    kept, number = f"{name}_input", 2
    while kept in taken:
        kept, number = f"{name}_input{number}", number + 1
    return kept


def _as_column(values, name, length):
    if np.any(getattr(values, "mask", False)):
        column = MaskedColumn(values, copy=False)
    else:
        column = Column(np.asarray(np.ma.getdata(values)), copy=False)
    if column.ndim == 0 or len(column) != length:
        found = "a single value" if column.ndim == 0 else f"{len(column)} values"
        raise ColumnError(f"Column {name!r} must have one value for each of the {length} rows, not {found}")
    info = COLUMNS.get(name)
    column.name = name
    column.unit = getattr(values, "unit", None) or (info and info.unit) or None
    column.description = getattr(values, "description", None) or (info and info.description)
    return column


def add_columns(table, new, *, stage):
    """
    Return a table with further columns and a record of where they come from.

    A column of the same name is replaced if agnsf wrote it, as the provenance says; otherwise it
    is kept under the name ``NAME_input``, with a warning.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The input. It is not changed; the result shares its columns.
    new : dict of str to array-like, each of shape (n, ...)
        The new columns, masked where there is no value. Columns of ours get their unit and
        description from `agnsf.columns.COLUMNS`.
    stage : dict
        What made them, JSON-able: ``{"stage": "label", "labelers": [...], ...}``. The version, the
        date and the names of the columns are added, credentials in URLs are taken out.

    Returns
    -------
    table : `~astropy.table.Table`
        Same rows, same order.

    Raises
    ------
    ColumnError
        If a column has another length than the table.

    Warns
    -----
    AgnsfWarning
        If a column of the input is renamed.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> table = Table({'ra': [10.0, 20.0]})
    >>> new = catalogs.add_columns(table, {'p_agn': [0.9, 0.1]}, stage={'stage': 'classify'})
    >>> new.colnames
    ['ra', 'p_agn']
    >>> catalogs.provenance(new)['stages'][0]['columns']
    ['p_agn']
    """
    from agnsf import __version__

    before = provenance(table)
    ours = {name for one in before.get("stages", []) for name in one.get("columns", [])}
    result = table.copy(copy_data=False)
    result.meta = deepcopy(table.meta)
    for name, values in new.items():
        column = _as_column(values, name, len(result) if result.colnames else len(values))
        if name in result.colnames and name not in ours:
            kept = _free_name(name, result.colnames)
            result.rename_column(name, kept)
            message = f"The table already has a column {name!r}, which agnsf did not write; it is kept as {kept!r}"
            warnings.warn(message, AgnsfWarning, stacklevel=2)
        if name in result.colnames:
            result.replace_column(name, column, copy=False)
        else:
            result.add_column(column, copy=False)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = {**without_credentials(stage), "columns": list(new), "version": __version__, "date": now}
    found = {**before, "stages": [*_still_there(before.get("stages", []), new), record]}
    # Without apostrophes: Astropy loses what follows '/ where a FITS card is continued.
    result.meta[KEY] = json.dumps(found).replace("'", "\\u0027")
    return result


def _still_there(stages, replaced):
    """Return the earlier stages without the columns that are replaced."""
    trimmed = ({**one, "columns": [name for name in one.get("columns", []) if name not in replaced]} for one in stages)
    return [one for one in trimmed if one["columns"]]
