# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Columns as Arrow arrays and back, with true nulls; Parquet and CSV are read and written through them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.table import Column, MaskedColumn, Table

from agnsf.catalogs._values import normalize

__all__ = ["array_of", "from_arrow", "to_arrow", "values_of"]


def to_arrow(columns):
    """
    Return columns as an Arrow table that is null where they are masked.

    Parameters
    ----------
    columns : `~astropy.table.Table` or dict of str to array-like of shape (n, ...)
        The columns.

    Returns
    -------
    arrow : `pyarrow.Table`
        Of the same names, without units and metadata.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf import catalogs
    >>> catalogs.to_arrow({'n': np.ma.array([1, 2], mask=[False, True])})['n'].to_pylist()
    [1, None]
    """
    names = columns.colnames if isinstance(columns, Table) else columns
    return pa.table({name: array_of(columns[name]) for name in names})


def from_arrow(arrow):
    """
    Return an Arrow table as a table that is masked where the other has nulls.

    Parameters
    ----------
    arrow : `pyarrow.Table`
        Any.

    Returns
    -------
    table : `~astropy.table.Table`
        In the form in which `agnsf.catalogs.read_table` gives tables: NaN and empty text are masked, too.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from agnsf import catalogs
    >>> catalogs.from_arrow(pa.table({'name': ['NGC 1', None]}))['name'].mask.tolist()
    [False, True]
    """
    table = Table()
    for name, array in zip(arrow.column_names, arrow.columns, strict=True):
        values, mask = values_of(array)
        table[name] = MaskedColumn(values, mask=mask) if mask.any() else Column(values)
    return normalize(table)


def array_of(column):
    """Return a column as an Arrow array that is null where the column is masked."""
    values = np.ma.getdata(column).view(np.ndarray)
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    if values.dtype.kind == "S":
        values = np.strings.decode(values, "utf-8", "replace")
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "O":
        return pa.array([None if gone else _plain(value) for value, gone in zip(values, mask, strict=True)])
    array = pa.array(values.reshape(-1), mask=mask.reshape(-1) if mask.any() else None)
    for size in reversed(values.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, size)
    return array


def _plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def values_of(array):
    """Return the values and the mask of an Arrow array, of their own as numpy arrays."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind, mask = array.type, np.asarray(array.is_null())
    if pa.types.is_dictionary(kind):
        return values_of(array.dictionary_decode())
    if pa.types.is_fixed_size_list(kind):
        shape = (len(array), kind.list_size)
        values, inner = values_of(array.values.slice(array.offset * kind.list_size, shape[0] * shape[1]))
        mask = mask.reshape((-1,) + (1,) * values.ndim)
        return values.reshape(shape + values.shape[1:]), inner.reshape(shape + inner.shape[1:]) | mask
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _text(array), mask
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        filled = array.fill_null(False if pa.types.is_boolean(kind) else 0) if mask.any() else array
        return np.array(filled.to_numpy(zero_copy_only=False)), mask
    if pa.types.is_null(kind):
        return np.full(len(array), np.nan), mask
    values = np.empty(len(array), dtype=object)
    values[:] = array.to_pylist()
    return values, mask


def _text(array):
    """Return text as fixed-width strings, without a Python object for each."""
    width = max(1, pc.max(pc.utf8_length(array)).as_py() or 0)
    return np.asarray(array.fill_null("").to_numpy(zero_copy_only=False), dtype=f"U{width}")
