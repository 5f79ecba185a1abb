# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The [N II] diagram with Seyfert galaxies and LINERs, after Schawinski et al. (2007)."""

from dataclasses import dataclass

import agnsf
from agnsf.labelers.curves import KAUFFMANN2003, KEWLEY2001_NII, SCHAWINSKI2007_SEYFERT
from agnsf.labelers.line_diagram import EMITTING
from agnsf.labelers.nii_liners import NiiLinerDiagram

__all__ = ["Schawinski2007"]


@dataclass(frozen=True)
class Schawinski2007(NiiLinerDiagram):
    """
    Label galaxies on the [N II] diagram, with the Seyfert/LINER line of Schawinski et al. (2007MNRAS.382.1415S).

    AGN lie on or above the line of Kewley et al. (2001ApJ...556..121K), composites on or above the
    one of Kauffmann et al. (2003MNRAS.346.1055K). An AGN on or above ``y = 1.05 x + 0.45`` is a
    Seyfert galaxy, the others are LINERs.

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
    >>> from agnsf.labelers.schawinski2007 import Schawinski2007
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [80.0, 100.0],
    ...                'h_beta_flux': [10.0, 10.0], 'oiii_5007_flux': [80.0, 20.0]})
    >>> Schawinski2007().label(table)['subclass'].tolist()
    ['Seyfert', 'LINER']
    """

    name = "schawinski2007"
    boundaries = (KAUFFMANN2003, KEWLEY2001_NII, SCHAWINSKI2007_SEYFERT, EMITTING)
    citations = (SCHAWINSKI2007_SEYFERT.bibcode, KEWLEY2001_NII.bibcode, KAUFFMANN2003.bibcode, EMITTING.bibcode)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of Schawinski et al. (2007)."""
    return [Schawinski2007]
