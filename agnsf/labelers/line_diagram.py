# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the diagrams of emission lines share: their options, composites, and LINERs that are retired galaxies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from agnsf.columns import AgnsfError
from agnsf.labelers.curves import Threshold
from agnsf.labelers.diagram import Diagram, Region
from agnsf.labelers.limits import with_limits
from agnsf.labelers.lines import check_snr

__all__ = ["EMITTING", "NII_LINES", "NII_RATIOS", "CompositeDiagram", "LineDiagram", "LinerDiagram"]

NII_LINES = ("h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux")
NII_RATIOS = {
    "log_nii_ha": ("nii_6584_flux", "h_alpha_flux"),
    "log_oiii_hb": ("oiii_5007_flux", "h_beta_flux"),
}

#: A galaxy with less H-alpha than this is retired: old stars ionize its gas.
EMITTING = Threshold("Cid Fernandes et al. (2011)", "2011MNRAS.413.1687C", column="h_alpha_ew", value=3.0)


@dataclass(frozen=True)
class LineDiagram(Diagram):
    """
    Base class of the diagrams of emission lines, with the options that they share.

    Up to what redshift the lines that were drawn for nearby galaxies hold: classification schemes
    of local samples should not be applied at 1.5 or more (Kewley et al. 2013ApJ...774L..10K).

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
    """

    optional: ClassVar[tuple[str, ...]] = ("z",)
    valid: ClassVar[dict[str, tuple[float, float]]] = {"z": (-np.inf, 1.5)}

    snr: float | Mapping[str, float] | None = field(default=3.0, hash=False)  # a dict has no hash
    ties: Literal["AGN", "SF"] = "AGN"
    everywhere: bool = False
    limits: bool = False

    def __post_init__(self):
        check_snr(self.snr)
        if self.limits and (self.snr is None or self.snr == 0):
            raise AgnsfError(
                "limits=True turns a line that misses its S/N into an upper limit; it needs an snr above 0"
            )

    def label(self, table):
        """Return the class of every row; see `agnsf.Labeler.label`."""
        columns = super().label(table)
        return with_limits(self, table, columns) if self.limits else columns


@dataclass(frozen=True)
class CompositeDiagram(LineDiagram):
    """
    Base class of the diagrams that have a class between star-forming and AGN.

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
    """

    composites: Literal["composite", "AGN", "SF"] = "composite"

    @property
    def composite(self):
        """The region of the composites."""
        return Region(self.composites, "composite")


@dataclass(frozen=True)
class LinerDiagram(CompositeDiagram):
    """
    Base class of the diagrams that tell Seyfert galaxies from LINERs.

    The last boundary of a subclass is `EMITTING`: a LINER with weaker H-alpha is a retired galaxy
    (Cid Fernandes et al. 2011MNRAS.413.1687C). Where the equivalent width is not known, it stays a LINER.

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
    """

    optional: ClassVar[tuple[str, ...]] = ("z", "h_alpha_ew")

    retired: Literal["retired", "AGN"] = "retired"

    @property
    def retired_liner(self):
        """The region of the LINERs that are retired galaxies."""
        return Region(self.retired, "retired")

    def coordinates(self, inputs):
        """Return where galaxies lie; an equivalent width that is not known counts as large."""
        at = super().coordinates(inputs)
        width = inputs.get("h_alpha_ew", np.full(len(at["log_oiii_hb"]), np.nan))
        return at | {"h_alpha_ew": np.where(np.isnan(width), np.inf, width)}
