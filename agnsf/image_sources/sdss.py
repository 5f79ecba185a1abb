# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""SDSS: pictures of the SkyServer, and calibrated frames of the Science Archive Server."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

import agnsf
from agnsf.columns import AgnsfError
from agnsf.image_sources.sdss_frames import cutout_from_frames

__all__ = ["Sdss"]

_BLACK = 0.5  # fraction of black pixels; of 6,501 real pictures none has more than 0.3, an error message has 0.9
_FIRST_WITH_SERVICE = 16


@dataclass(frozen=True)
class Sdss(agnsf.CutoutService):
    """
    Cutouts of the Sloan Digital Sky Survey.

    Parameters
    ----------
    base_url : str, optional
        Address of the SkyServer, for pictures and to find frames.
    connections : int, optional
        How many requests may be under way at once; the public server allows 2.
    data_release : int, optional
        Number of the data release.
    format : {"jpeg", "fits"}, optional
        Pictures of the SkyServer, or flux from the calibrated frames.
    bands : str, optional
        For flux: one letter each, of ``ugriz``; ``gri`` by default.
    frames_url : str, optional
        Address of the Science Archive Server, for the frames.
    """

    base_url: str = "https://skyserver.sdss.org"
    connections: int = 2
    data_release: int = 18
    format: Literal["jpeg", "fits"] = "jpeg"
    bands: str = "rgb"
    frames_url: str = "https://data.sdss.org/sas"

    name = "sdss"
    sizes: ClassVar[tuple[int, int]] = (64, 2048)
    most_connections: ClassVar[int] = 2

    def __post_init__(self):
        if self.format not in ("jpeg", "fits"):
            raise AgnsfError(f"Image source 'sdss' has the formats jpeg and fits, not {self.format!r}")
        if self.format == "jpeg" and self.bands != "rgb":
            raise AgnsfError(
                "Image source 'sdss' makes its pictures of g, r and i; the option bands is for format=fits"
            )
        if self.format == "jpeg" and self.data_release < _FIRST_WITH_SERVICE:
            raise AgnsfError(f"The SkyServer gives cutouts of data releases from {_FIRST_WITH_SERVICE} on")
        if self.format == "fits" and self.bands == "rgb":
            object.__setattr__(self, "bands", "gri")
        if self.format == "fits" and not set(self.bands) <= set("ugriz"):
            raise AgnsfError(f"SDSS has the bands ugriz, not {self.bands!r}")

    @property
    def color(self):
        """The color recipe: the SkyServer's own, which is not known exactly, or the viewer's for flux."""
        return "skyserver" if self.format == "jpeg" else "viewer-sdss"

    @property
    def one_request(self):
        """Whether one request gives one cutout: not where it is made of frames."""
        return self.format == "jpeg"

    def url(self, row, *, size, pixel_scale):
        """Return the URL of one galaxy's picture, with nothing drawn into it."""
        place = f"ra={row['ra'] % 360:.7f}&dec={row['dec']:.7f}&scale={pixel_scale:.7g}"
        service = f"{self.base_url}/dr{self.data_release}/SkyServerWS/ImgCutout/getjpeg"
        return f"{service}?{place}&width={size}&height={size}&opt="

    def check(self, cutout):
        """Refuse the black pictures into which the server writes that it has no image."""
        black = (cutout.pixels == 0).all(axis=2).mean()
        if black > _BLACK:
            raise agnsf.CutoutError("outside", f"{black:.0%} of the picture is black: a message, not an image")

    def explain(self, error, row, *, size, pixel_scale, download):
        """Tell that the SkyServer answers 404 outside the footprint."""
        return agnsf.CutoutError("outside", error.message) if error.status == "missing" else error

    def group(self, table):
        """Return the frame that each galaxy was measured on, where the table says."""
        if self.format == "jpeg" or not {"run", "camcol", "field"} <= set(table.colnames):
            return None
        parts = (np.ma.filled(np.ma.asarray(table[name]), 0).astype(np.int64) for name in ("run", "camcol", "field"))
        run, camcol, field = parts
        return (run * 10 + camcol) * 10_000 + field

    def cutout(self, row, *, size, pixel_scale, download):
        """Return the flux of one galaxy, from all the frames that cover it."""
        return cutout_from_frames(self, row, size=size, pixel_scale=pixel_scale, download=download)


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Sdss]
