# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Axes, ranges and names of the diagrams."""

from dataclasses import dataclass

__all__ = ["DIAGRAMS", "Axis", "DiagramAxes"]


@dataclass(frozen=True)
class Axis:
    """
    One axis of a diagram.

    Parameters
    ----------
    column : str
        The coordinate.
    title : str
        What stands beside the axis.
    low, high : float
        Its range.
    log : bool, optional
        Whether the axis is logarithmic.
    """

    column: str
    title: str
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class DiagramAxes:
    """
    One kind of diagram.

    Parameters
    ----------
    abscissae : tuple of Axis
        A diagram has a row of panels for each of them that the labeler uses.
    ordinate : Axis
        The same for all.
    labeler : str
        The labeler for tables that have not been labeled.
    """

    abscissae: tuple[Axis, ...]
    ordinate: Axis
    labeler: str


_NII = Axis("log_nii_ha", "log ([N II] λ6584 / Hα)", -1.9, 0.9)
_OIII = Axis("log_oiii_hb", "log ([O III] λ5007 / Hβ)", -1.4, 1.5)

#: What ``agnsf plot`` can draw.
DIAGRAMS = {
    "bpt": DiagramAxes(
        (
            _NII,
            Axis("log_sii_ha", "log ([S II] λλ6717,6731 / Hα)", -1.4, 0.7),
            Axis("log_oi_ha", "log ([O I] λ6300 / Hα)", -2.6, 0.2),
        ),
        _OIII,
        "kewley2001-cut",
    ),
    "whan": DiagramAxes((_NII,), Axis("h_alpha_ew", "EW(Hα) [Å]", 0.05, 400.0, log=True), "whan"),
    "mex": DiagramAxes((Axis("log_mass", r"log ($M_\star$ / $M_\odot$)", 8.0, 12.0),), _OIII, "mex"),
}
