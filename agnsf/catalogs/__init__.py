# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Tables of galaxies: published catalogs onto our columns; read, write and stream with masks and provenance intact."""

from agnsf.catalogs._arrow import from_arrow, to_arrow
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._files import chunks, is_streamed, read_table, row_count, write_table
from agnsf.catalogs._formats import format_of_name
from agnsf.catalogs._hash import table_hash
from agnsf.catalogs._known import CATALOGS
from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._provenance import add_columns, provenance, without_credentials
from agnsf.catalogs._require import require
from agnsf.catalogs._translate import recognize, translate

__all__ = [
    "CATALOGS",
    "CatalogMap",
    "TableFileError",
    "add_columns",
    "chunks",
    "format_of_name",
    "from_arrow",
    "is_streamed",
    "provenance",
    "read_table",
    "recognize",
    "require",
    "row_count",
    "table_hash",
    "to_arrow",
    "translate",
    "without_credentials",
    "write_table",
]
