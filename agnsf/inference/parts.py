# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One finished part of a run as a Parquet file."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from agnsf.files import replacing

__all__ = ["PASSING", "column_types", "part_is_done", "read_part", "write_part"]

#: Failures that may be over when the run is continued.
PASSING = ("server_error", "timeout")


def write_part(columns, path, *, by=""):
    """
    Write the columns of a part, as a whole or not at all.

    Parameters
    ----------
    columns : dict of str to array-like of shape (n,)
        With ``image_status``; masked where there is no value.
    path : path-like
        The file.
    by : str, optional
        Who writes it, for `part_is_done`.
    """
    arrays = {}
    for name, values in columns.items():
        data, mask = np.ma.getdata(values), np.ma.getmaskarray(values)
        kind = pa.string() if data.dtype.kind in "OU" else None  # which it cannot tell if all are masked
        arrays[name] = pa.array(data, kind, mask=mask if mask.any() else None)
    passing = int(np.isin(np.asarray(columns["image_status"]), PASSING).sum())
    part = pa.table(arrays).replace_schema_metadata({"passing": str(passing), "by": by})
    with replacing(path, durable=False) as temporary:  # what a power cut damages is noticed, and done again
        parquet.write_table(part, temporary)


def part_is_done(path, *, rows, since=None, by=None):
    """
    Return whether a part is there, whole, and nothing in it is worth another try.

    What failed in passing is tried again, unless the part was written since the one who asks began.

    Parameters
    ----------
    path : path-like
        The file, of which only the end is read.
    rows : int
        How many rows it must have.
    since : float or None, optional
        When the one who asks began, by the clock of the disk.
    by : str or None, optional
        Who asks: where an earlier run may still be writing, the time does not tell.

    Returns
    -------
    done : bool
        Whether there is nothing to do.
    """
    try:
        about, written = parquet.read_metadata(path), Path(path).stat().st_mtime
    except (OSError, pa.ArrowException):
        return False
    notes = about.metadata or {}
    if about.num_rows != rows or int(notes.get(b"passing", b"0")) == 0:
        return about.num_rows == rows
    return written >= since if by is None else notes.get(b"by") == by.encode()


def column_types(paths):
    """
    Return which columns some parts have; one without any image has fewer.

    Parameters
    ----------
    paths : iterable of path-like
        The parts.

    Returns
    -------
    types : dict of str to `numpy.dtype`
        In the order in which they first come.
    """
    found = {}
    for path in paths:
        for field in parquet.read_schema(path):
            found.setdefault(
                field.name, np.dtype("U1") if pa.types.is_string(field.type) else field.type.to_pandas_dtype()
            )
    return {name: np.dtype(kind) for name, kind in found.items()}


def read_part(path):
    """
    Return the columns of a part.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    columns : dict of str to `~numpy.ma.MaskedArray` of shape (n,)
        As they were written.
    """
    table = parquet.read_table(path, use_threads=False, memory_map=False)
    return {
        name: _values(column.combine_chunks()) for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _values(array):
    mask = np.asarray(array.is_null())
    if pa.types.is_string(array.type):
        return np.ma.array(np.asarray(array.fill_null("").to_numpy(zero_copy_only=False), dtype=str), mask=mask)
    return np.ma.array(array.fill_null(0).to_numpy(zero_copy_only=False), mask=mask)
