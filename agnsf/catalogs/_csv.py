# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""CSV, with a JSON file beside it for what CSV cannot say: types, units, metadata, provenance."""

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.table import Column, MaskedColumn, Table
from pyarrow import csv

from agnsf.catalogs._arrow import array_of, values_of
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._portable import json_meta, plain_columns
from agnsf.catalogs._values import normalize
from agnsf.files import replacing

__all__ = ["beside", "read", "write"]

_NO_NUMBER = ["nan", "NaN", "NAN", "null", "NULL", "None", "N/A", "--"]
_WHOLE = r"^-?(0|[1-9][0-9]*)$"  # a leading zero belongs to a name
_DIGITS = r"^[+-]?[0-9]+$"


def beside(path):
    """Return the path of the JSON file that belongs to a CSV file."""
    return Path(f"{path}.json")


def _matches(text, pattern):
    return pc.all(pc.match_substring_regex(text, pattern), min_count=0).as_py()


def _inferred(text):
    """Return text as whole numbers, if every digit survives, else as numbers or booleans, else as it is."""
    numbers = pc.if_else(pc.is_in(text, pa.array(_NO_NUMBER)), pa.scalar(None, pa.string()), text)
    if numbers.null_count == len(numbers):
        return pc.cast(numbers, pa.float64())
    whole = _matches(numbers, _WHOLE)
    kinds = (pa.int64(), pa.uint64()) if whole else () if _matches(numbers, _DIGITS) else (pa.float64(),)
    for kind in kinds:
        try:
            return pc.cast(numbers, kind)
        except pa.ArrowInvalid:
            continue
    return pc.cast(text, pa.bool_()) if _matches(text, "^(?i:true|false)$") else text


def _as_written(text, datatype):
    """Return text as the type that the JSON file names; as it seems to be if it was edited since."""
    if datatype == "str":
        return text
    try:
        kind = pa.from_numpy_dtype(np.dtype(datatype))
        return pc.cast(text, kind)
    except (TypeError, pa.ArrowException):
        return _inferred(text)


def _layout(path):
    """Return how many lines of comment come first, as SkyServer writes them, and whether one column follows."""
    with (gzip.open if path.suffix.lower() == ".gz" else Path.open)(path, "rt", encoding="utf-8-sig") as file:
        comments, line = 0, file.readline()
        while line.startswith("#"):
            comments, line = comments + 1, file.readline()
    return comments, "," not in line


def _text_columns(path):
    comments, single = _layout(path)
    reading = csv.ReadOptions(skip_rows=comments)
    # A masked value of the only column is an empty line.
    parsing = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=not single)
    names = csv.open_csv(path, reading, parsing).schema.names
    if len(set(names)) < len(names):
        raise TableFileError(f"{str(path)!r} repeats a column name: {', '.join(names)}")
    text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
    )
    return csv.read_csv(path, reading, parsing, text)


def read(path):
    """Return the table of a CSV file."""
    try:
        found = _text_columns(path)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as exc:
        raise TableFileError(f"{str(path)!r} is not a CSV table: {exc}") from exc
    columns, metadata = _description(beside(path))
    table = Table(meta=metadata)
    for name, array in zip(found.column_names, found.columns, strict=True):
        about, text = columns.get(name.strip(), {}), pc.utf8_trim_whitespace(array.combine_chunks())
        values, mask = values_of(_as_written(text, about["datatype"]) if "datatype" in about else _inferred(text))
        column = MaskedColumn(values, mask=mask) if mask.any() else Column(values)
        column.unit, column.description = about.get("unit"), about.get("description")
        table[name.strip()] = column
    return normalize(table)


def _description(path):
    """Return what the JSON file says of the columns and the metadata, or nothing where there is none of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return dict(found["columns"]), dict(found["meta"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}, {}


def _about(column):
    about = {"datatype": "str" if column.dtype.kind in "SU" else column.dtype.name}
    if column.unit is not None:
        about["unit"] = column.unit.to_string()
    if column.description:
        about["description"] = column.description
    return about


def _array(column):
    """Return a column as Arrow array, null where there is no number: CSV has one way to say so."""
    if column.ndim > 1 or column.dtype.kind == "O":
        what = f"has {column.ndim} dimensions" if column.ndim > 1 else "holds Python objects"
        raise TableFileError(f"CSV cannot hold column {column.name!r}, which {what}; write FITS, ECSV or Parquet")
    array = array_of(column)
    return pc.if_else(pc.is_nan(array), None, array) if column.dtype.kind == "f" else array


def write(table, path, *, final):
    """Write a table to a new CSV file, and the JSON file that belongs to the final name."""
    plain = plain_columns(table)
    arrow = pa.table({name: _array(plain[name]) for name in plain.colnames})
    csv.write_csv(arrow, path, csv.WriteOptions(quoting_style="needed"))
    about = {"columns": {name: _about(plain[name]) for name in plain.colnames}, "meta": json_meta(table)}
    with replacing(beside(final)) as temporary:
        temporary.write_text(json.dumps(about, indent=1), encoding="utf-8")
