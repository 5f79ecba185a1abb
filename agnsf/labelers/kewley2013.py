# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The [N II] diagram whose line moves with redshift, after Kewley et al. (2013)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.labelers.curves import Boundary, Hyperbola
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import NII_LINES, NII_RATIOS, LineDiagram

__all__ = ["Kewley2013"]


@dataclass(frozen=True)
class CosmicHyperbola(Boundary):
    """
    The line ``y = 0.61 / (x - 0.02 - 0.1833 z) + 1.2 + 0.03 z``.

    Parameters
    ----------
    name, bibcode : str
        As in `~agnsf.labelers.curves.Boundary`.
    """

    def at_redshift(self, z):
        """
        Return the line at one redshift, or at that of each galaxy.

        Parameters
        ----------
        z : float or `~numpy.ndarray` of float
            The redshift.

        Returns
        -------
        curve : `~agnsf.labelers.curves.Hyperbola`
            With [N II]/H-alpha as its abscissa.
        """
        return Hyperbola(
            self.name,
            self.bibcode,
            "log_nii_ha",
            "log_oiii_hb",
            scale=0.61,
            asymptote=0.02 + 0.1833 * z,
            offset=1.2 + 0.03 * z,
        )

    def above(self, at, *, ties=True):
        """Return which points lie above the line of their redshift; see `Boundary.above`."""
        return self.at_redshift(at["z"]).above(at, ties=ties)


@dataclass(frozen=True)
class Kewley2013(LineDiagram):
    """
    Label galaxies by the redshift-dependent line of Kewley et al. (2013ApJ...774L..10K).

    AGN are the galaxies on or above ``y = 0.61 / (x - 0.02 - 0.1833 z) + 1.2 + 0.03 z``, and all
    right of its asymptote. It holds for redshifts from 0 to 3.5.

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
    >>> from agnsf.labelers.kewley2013 import Kewley2013
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [40.0, 40.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [48.0, 48.0], 'z': [0.1, 2.0]})
    >>> Kewley2013().label(table)['label'].tolist()
    ['AGN', 'SF']
    """

    name = "kewley2013"
    requires = (*NII_LINES, "z")
    ratios = NII_RATIOS
    values = ("z",)
    optional: ClassVar[tuple[str, ...]] = ()
    valid: ClassVar[dict[str, tuple[float, float]]] = {"z": (0.0, 3.5)}
    boundaries = (CosmicHyperbola("Kewley et al. (2013)", "2013ApJ...774L..10K"),)
    regions = (Region("SF"), Region("AGN"))
    citations = ("2013ApJ...774L..10K",)

    def decide(self, above):
        """Return 2 (AGN) above the line, else 1 (SF)."""
        return np.where(above, 2, 1)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Kewley et al. (2013)."""
    return [Kewley2013]
