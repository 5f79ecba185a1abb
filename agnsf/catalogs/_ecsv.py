# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""ECSV, which keeps everything that agnsf needs."""

from astropy.table import Table

from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._values import normalize

__all__ = ["read", "write"]


def read(path):
    """Return the table of an ECSV file."""
    try:
        return normalize(Table.read(path, format="ascii.ecsv"))
    except (ValueError, KeyError, TypeError) as exc:  # InconsistentTableError is a ValueError
        raise TableFileError(f"{str(path)!r} is not an ECSV table: {exc}") from exc


def write(table, path):
    """Write a table to a new ECSV file."""
    out = Table(table, copy=False)
    for name in out.colnames:
        out[name].info.format = None  # or digits would be lost
    out.write(path, format="ascii.ecsv")
