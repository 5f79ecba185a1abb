# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The cutout service of the Legacy Survey viewer."""

import warnings
from dataclasses import dataclass, replace
from typing import ClassVar, Literal
from urllib.parse import quote_plus

import numpy as np

import agnsf
from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.images import RECIPES, decode

__all__ = ["LegacySurvey"]

_BLOCK = 8  # pixels; a JPEG block without data has one color
_LOOKED_AT = ((2, 5), (4, 1), (5, 7), (7, 3), (7, 7))  # pixels of a block that are compared with its first
_EMPTY = 0.2  # fraction of such blocks from which on a picture is called partial
_PROBE = 64  # pixels of the picture that is asked for to learn why there is no flux

_DR2 = ("ls-dr9", "ls-dr8", "ls-dr67", "dr8", "decals-dr7", "decals-dr5", "mzls+bass-dr6", "ls-dr10-grz", "ls-dr11")
_SDSS = ("sdss", "sdss2", "sdssco", "ps1")


def _color(layer, bands):
    """Return the color recipe of a layer's pictures."""
    base = layer.removesuffix("-model").removesuffix("-resid").removesuffix("-north").removesuffix("-south")
    if layer in _SDSS:
        return "viewer-sdss"
    if base in _DR2 or layer.endswith("-grz") or layer == "ls-dr9-north":
        return "legacysurvey"
    return "legacysurvey-griz" if base == "ls-dr10" and bands in ("rgb", "griz") else "unknown"


def _empty_share(pixels, sky):
    """
    Return the fraction of JPEG blocks that are all of the color of empty sky: real sky has noise.

    Where too few of their corners have that color to matter, it is the fraction of these.
    """
    height, width = (side // _BLOCK * _BLOCK for side in pixels.shape[:2])
    if not height or not width:
        return 0.0
    corners = pixels[:height:_BLOCK, :width:_BLOCK]
    empty = np.ones(corners.shape[:2], dtype=bool)
    for plane, level in enumerate(sky):  # within 1 of it: what is darker wraps around to large numbers
        empty &= corners[..., plane] - np.uint8(level - 1) <= 2
    if np.count_nonzero(empty) > _EMPTY * empty.size:
        for y, x in _LOOKED_AT:
            empty &= (pixels[y:height:_BLOCK, x:width:_BLOCK] == corners).all(axis=2)
    return np.count_nonzero(empty) / empty.size


@dataclass(frozen=True)
class LegacySurvey(agnsf.CutoutService):
    """
    Cutouts of the DESI Legacy Imaging Surveys and of the viewer's other layers.

    Parameters
    ----------
    base_url : str, optional
        Address of the viewer.
    connections : int, optional
        How many requests may be under way at once; the public server allows 4.
    layer : str, optional
        Layer of the viewer. ``ls-dr10-grz`` has the same colors in the north and in the south;
        ``ls-dr10`` has not.
    format : {"jpeg", "fits"}, optional
        Pictures, or flux images.
    bands : str, optional
        One letter each. Pictures have the layer's own (``rgb``); flux images have ``grz`` by
        default, or ``griz`` of the layer ``ls-dr10``.
    inverse_variance : bool, optional
        Ask for the inverse variance of flux images too; the viewer has it up to about twice the
        survey's pixel scale.
    """

    base_url: str = "https://www.legacysurvey.org/viewer"
    connections: int = 2
    layer: str = "ls-dr10-grz"
    format: Literal["jpeg", "fits"] = "jpeg"
    bands: str = "rgb"
    inverse_variance: bool = False

    name = "legacysurvey"
    most_connections: ClassVar[int] = 4

    def __post_init__(self):
        if self.format not in ("jpeg", "fits"):
            raise AgnsfError(f"Image source 'legacysurvey' has the formats jpeg and fits, not {self.format!r}")
        if self.format == "jpeg" and self.inverse_variance:
            raise AgnsfError("Image source 'legacysurvey' gives the inverse variance with format=fits only")
        if self.format == "fits":
            if self.bands == "rgb":
                object.__setattr__(self, "bands", "gri" if self.layer in _SDSS else "grz")
            if self.color == "unknown":
                raise AgnsfError(f"Image source 'legacysurvey' does not know the flux scale of layer {self.layer!r}")

    @property
    def color(self):
        """The color recipe of the layer."""
        if self.format == "fits" and self.layer == "ls-dr10" and self.bands == "grz":
            return "legacysurvey"  # the layer's own mixer wants the band i
        return _color(self.layer, self.bands)

    def prepare(self, table):
        """Warn of a layer whose colors are not the same everywhere."""
        if self.layer == "ls-dr10" and self.format == "jpeg":
            with_bands = "" if self.bands == "rgb" else f" with bands={self.bands}"
            warnings.warn(
                f"Layer 'ls-dr10'{with_bands} mixes its colors differently in the north and in the south; "
                "'ls-dr10-grz' does not",
                AgnsfWarning,
                stacklevel=2,
            )
        return self

    def url(self, row, *, size, pixel_scale):
        """Return the URL of one galaxy's cutout."""
        place = f"ra={row['ra'] % 360:.7f}&dec={row['dec']:.7f}&layer={quote_plus(self.layer)}"
        bands = f"&bands={quote_plus(self.bands)}" if self.bands != "rgb" else ""
        more = "&invvar=1" if self.inverse_variance else ""
        return f"{self.base_url}/{self.format}-cutout?{place}&pixscale={pixel_scale:.7g}&size={size}{bands}{more}"

    def check(self, cutout):
        """Call a picture partial that has much of the gray of empty sky in it."""
        sky = RECIPES[self.color].sky
        if not cutout.is_picture or sky is None:
            return None
        empty = _empty_share(cutout.pixels, sky)
        if empty <= _EMPTY:
            return None
        return replace(cutout, status="partial", message=f"{empty:.0%} of the picture has no data")

    def explain(self, error, row, *, size, pixel_scale, download):
        """Tell whether there is no flux because the galaxy is outside: of that a picture is all gray."""
        if self.format == "jpeg" or error.status != "server_error":
            return error
        pictures = replace(self, format="jpeg", bands="rgb", inverse_variance=False)
        try:
            probe = decode(download(pictures.url(row, size=_PROBE, pixel_scale=size * pixel_scale / _PROBE)))
        except agnsf.CutoutError:
            return error
        if probe.std(axis=(0, 1)).max() >= 1:
            return error
        return agnsf.CutoutError("outside", f"layer {self.layer!r} has no image there: its picture is all gray")


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [LegacySurvey]
