# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Groups of galaxies that must stay together: neighbors on the sky, and one galaxy in several rows."""

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy_healpix import HEALPix
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from agnsf.columns import ColumnError, float_values, is_masked

__all__ = ["sky_groups"]

_NSIDE = 64  # cells of 0.92 degrees
_SAME = 3 * u.arcsec


def _links(keys, rows):
    """Return pairs of rows that chain all the rows of one key together."""
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    equal = keys[1:] == keys[:-1]
    return rows[:-1][equal], rows[1:][equal]


def sky_groups(table):
    """
    Return the number of the group that each galaxy belongs to.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``ra`` and ``dec`` in degrees, or an ``id``, or both.

    Returns
    -------
    groups : `~numpy.ndarray` of int, shape (n,)
        Rows in one HEALPix cell, within 3 arcsec of each other, or of one ``id`` have one number.

    Raises
    ------
    ColumnError
        If the table has neither.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.datasets.groups import sky_groups
    >>> sky_groups(Table({'ra': [10.0, 10.0001, 200.0], 'dec': [0.0, 0.0, 30.0]})).tolist()
    [0, 0, 1]
    """
    rows = np.arange(len(table))
    pairs = [(rows, rows)]
    placed = {"ra", "dec"} <= set(table.colnames)
    if placed:
        ra, dec = float_values(table, "ra"), float_values(table, "dec")
        known = np.isfinite(ra) & (np.abs(dec) <= 90)
        if known.any():
            coords = SkyCoord(ra[known], dec[known], unit="deg")
            cells = HEALPix(nside=_NSIDE, order="nested").lonlat_to_healpix(coords.ra, coords.dec)
            pairs.append(_links(cells, rows[known]))
            first, second, _, _ = coords.search_around_sky(coords, _SAME)
            pairs.append((rows[known][first], rows[known][second]))
    if "id" in table.colnames:
        named = ~is_masked(table["id"])
        pairs.append(_links(np.ma.getdata(np.asarray(table["id"]))[named], rows[named]))
    elif not placed:
        raise ColumnError(
            f"A split by sky needs the columns ra and dec, or id; the table has {', '.join(table.colnames)}"
        )
    left, right = (np.concatenate(side) for side in zip(*pairs, strict=True))
    graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(len(table), len(table)))
    return connected_components(graph, directed=False)[1]
