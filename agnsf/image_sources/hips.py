# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Any survey that is published as a HiPS of FITS tiles, such as those at the CDS."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import numpy as np

import agnsf
from agnsf.cache import NotKeptError
from agnsf.columns import AgnsfError
from agnsf.images import fill_gaps, flux_color, north_up_wcs

__all__ = ["Hips"]

_KEPT = 48  # tiles in memory; one of 512 pixels has 1 MiB
_LOWEST_ORDER = 3  # where the properties name none
_AB_ZERO_POINT = 22.5  # of a nanomaggy
_FRAMES = {"equatorial": "icrs", "galactic": "galactic"}


@dataclass(frozen=True)
class Hips(agnsf.ImageSource):
    """
    Cutouts of a HiPS (hierarchical progressive survey) of FITS tiles, on the web or on a disk.

    Flux is interpolated between four pixels of the HiPS, as HiPS viewers do: it is not conserved
    exactly. Use it for pictures and classification, not for photometry.

    Parameters
    ----------
    base_url : str, optional
        Address or folder of the HiPS, with ``{band}`` where there is one for each band.
    connections : int, optional
        How many cutouts to make at once; public servers allow 4.
    bands : str, optional
        One letter for each band.
    zero_point : float, optional
        AB magnitude of one count in a pixel.
    native_scale : float or None, optional
        Pixel scale of the survey in arcsec, in the pixels of which the HiPS counts flux; by
        default that of the finest pixels of the HiPS.
    """

    base_url: str = ""
    connections: int = 2
    bands: str = "grz"
    zero_point: float = _AB_ZERO_POINT
    native_scale: float | None = None

    name = "hips"
    most_connections: ClassVar[int] = 4

    def __post_init__(self):
        if len(self.bands) > 1 and self.base_url and "{band}" not in self.base_url:
            raise AgnsfError(f"Image source 'hips' needs {{band}} in base_url for the bands {self.bands}")

    @property
    def color(self):
        """The color recipe that suits the bands."""
        return flux_color(self.bands)

    def prepare(self, table):
        """Refuse to begin without an address."""
        if not self.base_url:
            raise AgnsfError("Image source 'hips' needs the option base_url: the address or the folder of a HiPS")
        return self

    def cutout(self, row, *, size, pixel_scale, download):
        """Return the flux of one galaxy, of tiles at the order whose pixels are the next finer ones."""
        grid = north_up_wcs(row["ra"], row["dec"], size=size, pixel_scale=pixel_scale)
        planes = [self._plane(band, grid, pixel_scale, download) for band in self.bands]
        if np.isnan(planes).all():
            raise agnsf.CutoutError("outside", "the HiPS has no tile there")
        return fill_gaps(agnsf.Cutout(np.stack(planes), bands=self.bands, pixel_scale=pixel_scale, wcs=grid))

    def _plane(self, band, grid, pixel_scale, download):
        base = self.base_url.replace("{band}", band).rstrip("/")
        survey = _properties(base, download)
        native = self.native_scale or survey.pixel_scale(survey.highest)
        factor = 10 ** (0.4 * (_AB_ZERO_POINT - self.zero_point)) * (pixel_scale / native) ** 2
        return (_interpolate(survey, survey.order_for(pixel_scale), grid, download) * factor).astype(np.float32)


@dataclass(frozen=True)
class _Survey:
    """What the properties of a HiPS say."""

    base: str
    width: int  # of a tile, in pixels
    lowest: int
    highest: int
    frame: str

    def pixel_scale(self, order):
        """Return the mean width of a pixel in arcsec."""
        return np.degrees(np.sqrt(4 * np.pi / 12)) * 3600 / (self.width * 2**order)

    def order_for(self, pixel_scale):
        """Return the lowest order whose pixels are not larger than those asked for, as far as there is one."""
        orders = range(self.lowest, self.highest + 1)
        return next((order for order in orders if self.pixel_scale(order) <= 1.001 * pixel_scale), self.highest)


def _read(base, name, download, check):
    """Return a file of a HiPS, from the web or from a folder."""
    if urlsplit(base).scheme in ("http", "https"):
        return download(f"{base}/{name}", check=check)
    try:
        data = Path(base, name).read_bytes()
    except OSError as exc:
        raise agnsf.CutoutError("missing", f"no file {name} in {base}: {exc.strerror}") from exc
    check(data)
    return data


