# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The diagram of Baldwin, Phillips & Terlevich: [O III]/H-beta against [N II]/H-alpha."""

import logging
from dataclasses import dataclass
from functools import cache

import numpy as np

import agnsf
from agnsf.labelers.curves import KAUFFMANN2003, KEWLEY2001_NII, Threshold
from agnsf.labelers.diagram import Diagram, Region
from agnsf.labelers.line_diagram import NII_LINES, NII_RATIOS, CompositeDiagram, LineDiagram

__all__ = ["BptNii", "Kauffmann2003", "Kewley2001", "Kewley2001Cut"]

_log = logging.getLogger(__name__)


@cache
def _say_once(message):
    _log.warning(message)


@dataclass(frozen=True)
class Kewley2001Cut(Diagram):
    """
    Label galaxies by the rule of Xu (2023): star-forming below the curve and left of -0.1, else AGN.

    A galaxy is star-forming where ``y < 0.61 / (x - 0.05) + 1.3`` and ``x < -0.1``, with ``x`` the
    logarithm of [N II]/H-alpha and ``y`` that of [O III]/H-beta; every other galaxy with four
    positive fluxes is AGN. That paper credits the curve to Kewley et al. (2001), but it is the one of
    Kauffmann et al. (2003MNRAS.346.1055K). No signal-to-noise ratio is asked for. Composites,
    retired galaxies and noise therefore count as AGN, which the labeler says once.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.bpt import Kewley2001Cut
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [25.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [30.0, 90.0]})
    >>> Kewley2001Cut().label(table)['label'].tolist()
    ['SF', 'AGN']
    """

    name = "kewley2001-cut"
    requires = NII_LINES
    ratios = NII_RATIOS
    boundaries = (KAUFFMANN2003, Threshold("Xu (2023)", "", column="log_nii_ha", value=-0.1))
    regions = (Region("SF"), Region("AGN"))
    citations = (KAUFFMANN2003.bibcode,)

    def decide(self, above_kauffmann, beyond_cut):
        """Return 2 (AGN) above the curve or right of the cut, else 1 (SF)."""
        return 1 + (above_kauffmann | beyond_cut).astype(np.int8)

    def label(self, table):
        """Return the class of every row; see `agnsf.Labeler.label`."""
        _say_once(
            "kewley2001-cut is the rule of Xu (2023): the curve of Kauffmann et al. (2003) without a "
            "signal-to-noise cut, so that composites, retired galaxies and noise count as AGN"
        )
        return super().label(table)


@dataclass(frozen=True)
class Kewley2001(LineDiagram):
    """
    Label galaxies by the maximum-starburst line of Kewley et al. (2001ApJ...556..121K).

    AGN are the galaxies on or above ``y = 0.61 / (x - 0.47) + 1.19``, and all right of its
    asymptote. Star-forming ones on or above the line of Kauffmann et al. (2003MNRAS.346.1055K) have
    the subclass ``composite``. From a redshift of 1.5 on, local lines do not hold
    (2013ApJ...774L..10K).

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
    >>> from agnsf.labelers.bpt import Kewley2001
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [40.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [48.0, 90.0]})
    >>> columns = Kewley2001().label(table)
    >>> columns['label'].tolist(), columns['subclass'].tolist()
    (['SF', 'AGN'], ['composite', None])
    """

    name = "kewley2001"
    requires = NII_LINES
    ratios = NII_RATIOS
    boundaries = (KAUFFMANN2003, KEWLEY2001_NII)
    regions = (Region("SF"), Region("SF", "composite"), Region("AGN"))
    citations = (KEWLEY2001_NII.bibcode, KAUFFMANN2003.bibcode)

    def decide(self, above_kauffmann, above_kewley):
        """Return 3 above the line of Kewley, else 2 above the one of Kauffmann, else 1."""
        return np.where(above_kewley, 3, np.where(above_kauffmann, 2, 1))


@dataclass(frozen=True)
class Kauffmann2003(LineDiagram):
    """
    Label galaxies by the empirical line of Kauffmann et al. (2003MNRAS.346.1055K).

    AGN are the galaxies on or above ``y = 0.61 / (x - 0.05) + 1.3``, and all right of its
    asymptote. Those below the line of Kewley et al. (2001ApJ...556..121K) have the subclass
    ``composite``. From a redshift of 1.5 on, local lines do not hold (2013ApJ...774L..10K).

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
    >>> from agnsf.labelers.bpt import Kauffmann2003
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [40.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [48.0, 90.0]})
    >>> columns = Kauffmann2003().label(table)
    >>> columns['label'].tolist(), columns['subclass'].tolist()
    (['AGN', 'AGN'], ['composite', None])
    """

    name = "kauffmann2003"
    requires = NII_LINES
    ratios = NII_RATIOS
    boundaries = (KAUFFMANN2003, KEWLEY2001_NII)
    regions = (Region("SF"), Region("AGN", "composite"), Region("AGN"))
    citations = (KAUFFMANN2003.bibcode, KEWLEY2001_NII.bibcode)

    def decide(self, above_kauffmann, above_kewley):
        """Return 1 below the line of Kauffmann, else 2 below the one of Kewley, else 3."""
        return np.where(above_kauffmann, np.where(above_kewley, 3, 2), 1)


@dataclass(frozen=True)
class BptNii(CompositeDiagram):
    """
    Label galaxies SF, composite or AGN by both lines of the [N II] diagram.

    AGN are the galaxies on or above the line of Kewley et al. (2001ApJ...556..121K), composites
    the others on or above the line of Kauffmann et al. (2003MNRAS.346.1055K). The lines cross at
    ``x = -1.28``; left of it AGN takes precedence. From a redshift of 1.5 on, local lines do not
    hold (2013ApJ...774L..10K).

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
    >>> from agnsf.labelers.bpt import BptNii
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [40.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [48.0, 90.0]})
    >>> BptNii().label(table)['label'].tolist()
    ['composite', 'AGN']
    """

    name = "bpt-nii"
    requires = NII_LINES
    ratios = NII_RATIOS
    boundaries = (KAUFFMANN2003, KEWLEY2001_NII)
    citations = ("1981PASP...93....5B", KEWLEY2001_NII.bibcode, KAUFFMANN2003.bibcode)

    @property
    def regions(self):
        """What the codes of `decide` mean."""
        return Region("SF"), self.composite, Region("AGN")

    def decide(self, above_kauffmann, above_kewley):
        """Return 3 above the line of Kewley, else 2 above the one of Kauffmann, else 1."""
        return np.where(above_kewley, 3, np.where(above_kauffmann, 2, 1))


@agnsf.hookimpl
def register_labelers():
    """Return the labelers of the [N II] diagram."""
    return [Kewley2001Cut, Kewley2001, Kauffmann2003, BptNii]
