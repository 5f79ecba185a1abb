# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""CSV, with a JSON file beside it for what CSV cannot say: types, units, metadata, provenance."""

import json
import warnings
from pathlib import Path

import numpy as np
from astropy.io.ascii import InconsistentTableError
from astropy.table import Column, MaskedColumn, Table
from astropy.utils.exceptions import AstropyWarning

from agnsf.catalogs._atomic import replacing
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._portable import json_meta, plain_columns
from agnsf.catalogs._values import normalize, with_values

__all__ = ["beside", "read", "write"]


def beside(path):
    """Return the path of the JSON file that belongs to a CSV file."""
    return Path(f"{path}.json")


def _exact(column):
    """Return whole numbers that are too large for int64 as uint64, if they are nothing else."""
    values, mask = np.ma.getdata(column).view(np.ndarray), np.ma.getmaskarray(column)
    try:
        numbers = np.where(mask, "0", values).astype(np.uint64)
    except (ValueError, OverflowError):
        return column
    same = np.array_equal(numbers.astype(values.dtype)[~mask], values[~mask])
    return with_values(column, numbers, mask) if same else column


def _cast(column, dtype):
    """Return a column in the type it had when it was written, or as it is if it was edited since."""
    values, mask = np.ma.getdata(column).view(np.ndarray), np.ma.getmaskarray(column)
    try:
        if dtype == "bool" and values.dtype.kind == "U":
            if not np.isin(values[~mask], ("True", "False")).all():
                return column
            cast = values == "True"
        else:
            kind = np.dtype(dtype).kind
            cast = np.where(mask, 0, values).astype(dtype) if kind in "iufb" else values.astype(dtype)
        if values.dtype.kind in "iu" and np.any(cast.astype(values.dtype) != np.where(mask, 0, values)):
            return column
    except (TypeError, ValueError, OverflowError):
        return column
    return with_values(column, cast, mask)


def read(path):
    """Return the table of a CSV file."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "OverflowError", AstropyWarning)  # mended by _exact
            table = Table.read(path, format="ascii.csv", encoding="utf-8")
    except (InconsistentTableError, UnicodeDecodeError, ValueError) as exc:
        raise TableFileError(f"{str(path)!r} is not a CSV table: {exc}") from exc
    described = _description(beside(path))
    for name in table.colnames:
        column, about = table[name], described["columns"].get(name, {})
        if "datatype" in about:
            column = _cast(column, about["datatype"])
        elif column.dtype.kind == "U":
            column = _exact(column)
        column.unit = about.get("unit")
        column.description = about.get("description")
        table.replace_column(name, column)
    table.meta.update(described["meta"])
    return normalize(table)


def _description(path):
    """Return what the JSON file says, or nothing where there is none of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"columns": dict(found["columns"]), "meta": dict(found["meta"])}
    except (OSError, ValueError, TypeError, KeyError):
        return {"columns": {}, "meta": {}}


def _about(column):
    about = {"datatype": "str" if column.dtype.kind in "SU" else column.dtype.name}
    if column.unit is not None:
        about["unit"] = column.unit.to_string()
    if column.description:
        about["description"] = column.description
    return about


def write(table, path, *, final):
    """Write a table to a new CSV file, and the JSON file that belongs to the final name."""
    plain = plain_columns(table)
    for name in plain.colnames:
        if plain[name].ndim > 1 or plain[name].dtype.kind == "O":
            what = f"has {plain[name].ndim} dimensions" if plain[name].ndim > 1 else "holds Python objects"
            raise TableFileError(f"CSV cannot hold column {name!r}, which {what}; write FITS, ECSV or Parquet")
    out = Table({name: _text(plain[name]) for name in plain.colnames}, copy=False)
    out.write(path, format="ascii.csv", fill_values=[("nan", "")])
    about = {"columns": {name: _about(plain[name]) for name in plain.colnames}, "meta": json_meta(table)}
    with replacing(beside(final)) as temporary:
        temporary.write_text(json.dumps(about, indent=1), encoding="utf-8")


def _text(column):
    """Return a column without unit and format, so that every digit is written."""
    mask = getattr(column, "mask", False)
    values = np.ma.getdata(column).view(np.ndarray)
    if values.dtype.kind == "S":
        values = np.strings.decode(values, "utf-8", "replace")
    return MaskedColumn(values, mask=mask) if np.any(mask) else Column(values)