@lru_cache(maxsize=32)
def _properties(base, download):
    """Return what a HiPS says of itself; refuse what has no FITS tiles."""

    def parse(data):
        lines = (line.partition("=") for line in data.decode("utf-8", "replace").splitlines() if "=" in line)
        found = {key.strip(): value.strip() for key, _, value in lines if not key.startswith("#")}
        try:
            highest = int(found["hips_order"])
            lowest = min(highest, int(found.get("hips_order_min", _LOWEST_ORDER)))
            survey = _Survey(base, int(found.get("hips_tile_width", 512)), lowest, highest, found["hips_frame"])
        except (KeyError, ValueError) as exc:
            raise agnsf.CutoutError("bad_request", f"expected the properties of a HiPS, found others: {exc!r}") from exc
        if "fits" not in found.get("hips_tile_format", "").split() or survey.frame not in _FRAMES:
            raise agnsf.CutoutError("bad_request", "expected a HiPS with FITS tiles, equatorial or galactic")
        if survey.width & (survey.width - 1) or not 0 < survey.width <= 4096 or not 0 <= highest <= 29:
            raise agnsf.CutoutError("bad_request", f"expected tiles of 2^n pixels, found {survey.width}")
        return survey

    return parse(_read(base, "properties", download, parse))


def _interpolate(survey, order, grid, download):
    """Return the HiPS at the pixels of a grid, NaN where it has no tile."""
    from astropy.coordinates import SkyCoord
    from astropy_healpix import HEALPix

    width, height = grid.pixel_shape
    y, x = np.indices((height, width))
    ra, dec = grid.wcs_pix2world(x.ravel(), y.ravel(), 0)
    place = SkyCoord(ra, dec, unit="deg").transform_to(_FRAMES[survey.frame]).spherical
    pixels = HEALPix(nside=survey.width * 2**order, order="nested")
    indices, weights = pixels.bilinear_interpolation_weights(place.lon, place.lat)
    per_tile = survey.width**2
    values = np.full(indices.shape, np.nan)
    for tile in np.unique(indices // per_tile):
        inside = indices // per_tile == tile
        flux = _tile(survey, order, int(tile), download)
        if flux is not None:
            x, y = _x_and_y(indices[inside] % per_tile)
            values[inside] = flux[survey.width - 1 - x, y]
    return (values * weights).sum(axis=0).reshape(height, width)


def _x_and_y(index):
    """Return the coordinates of a pixel of HEALPix within its tile: the bits of its index are those of both in turn."""
    x, y = np.zeros_like(index), np.zeros_like(index)
    for bit in range(12):
        x |= (index >> (2 * bit) & 1) << bit
        y |= (index >> (2 * bit + 1) & 1) << bit
    return x, y


@lru_cache(maxsize=_KEPT)
def _tile(survey, order, number, download):
    """Return the pixels of a tile, or None where the HiPS has none; the last few stay in memory."""
    from astropy.io import fits

    def check(data):
        if not data.startswith(b"SIMPLE  =") or len(data) % 2880:
            raise agnsf.CutoutError("corrupt", f"expected a FITS tile, found {len(data)} bytes: {data[:24]!r}")

    name = f"Norder{order}/Dir{number // 10000 * 10000}/Npix{number}.fits"
    try:
        data = _read(survey.base, name, download, check)
    except NotKeptError:
        raise
    except agnsf.CutoutError as exc:
        if exc.status == "missing":
            return None
        raise
    try:
        with fits.open(io.BytesIO(data), memmap=False) as hdus:
            pixels = np.asarray(hdus[0].data, dtype=np.float32)
    except (OSError, ValueError, TypeError, IndexError) as exc:
        raise agnsf.CutoutError("corrupt", f"expected a FITS tile, found something else: {exc}") from exc
    if pixels.shape != (survey.width, survey.width):
        raise agnsf.CutoutError("corrupt", f"expected a tile of {survey.width} pixels, found {pixels.shape}")
    return pixels


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Hips]
