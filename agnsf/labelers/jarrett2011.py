# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The selection of AGN in a box of WISE colors, after Jarrett et al. (2011)."""

from dataclasses import dataclass

import numpy as np

import agnsf
from agnsf.labelers.curves import Line, Threshold
from agnsf.labelers.wise import WiseDiagram

__all__ = ["Jarrett2011"]

_JARRETT = ("Jarrett et al. (2011)", "2011ApJ...735..112J")


@dataclass(frozen=True)
class Jarrett2011(WiseDiagram):
    """
    Select AGN in the box of WISE colors of Jarrett et al. (2011ApJ...735..112J).

    The box is ``2.2 < W2 - W3 < 4.2`` and ``0.1 (W2 - W3) + 0.38 < W1 - W2 < 1.7``, in the Vega system. A
    galaxy that is not selected is not called star-forming: its label is masked.

    Parameters
    ----------
    snr : float or None, optional
        The signal-to-noise ratio that every band must reach, where errors exist. If None, errors do
        not matter.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.jarrett2011 import Jarrett2011
    >>> table = Table({'mag_w1': [14.0, 14.0], 'mag_w2': [13.0, 13.8], 'mag_w3': [10.0, 10.0]})
    >>> Jarrett2011().label(table)['label'].tolist()
    ['AGN', None]
    """

    name = "jarrett2011"
    requires = ("mag_w1", "mag_w2", "mag_w3")
    boundaries = (
        Threshold(*_JARRETT, column="w2_w3", value=2.2),
        Line(*_JARRETT, "w2_w3", "w1_w2", slope=0.1, intercept=0.38),
        Threshold(*_JARRETT, column="w2_w3", value=4.2),
        Threshold(*_JARRETT, column="w1_w2", value=1.7),
    )
    citations = (_JARRETT[1],)

    def sides(self, at):
        """Return on which sides of the box's edges galaxies lie; the edges are outside."""
        left, lower, right, upper = self.boundaries
        return [left.above(at, ties=False), lower.above(at, ties=False), right.above(at), upper.above(at)]

    def decide(self, beyond_left, above_lower, beyond_right, above_upper):
        """Return 2 (AGN) inside the box, else 1."""
        return np.where(beyond_left & above_lower & ~beyond_right & ~above_upper, 2, 1)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Jarrett et al. (2011)."""
    return [Jarrett2011]
