# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How cutouts are framed, and how they are asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from agnsf.columns import AgnsfError, float_values

__all__ = ["FALLBACK_PIXEL_SCALE", "Access", "Framing"]

#: In arcsec per pixel, for galaxies without a radius: the pixel scale of the Legacy Surveys.
FALLBACK_PIXEL_SCALE = 0.262

_LARGEST = 3000  # pixels; what the Legacy Survey viewer gives at most


@dataclass(frozen=True)
class Framing:
    """
    How large a cutout is, on the sky and in pixels.

    Parameters
    ----------
    size : int, optional
        Width and height in pixels.
    field_of_view : float, optional
        Width and height on the sky, in radii of the galaxy.
    pixel_scale : float or None, optional
        The same pixel scale for every galaxy, in arcsec, whatever its radius.
    radius : {"catalog", "measure"}, optional
        Where a radius comes from that the table does not have: ``catalog`` leaves the galaxy at 0.262
        arcsec per pixel, ``measure`` measures it on such a cutout and asks for a second one.

    Raises
    ------
    AgnsfError
        If a value makes no sense.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.cutouts import Framing
    >>> Framing(size=250).pixel_scales(Table({'radius': [12.5]})).tolist()
    [0.15]
    """

    size: int = 250
    field_of_view: float = 3.0
    pixel_scale: float | None = None
    radius: Literal["catalog", "measure"] = "catalog"

    def __post_init__(self):
        if not 1 <= self.size <= _LARGEST:
            raise AgnsfError(f"The size of cutouts must lie between 1 and {_LARGEST} pixels, not {self.size}")
        if self.radius not in ("catalog", "measure"):
            raise AgnsfError(f"The radius of galaxies comes from 'catalog' or 'measure', not {self.radius!r}")
        for name in ("field_of_view", "pixel_scale"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise AgnsfError(f"The {name.replace('_', ' ')} of cutouts must be > 0, not {value}")

    def wanted_columns(self, source):
        """
        Return the columns of ours to look for in a table before its cutouts are asked for.

        Parameters
        ----------
        source : ImageSource
            Where they will come from.

        Returns
        -------
        names : tuple of str
            For `agnsf.catalogs.translate`: the name, those that the source needs, and the radius
            if a galaxy's radius is to set its pixel scale.
        """
        framed = "ra" in source.needs and self.pixel_scale is None
        return ("id", *source.needs, "radius") if framed else ("id", *source.needs)

    def pixel_scales(self, table):
        """
        Return the pixel scale of each galaxy's cutout.

        Parameters
        ----------
        table : `~astropy.table.Table`
            With the column ``radius`` in arcsec, or without.

        Returns
        -------
        pixel_scales : `~numpy.ndarray` of float64, shape (n,)
            In arcsec per pixel: ``radius * field_of_view / size``, and 0.262 where a galaxy has
            no radius; the fixed ``pixel_scale`` where one is given.
        """
        if self.pixel_scale is not None:
            return np.full(len(table), float(self.pixel_scale))
        if "radius" not in table.colnames:
            return np.full(len(table), FALLBACK_PIXEL_SCALE)
        radius = float_values(table, "radius")
        known = np.isfinite(radius) & (radius > 0)
        return np.where(known, radius * self.field_of_view / self.size, FALLBACK_PIXEL_SCALE)


@dataclass(frozen=True)
class Access:
    """
    How cutouts are asked for; no option changes what is in them.

    Parameters
    ----------
    connections : int or None, optional
        How many cutouts are asked for at once; by default as many as the image source says.
    offline : bool, optional
        Use nothing but the cache.
    refresh : bool, optional
        Ask for everything again, whatever the cache holds, and keep the new answers.
    folder : path-like or None, optional
        The cache; by default the one that `agnsf.cache` names.

    Raises
    ------
    AgnsfError
        If a value makes no sense.
    """

    connections: int | None = None
    offline: bool = False
    refresh: bool = False
    folder: str | Path | None = None

    def __post_init__(self):
        if self.connections is not None and self.connections < 1:
            raise AgnsfError(f"The number of connections must be at least 1, not {self.connections}")
        if self.offline and self.refresh:
            raise AgnsfError("Cutouts cannot be fetched again while offline: give one of the two options")
