# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Parquet through pyarrow: true nulls, and the column metadata where Astropy looks for it."""

import numpy as np
import pyarrow as pa
from astropy.table import Column, MaskedColumn, Table, meta, serialize
from pyarrow import parquet

from agnsf.catalogs._arrow import to_arrow, values_of
from agnsf.catalogs._blocks import blocks, slices
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._portable import json_meta, plain_columns
from agnsf.catalogs._values import normalize

__all__ = ["chunks", "read", "row_count", "write"]

_YAML = b"table_meta_yaml"  # Astropy's own key
_BUFFER = 1 << 20  # bytes; without it all row groups would be held once they were read
_GROUP = 131072  # rows; a reader holds one group at a time
_MIXINS = "__serialized_columns__"  # how Astropy puts coordinates and times together again


def _open(path):
    try:
        return parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)
    except pa.ArrowException as exc:
        raise TableFileError(f"{str(path)!r} is not a Parquet file that can be read: {exc}") from exc


def _header(schema):
    """Return what Astropy or agnsf wrote of the columns, by name, and the table's metadata."""
    text = (schema.metadata or {}).get(_YAML)
    found = meta.get_header_from_yaml(text.decode().split("\n")) if text else {}
    return {one["name"]: one for one in found.get("datatype", [])}, dict(found.get("meta", {}))


def _to_table(batch, header):
    columns, metadata = header
    table = Table(meta=metadata)
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        values, mask = values_of(array)
        column = MaskedColumn(values, mask=mask) if mask.any() else Column(values)
        for attribute in ("unit", "description", "format", "meta"):
            if attribute in columns.get(name, {}):
                setattr(column, attribute, columns[name][attribute])
        table[name] = column
    return normalize(serialize._construct_mixins_from_columns(table))


def read(path):
    """Return the table of a Parquet file."""
    with _open(path) as file:
        return _to_table(file.read(), _header(file.schema_arrow))


def row_count(path):
    """Return the number of rows without reading them."""
    with _open(path) as file:
        return file.metadata.num_rows


class _Forward:
    """Rows of a Parquet file, asked for in rising order; row groups without any of them are not read."""

    def __init__(self, file):
        self._file = file
        groups = range(file.num_row_groups)
        self._ends = np.cumsum([file.metadata.row_group(group).num_rows for group in groups], dtype=np.int64)
        self._at, self._rest, self._batches = 0, None, None

    def read(self, start, stop):
        """Return rows of the file; none before those that were returned already."""
        self._go_to(start, stop - start)
        while self._at + self._rest.num_rows < stop:
            batch = pa.Table.from_batches([next(self._batches)])
            self._rest = pa.concat_tables([self._rest, batch])
            self._drop(start)
        found = self._rest.slice(0, stop - start)
        self._drop(stop)
        return found

    def _go_to(self, start, size):
        """Begin with the row group of the first row, unless the groups that are being read lead there."""
        here, there = np.searchsorted(self._ends, [self._at, start], side="right").tolist()
        if self._batches is None or here < there:
            groups = range(there, len(self._ends))
            self._batches = self._file.iter_batches(batch_size=size, row_groups=groups)
            self._at = int(self._ends[there - 1]) if there else 0
            self._rest = self._file.schema_arrow.empty_table()
        self._drop(start)

    def _drop(self, row):
        """Forget the rows before one."""
        count = min(max(0, row - self._at), self._rest.num_rows)
        self._at, self._rest = self._at + count, self._rest.slice(count)


def chunks(path, rows, numbers=None):
    """Yield the table a few rows at a time."""
    with _open(path) as file:
        header, forward = _header(file.schema_arrow), _Forward(file)
        for start, stop, starts in blocks(file.metadata.num_rows, rows, numbers):
            yield from slices(_to_table(forward.read(start, stop), header), rows, starts)


def write(table, path):
    """Write a table to a new Parquet file."""
    plain = plain_columns(table)
    arrow = to_arrow(plain)
    described = plain.copy(copy_data=False)
    described.meta = json_meta(table)
    if _MIXINS in plain.meta:
        described.meta[_MIXINS] = plain.meta[_MIXINS]
    notes = {_YAML: "\n".join(meta.get_yaml_from_table(described))}
    for name in plain.colnames:
        if plain[name].dtype.kind in "US":  # or Astropy's reader stumbles over nulls while it looks for the longest
            notes[f"table::len::{name}"] = str(max(1, plain[name].dtype.itemsize // np.dtype("U1").itemsize))
    parquet.write_table(arrow.replace_schema_metadata(notes), path, row_group_size=_GROUP)
