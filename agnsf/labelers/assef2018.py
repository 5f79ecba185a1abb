# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The selections of AGN by W1 - W2 and W2, after Assef et al. (2018)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

import agnsf
from agnsf.labelers.curves import Boundary, Curve, Threshold
from agnsf.labelers.wise import WiseDiagram

__all__ = ["Assef2018"]

_ASSEF = ("Assef et al. (2018)", "2018ApJS..234...23A")


@dataclass(frozen=True)
class ReliabilityCurve(Curve):
    """
    The color ``alpha * exp(beta * (W2 - gamma)**2)`` for W2 fainter than gamma, alpha for brighter.

    Parameters
    ----------
    name, bibcode, x, y : str
        As in `~agnsf.labelers.curves.Curve`.
    alpha, beta, gamma : float
        The coefficients.
    """

    alpha: float
    beta: float
    gamma: float

    def __call__(self, x):
        """Return the color; see `~agnsf.labelers.curves.Curve`."""
        with np.errstate(over="ignore"):
            return self.alpha * np.exp(self.beta * np.square(np.maximum(x - self.gamma, 0)))


def _reliable(alpha, beta, gamma):
    return ReliabilityCurve(*_ASSEF, "mag_w2", "w1_w2", alpha, beta, gamma)


_SELECTIONS: dict[str, Boundary] = {
    "R90": _reliable(0.650, 0.153, 13.86),
    "R75": _reliable(0.486, 0.092, 13.07),
    "C75": Threshold(*_ASSEF, column="w1_w2", value=0.71),
    "C90": Threshold(*_ASSEF, column="w1_w2", value=0.50),
}


@dataclass(frozen=True)
class Assef2018(WiseDiagram):
    """
    Select AGN redder in W1 - W2 than one of four lines of Assef et al. (2018ApJS..234...23A).

    Magnitudes are in the Vega system. A galaxy that is not selected is not called star-forming: its
    label is masked.

    Parameters
    ----------
    snr : float or None, optional
        The signal-to-noise ratio that every band must reach, where errors exist. If None, errors do
        not matter.
    selection : {"R90", "R75", "C75", "C90"}, optional
        For a reliability of 90 or 75 per cent, or a completeness of 75 or 90 per cent.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.assef2018 import Assef2018
    >>> Assef2018().label(Table({'mag_w1': [14.0, 16.8], 'mag_w2': [13.2, 16.0]}))['label'].tolist()
    ['AGN', None]
    """

    selection: Literal["R90", "R75", "C75", "C90"] = "R90"

    name = "assef2018"
    requires = ("mag_w1", "mag_w2")
    ties = "SF"
    citations = (_ASSEF[1],)

    @property
    def boundaries(self):
        """The line of the selection."""
        return (_SELECTIONS[self.selection],)

    def decide(self, red):
        """Return 2 (AGN) above the line, else 1."""
        return np.where(red, 2, 1)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Assef et al. (2018)."""
    return [Assef2018]
