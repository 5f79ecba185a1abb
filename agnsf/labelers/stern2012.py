# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The selection of AGN by W1 - W2, after Stern et al. (2012)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.labelers.curves import Threshold
from agnsf.labelers.wise import WiseDiagram

__all__ = ["Stern2012"]


@dataclass(frozen=True)
class Stern2012(WiseDiagram):
    """
    Select AGN with W1 - W2 of 0.8 or more, to W2 = 15.05 (Stern et al. 2012ApJ...753...30S).

    Magnitudes are in the Vega system. A galaxy that is not selected is not called star-forming: its
    label is masked.

    Parameters
    ----------
    snr : float or None, optional
        The signal-to-noise ratio that every band must reach, where errors exist. If None, errors do
        not matter.
    everywhere : bool, optional
        Whether to select fainter galaxies, too.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.stern2012 import Stern2012
    >>> Stern2012().label(Table({'mag_w1': [14.0, 14.0], 'mag_w2': [13.0, 13.9]}))['label'].tolist()
    ['AGN', None]
    """

    everywhere: bool = False

    name = "stern2012"
    requires = ("mag_w1", "mag_w2")
    boundaries = (Threshold("Stern et al. (2012)", "2012ApJ...753...30S", column="w1_w2", value=0.8),)
    valid: ClassVar[dict[str, tuple[float, float]]] = {"mag_w2": (-np.inf, 15.05)}
    citations = ("2012ApJ...753...30S",)

    def decide(self, red):
        """Return 2 (AGN) at or above the color, else 1."""
        return np.where(red, 2, 1)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Stern et al. (2012)."""
    return [Stern2012]
