# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Coordinates, however they are spelled."""

import re

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord

from agnsf.catalogs._lookup import finished, with_unit
from agnsf.columns import ColumnError, is_masked

__all__ = ["coordinates"]

# The usual spellings, without case and punctuation, best first. Not RACAT/DECCAT of the
# NASA-Sloan Atlas: the position in some input catalog, which may be far off.
_SPELLINGS = (
    ("ra", "dec"),
    ("raj2000", "dej2000"),
    ("raj2000", "decj2000"),
    ("raicrs", "deicrs"),
    ("raicrs", "decicrs"),
    ("radeg", "decdeg"),
    ("radeg", "dedeg"),
    ("radegree", "decdegree"),
    ("rightascension", "declination"),
    ("rightasc", "declination"),
    ("alphaj2000", "deltaj2000"),
    ("targetra", "targetdec"),
    ("objra", "objdec"),
    ("ramean", "decmean"),
    ("meanra", "meandec"),
    ("plugra", "plugdec"),
)


def _normal(name):
    """Return a name as in `_SPELLINGS`; ``coord.ra`` is what a written SkyCoord column leaves."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[-1].lower())


def coordinates(table, names=None):
    """
    Return right ascension and declination, ICRS, in degrees.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Anybody's.
    names : tuple of (str, str) or None, optional
        The two columns, where they are known.

    Returns
    -------
    columns : dict of str to `~astropy.table.Column`
        ``ra`` and ``dec``; empty if the table has none.
    """
    pair = names or _spelled(table)
    if pair is not None:
        return {"ra": _angle(table[pair[0]], "ra"), "dec": _angle(table[pair[1]], "dec")}
    sky = [name for name in table.colnames if isinstance(table[name], SkyCoord)]
    if len(sky) > 1:
        message = (
            f"The table has several columns of sky coordinates: {', '.join(sky)}; keep one of them, or give ra and dec"
        )
        raise ColumnError(message)
    return _from_sky(table[sky[0]]) if sky else {}


def _spelled(table):
    plain = [name for name in table.colnames if not isinstance(table[name], SkyCoord)]
    for ra, dec in (("ra", "dec"), ("RA", "DEC")):
        if ra in plain and dec in plain:
            return ra, dec
    by_spelling = {}
    for name in plain:
        by_spelling.setdefault(_normal(name), name)
    for ra, dec in _SPELLINGS:
        if ra in by_spelling and dec in by_spelling:
            return by_spelling[ra], by_spelling[dec]
    return None


def _from_sky(column):
    icrs = column.icrs
    found = {}
    for name in ("ra", "dec"):
        angle = getattr(icrs, name)
        mask = np.broadcast_to(getattr(angle, "mask", False), angle.shape)
        values = getattr(angle, "unmasked", angle).to_value(u.deg)
        found[name] = finished(values, mask, name)
    return found


def _sexagesimal(text, ours):
    """Return an angle in degrees: decimal degrees, or sexagesimal, the right ascension in hours."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return Angle(text, unit=u.hourangle if ours == "ra" else u.deg).to_value(u.deg)
    except (ValueError, u.UnitsError):
        return np.nan  # becomes the image status bad_coordinates


def _angle(column, ours):
    mask, unit = is_masked(column), getattr(column, "unit", None)
    plain = getattr(column, "unmasked", column)
    values = np.ma.getdata(getattr(plain, "value", plain))
    values = np.asarray(values)
    if values.dtype.kind in "SUO":
        texts = [text.decode() if isinstance(text, bytes) else str(text) for text in values.tolist()]
        degrees = np.array([np.nan if bad else _sexagesimal(text, ours) for text, bad in zip(texts, mask, strict=True)])
        return finished(degrees, mask, ours)
    if values.dtype.kind not in "iuf":
        raise ColumnError(f"Column {column.info.name!r} must hold angles, not {values.dtype}")
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    return finished(with_unit(values, unit, ours, shown=column.info.name), mask, ours)
