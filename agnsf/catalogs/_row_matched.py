# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Catalogs that spread the rows of one table over several files or extensions."""

import warnings
from pathlib import Path

from astropy.io import fits

from agnsf.catalogs._errors import TableFileError
from agnsf.columns import AgnsfWarning

__all__ = ["companions", "matched_hdus"]

_TABLES = (fits.BinTableHDU, fits.TableHDU)

#: FastSpecFit: the lines, then coordinates and redshift, then stellar masses.
_FASTSPECFIT = ("FASTSPEC", "METADATA", "SPECPHOT")


def companions(path):
    """
    Return the files that hold further columns of the rows of this one.

    MPA-JHU comes as galSpecLine (line fluxes), galSpecInfo (coordinates, redshift) and
    galSpecExtra (masses, classes), of which row i is the same spectrum.
    """
    path = Path(path)
    if not path.name.lower().startswith("galspecline"):
        return []
    wanted = [path.name.lower().replace("galspecline", part) for part in ("galspecinfo", "galspecextra")]
    there = {one.name.lower(): one for one in path.parent.iterdir()}
    return [there[name] for name in wanted if name in there]


def matched_hdus(hdus, path):
    """Return the table extensions of an open file whose rows stand side by side, the main one first."""
    tables = [hdu for hdu in hdus if isinstance(hdu, _TABLES)]
    by_name = {hdu.name: hdu for hdu in tables}
    if not tables:
        has = ", ".join(f"{hdu.name} ({type(hdu).__name__})" for hdu in hdus)
        raise TableFileError(f"{str(path)!r} holds no table; it has {has}")
    if set(_FASTSPECFIT[:2]) <= set(by_name):
        return [by_name[name] for name in _FASTSPECFIT if name in by_name]
    if len(tables) > 1:
        left = ", ".join(hdu.name or "without a name" for hdu in tables[1:])
        message = f"{str(path)!r} holds {len(tables)} tables; the first, {tables[0].name!r}, is read, not {left}"
        warnings.warn(message, AgnsfWarning, stacklevel=2)
    return tables[:1]
