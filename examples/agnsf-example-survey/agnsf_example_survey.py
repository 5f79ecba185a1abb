# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Pan-STARRS pictures for agnsf, cut out by the hips2fits service of the CDS."""

from dataclasses import dataclass

import agnsf


@dataclass(frozen=True)
class PanStarrs(agnsf.CutoutService):
    """Color pictures (i, r, g) of the Pan-STARRS survey, north of -30 deg."""

    base_url: str = "https://alasky.cds.unistra.fr/hips-image-services/hips2fits"
    hips: str = "CDS/P/PanSTARRS/DR1/color-i-r-g"

    name = "panstarrs"

    def url(self, row, *, size, pixel_scale):
        """Return the URL of one galaxy's cutout."""
        fov = size * pixel_scale / 3600  # degrees
        where = f"ra={row['ra']}&dec={row['dec']}&fov={fov}&projection=TAN"
        shape = f"width={size}&height={size}&format=jpg"
        return f"{self.base_url}?hips={self.hips}&{where}&{shape}"


@agnsf.hookimpl
def register_image_sources():
    """Return the image sources of this plugin."""
    return [PanStarrs]
