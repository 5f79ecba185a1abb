# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The three diagrams of Kewley et al. (2006) together: [N II], [S II] and [O I]."""

from dataclasses import dataclass

import numpy as np

import agnsf
from agnsf.columns import LabelFlag
from agnsf.labelers.curves import (
    KAUFFMANN2003,
    KEWLEY2001_NII,
    KEWLEY2001_OI,
    KEWLEY2001_SII,
    KEWLEY2006_SEYFERT_OI,
    KEWLEY2006_SEYFERT_SII,
)
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import EMITTING, NII_LINES, NII_RATIOS, LinerDiagram

__all__ = ["Kewley2006"]


_RATIOS = {
    **NII_RATIOS,
    "log_sii_ha": ("sii_flux", "h_alpha_flux"),
    "log_oi_ha": ("oi_6300_flux", "h_alpha_flux"),
}


@dataclass(frozen=True)
class Kewley2006(LinerDiagram):
    """
    Label galaxies on which the [N II], [S II] and [O I] diagrams of Kewley et al. (2006MNRAS.372..961K) agree.

    Star-forming galaxies lie below the line of Kauffmann et al. (2003MNRAS.346.1055K) on [N II] and
    below those of Kewley et al. (2001ApJ...556..121K) on [S II] and [O I]; composites differ only on
    [N II], where they lie between the two lines; AGN lie on or above the lines of Kewley et al.
    (2001) on all three. Where the diagrams disagree in this, ``label`` is masked, the subclass is
    ``ambiguous`` and ``label_flag`` has the bit ``AMBIGUOUS``. An AGN above the Seyfert/LINER lines
    on both [S II] and [O I] is a Seyfert galaxy, below both a LINER; one on which they disagree is
    an AGN all the same, with the subclass ``ambiguous``.

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

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.kewley2006 import Kewley2006
    >>> table = Table({'h_alpha_flux': [100.0], 'nii_6584_flux': [80.0], 'h_beta_flux': [10.0],
    ...                'oiii_5007_flux': [80.0], 'sii_flux': [50.0], 'oi_6300_flux': [15.0]})
    >>> Kewley2006().label(table)['subclass'].tolist()
    ['Seyfert']
    """

    name = "kewley2006"
    requires = (*NII_LINES, "sii_flux", "oi_6300_flux")
    ratios = _RATIOS
    boundaries = (
        KAUFFMANN2003,
        KEWLEY2001_NII,
        KEWLEY2001_SII,
        KEWLEY2001_OI,
        KEWLEY2006_SEYFERT_SII,
        KEWLEY2006_SEYFERT_OI,
        EMITTING,
    )
    citations = (
        KEWLEY2006_SEYFERT_SII.bibcode,
        KEWLEY2001_NII.bibcode,
        KAUFFMANN2003.bibcode,
        EMITTING.bibcode,
    )

    @property
    def regions(self):
        """What the codes of `decide` mean."""
        return (
            Region("SF"),
            self.composite,
            Region("AGN", "Seyfert"),
            Region("AGN", "LINER"),
            Region("AGN", "ambiguous"),
            self.retired_liner,
            Region("", "ambiguous", LabelFlag.AMBIGUOUS),
        )

    def decide(self, kauffmann, nii, sii, oi, seyfert_sii, seyfert_oi, emitting):
        """Return 1 or 2 below [S II] and [O I], 3 to 6 for an AGN of all diagrams, 7 where they disagree."""
        liner = np.where(emitting, 4, 6)
        nucleus = np.where(seyfert_sii & seyfert_oi, 3, np.where(seyfert_sii | seyfert_oi, 5, liner))
        below = ~(sii | oi)
        return np.select([nii & sii & oi, below & ~kauffmann, below & ~nii], [nucleus, 1, 2], default=7)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Kewley et al. (2006)."""
    return [Kewley2006]
