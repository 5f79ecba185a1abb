# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How the figures look: colors that color-blind readers tell apart, and ink that follows the page."""

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["AGN", "INK", "NEUTRAL", "SERIES", "SF", "Figure", "draw", "plain_text"]

# After Okabe & Ito (2008), the blue a little lighter so that it stands out from a dark page too.
AGN = "#d55e00"
SF = "#2a8fd0"
NEUTRAL = "#808890"
SERIES = (AGN, SF, "#009e73", "#b8860b", "#b8609a", NEUTRAL)

#: Matplotlib draws text and axes in this color; the page then makes it that of its own text.
INK = "#010203"

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "grid.alpha": 0.2,
    "hatch.color": INK,
    "hatch.linewidth": 0.5,
    "grid.color": NEUTRAL,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Figure:
    """
    One figure of a report.

    Parameters
    ----------
    name : str
        Short and fit for a file name.
    title : str
        What stands above it.
    alt : str
        What it shows, in words, for those who do not see it.
    svg : str
        The drawing; its ink is ``currentColor``.
    """

    name: str
    title: str
    alt: str
    svg: str

    @property
    def file_text(self):
        """The drawing as a file of its own, in black."""
        head = '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
        return head + self.svg.replace("currentColor", "#000000")


def plain_text(text):
    """
    Return a text of the user so that matplotlib takes no sign of it for a formula.

    Parameters
    ----------
    text : str
        A column name, for instance.

    Returns
    -------
    text : str
        With every dollar sign escaped.
    """
    return str(text).replace("$", r"\$")


@contextmanager
def draw(name, title, alt, *, size=(4.6, 3.9), made):
    """
    Give axes to draw on, and append the finished figure to a list.

    Parameters
    ----------
    name, title, alt : str
        As of `Figure`; ``alt`` may be a function that is called when all is drawn.
    size : tuple of float, optional
        Width and height in inches.
    made : list
        Where the `Figure` goes.

    Yields
    ------
    figure : `matplotlib.figure.Figure`
        Without axes; nothing of pyplot's state is touched.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    # The salt keeps the ids of several drawings on one page apart, and the same from run to run.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Canvas(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        yield figure
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    made.append(Figure(name, title, alt, _for_page(text.getvalue(), name)))


def _for_page(svg, name):
    """Take off what only a file needs, and what would reach beyond the drawing."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = svg.replace(INK, "currentColor")
    # Groups and glyphs are named by position: "axes_1" would be there once for each figure.
    names = set(re.findall(r'\bid="([^"]+)"', svg))
    svg = re.sub(r'\bid="([^"]+)"', lambda match: f'id="{name}-{match[1]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{name}-{match[1]})", svg)
    svg = re.sub(r'href="#([^"]+)"', lambda match: f'href="#{name}-{match[1]}"' if match[1] in names else match[0], svg)
    return svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
