# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The lines of a diagram, drawn as far as they part anything."""

import numpy as np

from agnsf.labelers.curves import Curve, Hyperbola, Line, Threshold

__all__ = ["draw_boundaries"]

_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def _at_redshift(boundary, at):
    """Return a line that moves with redshift at the median one, with a name that says so."""
    if not hasattr(boundary, "at_redshift"):
        return boundary, boundary.name
    z = float(np.nanmedian(at["z"]))
    return boundary.at_redshift(z), f"{boundary.name}, z = {z:.2f}"


def _ordinates(curve, x, curves):
    """Return a curve's ordinates, NaN where it parts nothing: a Seyfert line below the AGN line."""
    y = np.where(np.isfinite(curve(x)), curve(x), np.nan)
    upper = [one for one in curves if isinstance(one, Hyperbola)]
    if isinstance(curve, Line) and upper:
        y = np.where(y < upper[-1](x), np.nan, y)
    return y


def _visible(extent, axis):
    """Return the part of an axis in which a threshold parts anything."""
    return np.clip(extent, axis.low, axis.high)


def draw_boundaries(panel, labeler, at, abscissa, ordinate):
    """
    Draw the lines of a labeler that lie on two axes.

    Parameters
    ----------
    panel : `~matplotlib.axes.Axes`
        Where to draw.
    labeler : `~agnsf.labelers.diagram.Diagram`
        Whose boundaries to draw.
    at : dict of str to `~numpy.ndarray`
        The galaxies' coordinates; the redshift tells where a line that moves with it lies.
    abscissa, ordinate : Axis
        The axes.

    Returns
    -------
    handles : dict of str to `~matplotlib.lines.Line2D`
        A line for each name in the legend.
    """
    boundaries = [_at_redshift(boundary, at) for boundary in labeler.boundaries]
    styles = dict(zip(dict.fromkeys(name for _, name in boundaries), _STYLES, strict=False))
    axes = (abscissa.column, ordinate.column)
    curves = [one for one, _ in boundaries if isinstance(one, Curve) and (one.x, one.y) == axes]
    grid = np.linspace(abscissa.low, abscissa.high, 1201)
    shift = getattr(labeler, "shift", 0.0)
    handles = {}
    for boundary, name in boundaries:
        if boundary in curves:
            x, y = grid, _ordinates(boundary, grid - shift, curves)
        elif isinstance(boundary, Threshold) and boundary.column == abscissa.column:
            x, y = [boundary.value] * 2, _visible(boundary.extent, ordinate)
        elif isinstance(boundary, Threshold) and boundary.column == ordinate.column:
            x, y = _visible(boundary.extent, abscissa), [boundary.value] * 2
        else:
            continue
        (line,) = panel.plot(x, y, color="black", lw=1.3, ls=styles[name], label=name, zorder=5)
        handles.setdefault(name, line)
    return handles
