# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Radial profiles of one galaxy: curve of growth, Petrosian radius, colors in rings."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Growth", "central_excess", "ring_fluxes"]

_PETROSIAN_RATIO = 0.2  # as SDSS defines it (2001AJ....121.2358B)
_ANNULUS = (0.8, 1.25)  # of a radius: where SDSS takes the local surface brightness


@dataclass(frozen=True)
class Growth:
    """
    The light of a galaxy by distance from its center.

    Parameters
    ----------
    radius : `~numpy.ndarray`, shape (k,)
        In pixels, rising, from 0.
    flux : `~numpy.ndarray`, shape (k,)
        Flux inside each radius.
    """

    radius: np.ndarray
    flux: np.ndarray

    @classmethod
    def of(cls, image, distance, *, reach):
        """
        Return the curve of growth of an image.

        Parameters
        ----------
        image : `~numpy.ndarray`, shape (y, x)
            Sky-subtracted.
        distance : `~numpy.ndarray`, shape (y, x)
            Of each pixel from the galaxy's center, in pixels.
        reach : float
            The largest radius at which the circle is still inside the image.

        Returns
        -------
        growth : Growth
            In steps of half a pixel.
        """
        order = np.argsort(distance, axis=None, kind="stable")
        within = np.cumsum(image.ravel()[order], dtype=np.float64)
        radius = np.arange(0, reach, 0.5)
        count = np.searchsorted(distance.ravel()[order], radius)
        mean = np.divide(within[np.maximum(count - 1, 0)], count, out=np.zeros(len(radius)), where=count > 0)
        return cls(radius, mean * np.pi * radius**2)  # whole circles, whatever pixels fall inside

    def inside(self, radius):
        """Return the flux inside a radius."""
        return np.interp(radius, self.radius, self.flux)

    def petrosian(self):
        """
        Return the radius at which the local surface brightness has sunk to a fifth of the mean inside.

        Returns
        -------
        radius : float
            In pixels (2001AJ....121.2358B), the outermost if there are several; NaN if it is not
            reached within the image.
        """
        inner, outer = (self.inside(factor * self.radius) for factor in _ANNULUS)
        area = np.pi * self.radius**2
        with np.errstate(divide="ignore", invalid="ignore"):
            local = (outer - inner) / (area * (_ANNULUS[1] ** 2 - _ANNULUS[0] ** 2))
            ratio = local / (self.flux / area)
        known = (self.radius >= 1) & (self.radius <= self.radius[-1] / _ANNULUS[1])
        above = np.flatnonzero(known & (ratio > _PETROSIAN_RATIO))
        if not len(above):
            return np.nan
        low = above[-1]  # the outermost crossing: a bright nucleus makes one of its own
        high = low + 1
        if not known[high]:
            return np.nan
        share = (ratio[low] - _PETROSIAN_RATIO) / (ratio[low] - ratio[high])
        return float(self.radius[low] + share * (self.radius[high] - self.radius[low]))

    def holding(self, share, total):
        """Return the radius inside which a share of the total flux lies; NaN if none does."""
        reached = np.flatnonzero(self.flux >= share * total)
        if total <= 0 or not len(reached) or reached[0] == 0:
            return np.nan
        high = reached[0]
        low = high - 1
        step = (share * total - self.flux[low]) / (self.flux[high] - self.flux[low])
        return float(self.radius[low] + step * (self.radius[high] - self.radius[low]))


def ring_fluxes(image, distance, edges):
    """
    Return the mean surface brightness between some radii.

    Parameters
    ----------
    image : `~numpy.ndarray`, shape (band, y, x)
        Sky-subtracted.
    distance : `~numpy.ndarray`, shape (y, x)
        Of each pixel from the galaxy's center.
    edges : sequence of float
        Rising.

    Returns
    -------
    brightness : `~numpy.ndarray`, shape (band, len(edges) - 1)
        Per pixel; NaN where a ring holds no pixel.
    """
    where = np.digitize(distance.ravel(), edges) - 1
    inside = (where >= 0) & (where < len(edges) - 1)
    count = np.bincount(where[inside], minlength=len(edges) - 1)
    sums = [np.bincount(where[inside], plane.ravel()[inside], minlength=len(edges) - 1) for plane in image]
    return np.divide(sums, count, out=np.full((len(image), len(edges) - 1), np.nan), where=count > 0)


def central_excess(image, distance, *, fwhm, outer):
    """
    Return how much light the center has beyond an exponential profile, as a share of the galaxy's.

    The logarithm of the surface brightness between 1.5 times the width of the point-spread function
    and the outer radius is fitted by a straight line, which is extended inward.

    Parameters
    ----------
    image : `~numpy.ndarray`, shape (y, x)
        Sky-subtracted.
    distance : `~numpy.ndarray`, shape (y, x)
        Of each pixel from the galaxy's center, in pixels.
    fwhm, outer : float
        Width of the point-spread function, and the galaxy's radius, in pixels.

    Returns
    -------
    excess : float
        NaN where the galaxy is too small for a fit.
    """
    edges = np.linspace(1.5 * fwhm, outer, 9)
    if edges[-1] - edges[0] < 4:
        return np.nan
    brightness = ring_fluxes(image[None], distance, edges)[0]
    good = brightness > 0
    if good.sum() < 4:
        return np.nan
    middle = (edges[1:] + edges[:-1]) / 2
    slope, level = np.polyfit(middle[good], np.log(brightness[good]), 1)
    inside = distance < fwhm
    total = image[distance < outer].sum()
    return float((image[inside].sum() - np.exp(level + slope * distance[inside]).sum()) / total)
