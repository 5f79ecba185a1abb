# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the [N II] diagrams with a Seyfert/LINER line share."""

from dataclasses import dataclass

import numpy as np

from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import NII_LINES, NII_RATIOS, LinerDiagram

__all__ = ["NiiLinerDiagram"]


@dataclass(frozen=True)
class NiiLinerDiagram(LinerDiagram):
    """
    Base class of the [N II] diagrams with a Seyfert/LINER line.

    A subclass sets ``boundaries``: the upper end of the star-forming galaxies, the lower end of the
    AGN, the Seyfert/LINER line, and `~agnsf.labelers.line_diagram.EMITTING`.

    Parameters
    ----------
    snr : float, dict of str to float, or None, optional
        The signal-to-noise ratio that every line must reach, where errors exist; a dict gives it
        by line, and the lines it does not name must reach 3. If None, errors do not matter.
    ties : {"AGN", "SF"}, optional
        To which side a galaxy exactly on a line belongs.
    everywhere : bool, optional
        Whether to label galaxies outside the diagram's range, too.
    limits : bool, optional
        Whether a line that misses its signal-to-noise ratio becomes an upper limit.
    composites : {"composite", "AGN", "SF"}, optional
        The label that composites get; their subclass is ``composite`` in any case.
    retired : {"retired", "AGN"}, optional
        The label of a LINER with less than 3 Angstrom of H-alpha, where that is known.
    """

    requires = NII_LINES
    ratios = NII_RATIOS

    @property
    def regions(self):
        """What the codes of `decide` mean."""
        return Region("SF"), self.composite, Region("AGN", "Seyfert"), Region("AGN", "LINER"), self.retired_liner

    def decide(self, above_star_forming, agn, seyfert, emitting):
        """Return 3 (Seyfert), 4 (LINER) or 5 (retired) for an AGN, else 2 (composite) or 1 (SF)."""
        nucleus = np.where(seyfert, 3, np.where(emitting, 4, 5))
        return np.where(agn, nucleus, np.where(above_star_forming, 2, 1))
