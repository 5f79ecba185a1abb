# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The [N II] diagram with the semi-empirical line of Stasinska et al. (2006)."""

from dataclasses import dataclass

import numpy as np

import agnsf
from agnsf.labelers.curves import KEWLEY2001_NII, Curve, Threshold
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import NII_LINES, NII_RATIOS, CompositeDiagram, LineDiagram

__all__ = ["Stasinska2006", "Stasinska2006Nii"]

_NII_ONLY = {"log_nii_ha": NII_RATIOS["log_nii_ha"]}
_STASINSKA = ("Stasińska et al. (2006)", "2006MNRAS.371..972S")


@dataclass(frozen=True)
class StasinskaCurve(Curve):
    """
    The line ``y = (-30.787 + 1.1358 x + 0.27297 x**2) tanh(5.7409 x) - 31.093``.

    It has its maximum near ``x = -2.08``, far left of any galaxy, and is taken as level from there.

    Parameters
    ----------
    name, bibcode, x, y : str
        As in `~agnsf.labelers.curves.Curve`.

    Examples
    --------
    >>> from agnsf.labelers.stasinska2006 import Stasinska2006
    >>> Stasinska2006.boundaries[0](-0.4).round(3).item()
    -0.521
    """

    def __call__(self, x):
        """Return the ordinate; see `~agnsf.labelers.curves.Curve`."""
        x = np.maximum(x, -1.1358 / (2 * 0.27297))
        y = (-30.787 + 1.1358 * x + 0.27297 * x**2) * np.tanh(5.7409 * x) - 31.093
        return np.where(x >= 0, -np.inf, y)


@dataclass(frozen=True)
class Stasinska2006(LineDiagram):
    """
    Label galaxies by the line below which star formation alone ionizes the gas (2006MNRAS.371..972S).

    AGN, in the sense of an AGN that contributes, are the galaxies on or above the line of
    Stasinska et al. (2006). Those below the line of Kewley et al. (2001ApJ...556..121K) have the
    subclass ``composite``.

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

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.stasinska2006 import Stasinska2006
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [20.0, 40.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [30.0, 30.0]})
    >>> Stasinska2006().label(table)['label'].tolist()
    ['SF', 'AGN']
    """

    name = "stasinska2006"
    requires = NII_LINES
    ratios = NII_RATIOS
    boundaries = (StasinskaCurve(*_STASINSKA, "log_nii_ha", "log_oiii_hb"), KEWLEY2001_NII)
    regions = (Region("SF"), Region("AGN", "composite"), Region("AGN"))
    citations = (_STASINSKA[1], KEWLEY2001_NII.bibcode)

    def decide(self, above_stasinska, above_kewley):
        """Return 1 below the line, else 2 below the one of Kewley, else 3."""
        return np.where(above_stasinska, np.where(above_kewley, 3, 2), 1)


@dataclass(frozen=True)
class Stasinska2006Nii(CompositeDiagram):
    """
    Label galaxies by [N II]/H-alpha alone, as Stasinska et al. (2006MNRAS.371..972S) propose.

    Star-forming below -0.4 dex, composite from there, AGN from -0.2 dex on.

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

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.stasinska2006 import Stasinska2006Nii
    >>> table = Table({'h_alpha_flux': [100.0, 100.0, 100.0], 'nii_6584_flux': [20.0, 50.0, 80.0]})
    >>> Stasinska2006Nii().label(table)['label'].tolist()
    ['SF', 'composite', 'AGN']
    """

    name = "stasinska2006-nii"
    requires = ("h_alpha_flux", "nii_6584_flux")
    ratios = _NII_ONLY
    boundaries = (
        Threshold(*_STASINSKA, column="log_nii_ha", value=-0.4),
        Threshold(*_STASINSKA, column="log_nii_ha", value=-0.2),
    )
    citations = (_STASINSKA[1],)

    @property
    def regions(self):
        """What the codes of `decide` mean."""
        return Region("SF"), self.composite, Region("AGN")

    def decide(self, composite, agn):
        """Return the number of thresholds reached, plus 1."""
        return 1 + composite.astype(np.int8) + agn


@agnsf.hookimpl
def register_labelers():
    """Return the labelers of Stasinska et al. (2006)."""
    return [Stasinska2006, Stasinska2006Nii]
