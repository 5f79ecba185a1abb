# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The line that the SDSS pipeline draws for the SUBCLASS of its galaxies."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.labelers.curves import Line, Threshold
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import NII_LINES, NII_RATIOS, LineDiagram

__all__ = ["SdssSubclass"]

_SDSS = ("SDSS pipeline", "2012AJ....144..144B")


@dataclass(frozen=True)
class SdssSubclass(LineDiagram):
    """
    Label galaxies as the SDSS pipeline sets SUBCLASS (Bolton et al. 2012AJ....144..144B).

    AGN lie on or above ``y = 0.7 - 1.2 (x + 0.4)``. The others are star-forming, with the subclass
    ``starburst`` where H-alpha has 50 Angstrom or more, as far as that is known. This line lies
    above those of the literature: it calls star-forming many galaxies that they call AGN. Compare it
    with SUBCLASS only.

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
    >>> from agnsf.labelers.sdss_subclass import SdssSubclass
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [40.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [48.0, 90.0]})
    >>> SdssSubclass().label(table)['label'].tolist()
    ['SF', 'AGN']
    """

    name = "sdss-subclass"
    requires = NII_LINES
    optional: ClassVar[tuple[str, ...]] = ("z", "h_alpha_ew")
    ratios = NII_RATIOS
    boundaries = (
        Line(*_SDSS, "log_nii_ha", "log_oiii_hb", slope=-1.2, intercept=0.7 - 1.2 * 0.4),
        Threshold(*_SDSS, column="h_alpha_ew", value=50.0),
    )
    regions = (Region("SF"), Region("SF", "starburst"), Region("AGN"))
    citations = (_SDSS[1],)

    def coordinates(self, inputs):
        """Return where galaxies lie; an equivalent width that is not known counts as small."""
        at = super().coordinates(inputs)
        width = inputs.get("h_alpha_ew", np.full(len(at["log_oiii_hb"]), np.nan))
        return at | {"h_alpha_ew": np.where(np.isnan(width), -np.inf, width)}

    def decide(self, agn, starburst):
        """Return 3 above the line, else 2 for a starburst, else 1."""
        return np.where(agn, 3, np.where(starburst, 2, 1))


@agnsf.hookimpl
def register_labelers():
    """Return the labeler that follows the SDSS pipeline."""
    return [SdssSubclass]
