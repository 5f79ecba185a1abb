# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The WHAN diagram of Cid Fernandes et al. (2011): the equivalent width of H-alpha against [N II]/H-alpha."""

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.columns import AgnsfWarning, LabelFlag, float_values
from agnsf.labelers.curves import Threshold
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import EMITTING, NII_RATIOS, LineDiagram

__all__ = ["Whan"]

_WHAN = ("Cid Fernandes et al. (2011)", "2011MNRAS.413.1687C")
_NII_ONLY = {"log_nii_ha": NII_RATIOS["log_nii_ha"]}
_PASSIVE = 0.5  # Angstrom


@dataclass(frozen=True)
class Whan(LineDiagram):
    """
    Label galaxies by the WHAN diagram (Cid Fernandes et al. 2011MNRAS.413.1687C).

    With 3 Angstrom or more of H-alpha in emission, galaxies below -0.4 dex of [N II]/H-alpha are SF,
    the others AGN: strong ones from 6 Angstrom on, else weak ones. With less, galaxies are
    ``passive`` where both H-alpha and [N II] have less than 0.5 Angstrom, else ``retired``; for these two
    no line needs to be significant. Where the equivalent width of [N II] is missing, it follows from
    the one of H-alpha and the fluxes.

    Parameters
    ----------
    snr : float, dict of str to float, or None, optional
        The signal-to-noise ratio that H-alpha and [N II] must reach, where errors exist, to tell SF
        from AGN; a dict gives it by line, and the lines it does not name must reach 3. If None,
        errors do not matter.
    ties : {"AGN", "SF"}, optional
        To which side a galaxy exactly on a line belongs: ``"AGN"`` to the higher equivalent width
        and [N II]/H-alpha.
    everywhere : bool, optional
        Whether to label galaxies outside the diagram's range of redshift, too.
    limits : bool, optional
        Whether a line that misses its signal-to-noise ratio becomes an upper limit.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.whan import Whan
    >>> table = Table({'h_alpha_flux': [100.0, 50.0, 5.0], 'nii_6584_flux': [80.0, 45.0, 4.0],
    ...                'h_alpha_ew': [20.0, 4.0, 1.0]})
    >>> Whan().label(table)['label'].tolist(), Whan().label(table)['subclass'].tolist()
    (['AGN', 'AGN', 'retired'], ['strong AGN', 'weak AGN', None])
    """

    name = "whan"
    requires = ("h_alpha_flux", "nii_6584_flux", "h_alpha_ew")
    optional: ClassVar[tuple[str, ...]] = ("z", "nii_6584_ew")
    ratios = _NII_ONLY
    boundaries = (
        Threshold(*_WHAN, column="log_nii_ha", value=-0.4, extent=(EMITTING.value, np.inf)),
        Threshold(*_WHAN, column="h_alpha_ew", value=6.0, extent=(-0.4, np.inf)),
        EMITTING,
        Threshold(*_WHAN, column="h_alpha_ew", value=_PASSIVE),
        Threshold(*_WHAN, column="nii_6584_ew", value=_PASSIVE),
    )
    regions = (
        Region("SF"),
        Region("AGN", "strong AGN"),
        Region("AGN", "weak AGN"),
        Region("retired"),
        Region("passive"),
    )
    citations = (_WHAN[1],)

    def coordinates(self, inputs):
        """Return where galaxies lie, with the equivalent width of [N II] from the fluxes where it is missing."""
        at = super().coordinates(inputs)
        width = inputs["h_alpha_ew"]
        nii = inputs.get("nii_6584_ew", np.full(len(width), np.nan))
        with np.errstate(over="ignore"):
            from_fluxes = np.where(width > 0, width * 10 ** at["log_nii_ha"], np.nan)
        return at | {"h_alpha_ew": width, "nii_6584_ew": np.where(np.isnan(nii), from_fluxes, nii)}

    def obstacles(self, inputs, at):
        """Return why galaxies have no place; what plays no part in the class is no obstacle."""
        emitting, faint = self.sides(at)[2:4]
        lines = super().obstacles(inputs, {"log_nii_ha": at["log_nii_ha"]})
        flag = np.where(emitting, lines, lines & LabelFlag.OUT_OF_RANGE).astype(np.int16)
        flag[~np.isfinite(at["h_alpha_ew"]) | (~faint & np.isnan(at["nii_6584_ew"]))] |= LabelFlag.LINE_MISSING
        return flag

    def decide(self, nii, strong, emitting, faint_h_alpha, faint_nii):
        """Return 1 to 3 for an emitting galaxy, else 4 (retired) or 5 (passive)."""
        ionized = np.where(nii, np.where(strong, 2, 3), 1)
        return np.where(emitting, ionized, np.where(faint_h_alpha | faint_nii, 4, 5))

    def label(self, table):
        """Return the class of every row; see `agnsf.Labeler.label`."""
        width = float_values(table, "h_alpha_ew")[float_values(table, "h_alpha_flux") > 0]
        if np.count_nonzero(width < 0) > np.count_nonzero(width > 0):
            warnings.warn(
                "Most galaxies with H-alpha in emission have a negative h_alpha_ew; whan needs it positive in emission",
                AgnsfWarning,
                stacklevel=2,
            )
        return super().label(table)


@agnsf.hookimpl
def register_labelers():
    """Return the labeler of the WHAN diagram."""
    return [Whan]
