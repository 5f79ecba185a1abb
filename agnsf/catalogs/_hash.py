# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A hash of a table's values."""

import hashlib

import numpy as np
from astropy.table import Table

from agnsf.catalogs._portable import plain_columns
from agnsf.columns import require_columns

__all__ = ["table_hash"]

_BLOCK = 1 << 20  # rows that are hashed at once


def _bytes(column):
    """Return values as bytes that do not depend on byte order, width or what lies under the mask."""
    values, mask = np.ma.getdata(column).view(np.ndarray), np.ma.getmaskarray(column)
    kind = values.dtype.kind
    if kind == "f":
        mask = mask | np.isnan(values)
        values = np.where(mask, np.nan, values).astype("<f8")
    elif kind in "iub":
        values = np.where(mask, 0, values).astype("<u8" if kind == "u" else "<i8")
    else:
        text = np.where(mask, "", values.astype(str)).tolist()
        return "\0".join(text).encode() + b"\0" + mask.tobytes()
    return values.tobytes() + mask.tobytes()


def table_hash(table, columns):
    """
    Return a hash of the values of some columns.

    It is the same for the same values, whichever format they were read from.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The table.
    columns : iterable of str
        The columns that count, in this order.

    Returns
    -------
    digest : str
        SHA-256, in hexadecimal.

    Raises
    ------
    ColumnError
        If a column is missing.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> catalogs.table_hash(Table({'z': [0.1, 0.2]}), ['z'])[:8]
    'd193634e'
    """
    columns = list(columns)
    require_columns(table, columns, who="The hash of a table")
    digest = hashlib.sha256()
    plain = plain_columns(Table([table[name] for name in columns], names=columns, copy=False))
    for name in plain.colnames:
        digest.update(f"{name}\0{len(table)}\0".encode())
        for start in range(0, len(table), _BLOCK):
            digest.update(_bytes(plain[name][start : start + _BLOCK]))
    return digest.hexdigest()
