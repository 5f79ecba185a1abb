# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The [N II] diagram with Seyfert galaxies and LINERs, after Cid Fernandes et al. (2010)."""

from dataclasses import dataclass

import agnsf
from agnsf.labelers.curves import CIDFERNANDES2010_SEYFERT, KAUFFMANN2003, KEWLEY2001_NII
from agnsf.labelers.line_diagram import EMITTING
from agnsf.labelers.nii_liners import NiiLinerDiagram

__all__ = ["CidFernandes2010"]


@dataclass(frozen=True)
class CidFernandes2010(NiiLinerDiagram):
    """
    Label galaxies on the [N II] diagram, with the Seyfert/LINER line of Cid Fernandes et al. (2010MNRAS.403.1036C).

    AGN lie on or above the line of Kewley et al. (2001ApJ...556..121K), composites on or above the
    one of Kauffmann et al. (2003MNRAS.346.1055K). An AGN on or above ``y = 1.01 x + 0.48``, which
    carries the Seyfert/LINER line of Kewley et al. (2006) over to [N II], is a Seyfert galaxy; the
    others are LINERs.

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
    >>> from agnsf.labelers.cidfernandes2010 import CidFernandes2010
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [80.0, 100.0],
    ...                'h_beta_flux': [10.0, 10.0], 'oiii_5007_flux': [80.0, 20.0]})
    >>> CidFernandes2010().label(table)['subclass'].tolist()
    ['Seyfert', 'LINER']
    """

    name = "cidfernandes2010"
    boundaries = (KAUFFMANN2003, KEWLEY2001_NII, CIDFERNANDES2010_SEYFERT, EMITTING)
    citations = (CIDFERNANDES2010_SEYFERT.bibcode, KEWLEY2001_NII.bibcode, KAUFFMANN2003.bibcode, EMITTING.bibcode)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Cid Fernandes et al. (2010)."""
    return [CidFernandes2010]
