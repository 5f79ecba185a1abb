# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The picture of a diagram: all galaxies, and those of each class."""

import numpy as np
from astropy.visualization import astropy_mpl_style
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from agnsf.diagrams._axes import DIAGRAMS
from agnsf.diagrams._boundaries import draw_boundaries
from agnsf.diagrams._galaxies import galaxies_of
from agnsf.diagrams._panel import draw_galaxies, edges

__all__ = ["draw"]

#: Colors that readers with any kind of color vision can tell apart.
_COLORS = {
    "": "#3c3c3c",
    "SF": "#0072b2",
    "composite": "#009e73",
    "AGN": "#d55e00",
    "retired": "#8a5fa8",
    "passive": "#7f6000",
}
_STYLE = {
    **astropy_mpl_style,
    "axes.axisbelow": False,
    "axes.edgecolor": "black",
    "axes.facecolor": "white",
    "axes.grid": False,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.titlesize": 11,
    "font.size": 10,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    **{
        f"{axis}tick.{name}": value
        for axis in "xy"
        for name, value in {
            "color": "black",
            "direction": "in",
            "labelsize": 9.5,
            "major.size": 5,
            "minor.size": 2.5,
            "minor.visible": True,
        }.items()
    },
    "xtick.top": True,
    "ytick.right": True,
}


def _grid(rows, panels):
    """Return the numbers of rows and columns; a single row of many panels is broken in two."""
    return (2, -(-panels // 2)) if rows == 1 and panels > 3 else (rows, panels)


def _caption(name, count, total):
    return f"{name}: {count:,} ({count / total:.0%})" if name else f"all with a class: {count:,}"


def _color_bar(figure, image, beside):
    low, high = image.norm.vmin, image.norm.vmax
    ticks = [step * 10**power for power in range(9) for step in (1, 2, 5)]
    bar = figure.colorbar(image, ax=beside, pad=0.02, aspect=30, ticks=[tick for tick in ticks if low <= tick <= high])
    bar.minorticks_off()
    bar.set_label("galaxies per bin")


def _row(panels, labeler, at, labels, classes, abscissa, ordinate):
    """Draw one row of panels, and return the image of the first and the lines of the legend."""
    classed, (x, y) = labels != "", (at[abscissa.column], at[ordinate.column])
    inside = classed & (x >= abscissa.low) & (x <= abscissa.high) & (y >= ordinate.low) & (y <= ordinate.high)
    total, counts = np.count_nonzero(classed), {name: np.count_nonzero(labels == name) for name in classes}
    x, y, labels = x[inside], y[inside], labels[inside]
    most = np.histogram2d(x, y, bins=[edges(abscissa), edges(ordinate)])[0].max(initial=2)
    image = handles = None
    for panel, name in zip(panels, ["", *classes], strict=True):
        rows = labels == name if name else np.ones(len(labels), dtype=bool)
        drawn = draw_galaxies(
            panel, x, y, rows, _COLORS[name], abscissa=abscissa, ordinate=ordinate, most=most, context=bool(name)
        )
        lines = draw_boundaries(panel, labeler, at, abscissa, ordinate)
        panel.set_title(_caption(name, counts.get(name, total), total), color=_COLORS[name])
        image, handles = (drawn, lines) if not name else (image, handles)
        panel.set(xlim=(abscissa.low, abscissa.high), ylim=(ordinate.low, ordinate.high))
        if ordinate.log:
            panel.set_yscale("log")
            panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return image, handles, total - len(x)


def draw(diagram, table, labeler, *, columns=None, catalog=None):
    """
    Draw a diagram: all galaxies that have a class, each class by itself, and the lines between them.

    Parameters
    ----------
    diagram : str
        ``"bpt"``, ``"whan"`` or ``"mex"``.
    table : `~astropy.table.Table`
        With the columns that the labeler requires.
    labeler : `~agnsf.Labeler`
        The rule whose classes and lines are shown.
    columns : dict of str to str, optional
        Names in the table of columns of ours.
    catalog : str, optional
        The published catalog whose columns these are.

    Returns
    -------
    figure : `~matplotlib.figure.Figure`
        Save it with ``figure.savefig(path)``.

    Raises
    ------
    AgnsfError
        If the labeler does not use the diagram's axes, or nothing has a class.
    ColumnError
        If the table lacks a column.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.diagrams import draw
    >>> from agnsf.plugins import load_labeler
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [25.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [30.0, 90.0]})
    >>> len(draw('bpt', table, load_labeler('bpt-nii')).axes)
    3
    """
    kind = DIAGRAMS[diagram]
    at, labels, classes = galaxies_of(diagram, table, labeler, columns=columns, catalog=catalog)
    abscissae = [axis for axis in kind.abscissae if axis.column in at]
    rows, cols = _grid(len(abscissae), 1 + len(classes))
    with rc_context(_STYLE):
        figure = Figure(figsize=(0.6 + 3.3 * cols, 0.7 + 3.1 * rows), dpi=200, layout="constrained")
        grid = figure.subplots(rows, cols, squeeze=False, sharey=True, sharex=len(abscissae) == 1)
        legend, lost = {}, 0
        for i, abscissa in enumerate(abscissae):
            row = grid[i] if len(abscissae) > 1 else grid
            image, handles, outside = _row(
                row.ravel()[: 1 + len(classes)], labeler, at, labels, classes, abscissa, kind.ordinate
            )
            legend, lost = legend | handles, max(lost, outside)
            for panel in np.atleast_2d(row)[-1]:
                panel.set_xlabel(abscissa.title)
            if image is not None:
                _color_bar(figure, image, np.atleast_2d(row)[:, -1])
        for panel in grid[:, 0]:
            panel.set_ylabel(kind.ordinate.title)
        for panel in grid.ravel()[1 + len(classes) :] if len(abscissae) == 1 else ():
            panel.set_visible(False)
            grid[-2, -1].xaxis.set_tick_params(labelbottom=True)
            grid[-2, -1].set_xlabel(abscissae[0].title)
        figure.legend(
            handles=list(legend.values()), loc="outside lower center", ncols=min(len(legend), cols), handlelength=3
        )
        figure.suptitle(labeler.name + (f" (outside the axes: {lost:,})" if lost else ""), fontsize=12)
    return figure
