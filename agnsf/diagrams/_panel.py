# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One panel: a histogram of many galaxies, or the points of a few."""

import numpy as np
from astropy.visualization import ImageNormalize, LogStretch
from matplotlib.colors import LinearSegmentedColormap, to_rgb

__all__ = ["draw_galaxies", "edges"]

_BINS = 110
#: With fewer galaxies than this, a histogram shows less than points.
_FEW = 2_000


def edges(axis):
    """
    Return the edges of the histogram's bins along an axis.

    Parameters
    ----------
    axis : Axis
        The axis.

    Returns
    -------
    edges : `~numpy.ndarray` of float64
        Equally spaced, in the logarithm for a logarithmic axis.
    """
    return np.geomspace(axis.low, axis.high, _BINS + 1) if axis.log else np.linspace(axis.low, axis.high, _BINS + 1)


def _shades(color):
    """Return the colors from a tint of a color to a dark shade of it."""
    full = np.array(to_rgb(color))
    return LinearSegmentedColormap.from_list("shades", [0.7 + 0.3 * full, full, 0.45 * full])


def draw_galaxies(panel, x, y, rows, color, *, abscissa, ordinate, most, context):
    """
    Draw some of the galaxies.

    Parameters
    ----------
    panel : `~matplotlib.axes.Axes`
        Where to draw.
    x, y : `~numpy.ndarray` of float, shape (n,)
        Where all galaxies lie.
    rows : `~numpy.ndarray` of bool, shape (n,)
        Those to draw.
    color : str
        Their color.
    abscissa, ordinate : Axis
        The axes.
    most : float
        The number of galaxies in a bin that has the darkest shade.
    context : bool
        Whether to show in light gray where all galaxies lie.

    Returns
    -------
    image : `~matplotlib.collections.QuadMesh` or None
        For a color bar; None if points were drawn.
    """
    if len(x) < _FEW:
        if context:
            panel.plot(x, y, ".", ms=3, color="#e0e0e0", zorder=1, rasterized=True)
        panel.plot(x[rows], y[rows], ".", ms=4, color=color, zorder=2, rasterized=True)
        return None
    bins = [edges(abscissa), edges(ordinate)]
    if context:
        everywhere = np.histogram2d(x, y, bins=bins)[0].T > 0
        gray = LinearSegmentedColormap.from_list("gray", ["#ebebeb", "#ebebeb"])
        panel.pcolormesh(*bins, np.ma.MaskedArray(everywhere, mask=~everywhere), cmap=gray, rasterized=True, zorder=1)
    counts = np.histogram2d(x[rows], y[rows], bins=bins)[0].T
    norm = ImageNormalize(vmin=1, vmax=max(2, most), stretch=LogStretch(most))
    return panel.pcolormesh(
        *bins, np.ma.MaskedArray(counts, mask=counts == 0), cmap=_shades(color), norm=norm, rasterized=True, zorder=2
    )
