# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Images of simulated galaxies, rendered from the columns of their table."""

from dataclasses import dataclass
from typing import Literal

import agnsf
from agnsf.images import to_rgb
from agnsf.simulate import SURVEYS, render

__all__ = ["Simulated"]


@dataclass(frozen=True)
class Simulated(agnsf.ImageSource):
    """
    Render each galaxy from the columns that ``agnsf simulate`` wrote; the same row gives the same image.

    Nothing that is measured on simulated galaxies is evidence about nature.

    Parameters
    ----------
    survey : {"legacysurvey", "sdss"}, optional
        Whose depth, seeing, pixels and color recipe to imitate.
    format : {"picture", "flux"}, optional
        What to give: RGB by the survey's color recipe, or nanomaggies per pixel.
    """

    survey: Literal["legacysurvey", "sdss"] = "legacysurvey"
    format: Literal["picture", "flux"] = "picture"

    name = "simulated"
    needs = (
        "ra",
        "dec",
        "mag_g",
        "mag_r",
        "mag_i",
        "mag_z",
        "bulge_fraction",
        "bulge_radius",
        "bulge_axis_ratio",
        "bulge_reddening",
        "disc_radius",
        "disc_axis_ratio",
        "nucleus_fraction",
        "position_angle",
    )

    @property
    def color(self):
        """The color recipe of the survey that is imitated."""
        return SURVEYS[self.survey].color

    @property
    def bands(self):
        """``"rgb"`` for pictures, else the bands of the survey that is imitated."""
        return "rgb" if self.format == "picture" else SURVEYS[self.survey].bands

    def cutout(self, row, *, size, pixel_scale):
        """Return the cutout of one galaxy; see `agnsf.ImageSource.cutout`."""
        gone = [name for name in self.needs if row.get(name) is None]
        if gone:
            raise agnsf.CutoutError("missing", f"a simulated galaxy needs {', '.join(gone)}; run 'agnsf simulate'")
        survey = SURVEYS[self.survey]
        flux = render(row, size=size, pixel_scale=pixel_scale, survey=survey)
        if self.format == "flux":
            return agnsf.Cutout(flux, bands=survey.bands, pixel_scale=pixel_scale)
        picture = to_rgb(flux, survey.bands, survey.color, pixel_scale=pixel_scale)
        return agnsf.Cutout(picture, pixel_scale=pixel_scale, color=survey.color)


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Simulated]
