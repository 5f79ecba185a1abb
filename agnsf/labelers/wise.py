# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the selections by WISE colors share."""

from dataclasses import dataclass

import numpy as np

from agnsf.columns import AgnsfError, LabelFlag
from agnsf.labelers.diagram import Diagram, Region

__all__ = ["WiseDiagram"]

#: The error of a magnitude, times the signal-to-noise ratio of the flux.
_POGSON = 2.5 / np.log(10)


@dataclass(frozen=True)
class WiseDiagram(Diagram):
    """
    Base class of the selections of AGN by WISE colors (magnitudes in the Vega system).

    A galaxy that is not selected may have an AGN all the same: its label is masked, with the bit
    ``UNCERTAIN``; no galaxy is called star-forming. The coordinates are ``w1_w2``, ``w2_w3``, as far as the
    magnitudes are required, and ``mag_w2``.

    Parameters
    ----------
    snr : float or None, optional
        The signal-to-noise ratio that every band must reach, where errors exist. If None, errors do
        not matter.
    """

    snr: float | None = 3.0

    regions = (Region("", flag=LabelFlag.UNCERTAIN), Region("AGN"))

    def __post_init__(self):
        if self.snr is not None and not self.snr > 0:
            raise AgnsfError(f"snr must be above 0, or None, not {self.snr}")

    def coordinates(self, inputs):
        """Return the colors, and the magnitude in W2."""
        at = {"mag_w2": inputs["mag_w2"], "w1_w2": inputs["mag_w1"] - inputs["mag_w2"]}
        if "mag_w3" in self.requires:
            at["w2_w3"] = inputs["mag_w2"] - inputs["mag_w3"]
        return at

    def obstacles(self, inputs, at):
        """Return why galaxies have no place on the diagram."""
        flag = super().obstacles(inputs, at)
        for name in self.requires:
            flag[~np.isfinite(inputs[name])] |= LabelFlag.LINE_MISSING
            err = inputs.get(f"{name}_err")
            if err is not None and self.snr is not None:
                flag[~np.isfinite(err)] |= LabelFlag.LINE_MISSING
                flag[err <= 0] |= LabelFlag.BAD_ERROR
                flag[err * self.snr > _POGSON] |= LabelFlag.LOW_SNR
        return flag
