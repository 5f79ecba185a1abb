# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The published catalogs that agnsf knows."""

from agnsf.catalogs import _fastspecfit, _gama, _manga, _mpajhu, _nsa, _portsmouth, _spectra
from agnsf.catalogs._lookup import Lookup
from agnsf.columns import ColumnError

__all__ = ["CATALOGS", "catalog_map", "find_map", "nearest"]

_MODULES = (_nsa, _mpajhu, _portsmouth, _fastspecfit, _manga, _gama, _spectra)

#: By name; where columns fit more than one, the first counts.
CATALOGS = {one.name: one for module in _MODULES for one in module.CATALOGS}


def catalog_map(name):
    """Return the catalog of a name, or raise `ColumnError`."""
    if name not in CATALOGS:
        raise ColumnError(f"No catalog named {name!r}; known: {', '.join(sorted(CATALOGS))}")
    return CATALOGS[name]


def find_map(table):
    """Return the catalog that a table's columns tell, or None."""
    lookup = Lookup(table)
    return next((one for one in CATALOGS.values() if any(lookup.has(*names) for names in one.recognized_by)), None)


def nearest(table):
    """Return the catalog of which a table has most of the columns that tell it, and those it lacks."""
    lookup = Lookup(table)
    sets = [(one, names) for one in CATALOGS.values() for names in one.recognized_by]
    known, names = max(sets, key=lambda pair: sum(lookup.has(name) for name in pair[1]) / len(pair[1]))
    missing = [name for name in names if not lookup.has(name)]
    return (known, missing) if len(missing) < len(names) else (None, [])
