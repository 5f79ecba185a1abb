# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Pictures of the diagrams: where the galaxies of each class lie, and the lines that part them."""

from agnsf.diagrams._axes import DIAGRAMS, Axis, DiagramAxes
from agnsf.diagrams._figure import draw
from agnsf.diagrams._galaxies import diagram_labeler

__all__ = ["DIAGRAMS", "Axis", "DiagramAxes", "diagram_labeler", "draw"]
