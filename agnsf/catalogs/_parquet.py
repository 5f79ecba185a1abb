# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Parquet through pyarrow: true nulls, and the column metadata where Astropy looks for it."""

import numpy as np
import pyarrow as pa
from astropy.table import Column, MaskedColumn, Table, meta, serialize
from pyarrow import parquet

from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._portable import json_meta, plain_columns
from agnsf.catalogs._values import normalize

__all__ = ["chunks", "read", "row_count", "write"]

_YAML = b"table_meta_yaml"  # Astropy's own key
_MIXINS = ("__serialized_columns__",)  # how Astropy puts coordinates and times together again


def _open(path):
    try:
        return parquet.ParquetFile(path)
    except pa.ArrowException as exc:
        raise TableFileError(f"{str(path)!r} is not a Parquet file that can be read: {exc}") from exc


def _header(schema):
    """Return the description that Astropy or agnsf left in a file, or an empty one."""
    text = (schema.metadata or {}).get(_YAML)
    found = meta.get_header_from_yaml(text.decode().split("\n")) if text else {}
    return {"datatype": {one["name"]: one for one in found.get("datatype", [])}, "meta": dict(found.get("meta", {}))}


def _values(array):
    """Return the values and the mask of an Arrow array."""
    kind = array.type
    mask = np.asarray(array.is_null())
    if pa.types.is_fixed_size_list(kind):
        shape = (len(array), kind.list_size)
        start = array.offset * kind.list_size
        inner, inner_mask = _values(array.values.slice(start, len(array) * kind.list_size))
        return inner.reshape(shape + inner.shape[1:]), inner_mask.reshape(shape + inner.shape[1:]) | mask[:, None]
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        values = np.asarray(array.fill_null("").to_numpy(zero_copy_only=False), dtype=str)
        return values, mask
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        filled = array.fill_null(False if pa.types.is_boolean(kind) else 0) if mask.any() else array
        return filled.to_numpy(zero_copy_only=False), mask
    if pa.types.is_null(kind):
        return np.full(len(array), np.nan), mask
    return np.array(array.to_pylist(), dtype=object), mask


def _to_table(batch, header):
    table = Table()
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        values, mask = _values(array)
        about = header["datatype"].get(name, {})
        column = MaskedColumn(values, mask=mask) if mask.any() else Column(values)
        for attribute in ("unit", "description", "format", "meta"):
            if attribute in about:
                setattr(column, attribute, about[attribute])
        table[name] = column
    table.meta.update(header["meta"])
    return normalize(serialize._construct_mixins_from_columns(table))


def read(path):
    """Return the table of a Parquet file."""
    with _open(path) as file:
        return _to_table(file.read(), _header(file.schema_arrow))


def row_count(path):
    """Return the number of rows without reading them."""
    with _open(path) as file:
        return file.metadata.num_rows


def chunks(path, rows):
    """Yield the table a few rows at a time."""
    with _open(path) as file:
        header = _header(file.schema_arrow)
        for batch in file.iter_batches(batch_size=rows):
            yield _to_table(batch, header)


def _to_arrow(column):
    values = np.ma.getdata(column).view(np.ndarray)
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    if values.dtype.kind == "S":
        values = np.strings.decode(values, "utf-8", "replace")
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.ndim == 1:
        return pa.array(values, mask=np.ascontiguousarray(mask) if mask.any() else None)
    array = pa.array(values.reshape(-1), mask=mask.reshape(-1) if mask.any() else None)
    for size in reversed(values.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, size)
    return array


def write(table, path):
    """Write a table to a new Parquet file."""
    plain = plain_columns(table)
    for name in plain.colnames:
        if plain[name].dtype.kind not in "biufSU":
            raise TableFileError(f"Parquet cannot hold column {name!r} of type {plain[name].dtype}")
    arrow = pa.table({name: _to_arrow(plain[name]) for name in plain.colnames})
    described = plain.copy(copy_data=False)
    described.meta = {**json_meta(table), **{key: plain.meta[key] for key in _MIXINS if key in plain.meta}}
    text = "\n".join(meta.get_yaml_from_table(described))
    parquet.write_table(arrow.replace_schema_metadata({_YAML: text}), path)
