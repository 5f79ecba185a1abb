# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The color of a galaxy in magnitudes, from a picture whose recipe can be inverted."""

from itertools import pairwise

import numpy as np

from agnsf.images import RECIPES, to_flux
from agnsf.measure._pictures import picture_sky
from agnsf.measure._profiles import Growth

__all__ = ["picture_color_names", "picture_colors"]

_LARGEST = 0.9  # of half the frame: what lies outside shows the sky
_SATURATED = 255


def picture_color_names(recipe):
    """
    Return the names of the colors, in their order.

    Parameters
    ----------
    recipe : str
        As for `picture_colors`.

    Returns
    -------
    names : list of str
        One for each column that `picture_colors` returns.

    Examples
    --------
    >>> from agnsf.measure import picture_color_names
    >>> picture_color_names('legacysurvey')
    ['g_r', 'r_z']
    """
    bands = RECIPES[recipe].bands
    return [f"{blue}_{red}" for blue, red in pairwise(bands)]


def picture_colors(pictures, *, recipe):
    """
    Measure the colors of galaxies in magnitudes, each in the middle of its frame.

    The pictures are turned back into flux, the median of the border is subtracted, and the flux inside
    the Petrosian radius (2001AJ....121.2358B) in the second band is summed where no plane is saturated: in the
    whole frame where that radius does not lie within it. Neither seeing nor Galactic extinction is corrected for.

    Parameters
    ----------
    pictures : array-like of uint8, shape (n, size, size, 3)
        Red, green, blue; indexed by slices.
    recipe : str
        An invertible recipe among ``agnsf.images.RECIPES``.

    Returns
    -------
    colors : `~numpy.ndarray` of float64, shape (n, k)
        AB magnitudes, in the order of `picture_color_names`; NaN where a band has no light.

    Raises
    ------
    ValueError
        If the recipe cannot be inverted.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.images import to_rgb
    >>> from agnsf.measure import picture_colors
    >>> y, x = np.mgrid[:64, :64] - 31.5
    >>> galaxy = np.exp(-np.hypot(y, x) / 6)
    >>> picture = to_rgb(np.stack([0.2 * galaxy, 0.4 * galaxy, 0.6 * galaxy]), 'grz', 'legacysurvey')
    >>> picture_colors(picture[None], recipe='legacysurvey').round(2).tolist()
    [[0.75, 0.44]]
    """
    colors = np.full((len(pictures), len(picture_color_names(recipe))), np.nan)
    for row in range(len(pictures)):
        picture = np.asarray(pictures[row])
        flux = to_flux(picture, recipe)
        sky = to_flux(picture_sky(picture[None]).astype(np.uint8)[:, None, :], recipe)
        colors[row] = _colors(flux - sky, (picture < _SATURATED).all(axis=2)[::-1])
    return colors


def _colors(flux, good):
    size = flux.shape[-1]
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    distance = np.hypot(y, x)
    reach = _LARGEST * size / 2
    radius = Growth.of(flux[1], distance, reach=reach).petrosian()
    inside = good & (distance < (radius if np.isfinite(radius) else reach))
    light = flux[:, inside].sum(axis=1, dtype=np.float64)
    if (light <= 0).any():
        return np.nan
    return -2.5 * np.log10(light[:-1] / light[1:])
