# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The published catalogs that agnsf knows."""

from agnsf.catalogs._lookup import Lookup
from agnsf.catalogs._nsa import NSA, NSA_V1
from agnsf.columns import ColumnError

__all__ = ["CATALOGS", "catalog_map", "find_map"]

#: By name; where columns fit more than one, the first counts.
CATALOGS = {one.name: one for one in (NSA, NSA_V1)}


def catalog_map(name):
    """Return the catalog of a name, or raise `ColumnError`."""
    if name not in CATALOGS:
        raise ColumnError(f"No catalog named {name!r}; known: {', '.join(sorted(CATALOGS))}")
    return CATALOGS[name]


def find_map(table):
    """Return the catalog that a table's columns tell, or None."""
    lookup = Lookup(table)
    return next((one for one in CATALOGS.values() if lookup.has(*one.recognized_by)), None)
