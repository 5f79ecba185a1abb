# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The mass-excitation diagram of Juneau et al. (2014): [O III]/H-beta against stellar mass."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.labelers.curves import Curve
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import CompositeDiagram

__all__ = ["Mex"]


@dataclass(frozen=True)
class MassCurve(Curve):
    """
    The hyperbola ``0.375 / (x - 10.5) + 1.14`` up to a mass, from there on a cubic polynomial.

    Parameters
    ----------
    name, bibcode, x, y : str
        As in `~agnsf.labelers.curves.Curve`.
    up_to : float
        The mass, as log10 in solar masses, up to which the hyperbola holds.
    cubic : tuple of float
        Coefficients, the constant first.
    """

    up_to: float
    cubic: tuple[float, ...]

    def __call__(self, x):
        """Return the ordinate; see `~agnsf.labelers.curves.Curve`."""
        hyperbola = 0.375 / (np.minimum(x, self.up_to) - 10.5) + 1.14
        return np.where(x <= self.up_to, hyperbola, np.polynomial.polynomial.polyval(x, self.cubic))


_AXES = ("log_mass", "log_oiii_hb")
_RATIOS = {"log_oiii_hb": ("oiii_5007_flux", "h_beta_flux")}
_UPPER = MassCurve(
    "Juneau et al. (2014), upper",
    "2014ApJ...788...88J",
    *_AXES,
    up_to=10.0,
    cubic=(410.24, -109.333, 9.71731, -0.288244),
)
_LOWER = MassCurve(
    "Juneau et al. (2014), lower",
    "2014ApJ...788...88J",
    *_AXES,
    up_to=9.6,
    cubic=(352.066, -93.8249, 8.32651, -0.246416),
)


@dataclass(frozen=True)
class Mex(CompositeDiagram):
    """
    Label galaxies by [O III]/H-beta and stellar mass, after Juneau et al. (2014ApJ...788...88J).

    AGN lie on or above the upper curve, star-forming galaxies below the lower one, which parts from
    it at 9.6; between them lies the intermediate class, whose label is ``composite`` and whose
    subclass is ``intermediate``. Masses are as log10 in solar masses, for the IMF of Chabrier and
    h = 0.7. The curves were drawn for SDSS galaxies; where fainter lines are lost they move to
    higher masses, which is why galaxies from a redshift of 0.2 on get a label only with ``shift``.

    Parameters
    ----------
    snr : float, dict of str to float, or None, optional
        The signal-to-noise ratio that both lines must reach, where errors exist; a dict gives it
        by line, and the lines it does not name must reach 3. If None, errors do not matter.
    ties : {"AGN", "SF"}, optional
        To which side a galaxy exactly on a curve belongs.
    everywhere : bool, optional
        Whether to label galaxies outside the diagram's range, too.
    limits : bool, optional
        Whether a line that misses its signal-to-noise ratio becomes an upper limit.
    composites : {"composite", "AGN", "SF"}, optional
        The label of the intermediate class.
    shift : float, optional
        By how much the curves move to higher masses, in dex; Juneau et al. (2014) give it for the
        line luminosity that a survey can detect.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.mex import Mex
    >>> table = Table({'h_beta_flux': [10.0, 10.0, 10.0], 'oiii_5007_flux': [10.0, 10.0, 10.0],
    ...                'log_mass': [9.5, 10.3, 11.0]})
    >>> Mex().label(table)['label'].tolist()
    ['SF', 'composite', 'AGN']
    """

    shift: float = 0.0

    name = "mex"
    requires = ("h_beta_flux", "oiii_5007_flux", "log_mass")
    ratios = _RATIOS
    values = ("log_mass",)
    boundaries = (_LOWER, _UPPER)
    citations = ("2014ApJ...788...88J",)

    #: Beyond these no galaxy lies: they are another unit, or a number that stands for none.
    _MASSES: ClassVar[tuple[float, float]] = (4.0, 13.0)

    @property
    def valid(self):
        """Where the curves hold; with a shift at any redshift."""
        return {"log_mass": self._MASSES} | ({} if self.shift else {"z": (-np.inf, 0.2)})

    @property
    def regions(self):
        """What the codes of `decide` mean."""
        return Region("SF"), Region(self.composites, "intermediate"), Region("AGN")

    def sides(self, at):
        """Return on which sides of the shifted curves galaxies lie."""
        return super().sides(at | {"log_mass": at["log_mass"] - self.shift})

    def decide(self, above_lower, above_upper):
        """Return 3 (AGN) above the upper curve, else 2 above the lower one, else 1 (SF)."""
        return np.where(above_upper, 3, np.where(above_lower, 2, 1))


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of the mass-excitation diagram."""
    return [Mex]
