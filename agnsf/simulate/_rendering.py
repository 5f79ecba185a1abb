# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Render the image of a simulated galaxy from its columns."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import fft, special

__all__ = ["SURVEYS", "SimulatedSurvey", "render"]

_FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))
_NEIGHBORS_PER_ARCMIN2 = 6.0
_MARGIN = 8  # pixels rendered around the cutout, so that convolution and resampling see no edge
_BULGE_INDEX, _DISC_INDEX = 3.0, 1.0
#: How much redder than the whole the bulge is in other colors, in units of its g-r.
_REDDENING = {"g": 1.0, "r": 0.0, "i": -0.5, "z": -0.8}
_NEIGHBOR_COLOR = {"g": 1.0, "r": 0.0, "i": -0.45, "z": -0.75}  # magnitudes against r, in units of g-r
_NUCLEUS_COLOR = {"g": 0.3, "r": 0.0, "i": -0.15, "z": -0.25}  # magnitudes against r: bluer than most hosts


@dataclass(frozen=True)
class SimulatedSurvey:
    """
    How a survey sees the sky.

    Parameters
    ----------
    bands : str
        One letter for each.
    depths : tuple of float
        Magnitude (AB) in each band at which a point source has a signal-to-noise ratio of 5.
    fwhm : float
        Full width at half maximum of the point-spread function, in arcsec.
    pixel_scale : float
        Of its own pixels, in arcsec.
    color : str
        The color recipe of its pictures.
    """

    bands: str
    depths: tuple[float, ...]
    fwhm: float
    pixel_scale: float
    color: str

    def noise(self):
        """Return the standard deviation of the sky in each band, in nanomaggies per own pixel."""
        flux = 10 ** ((22.5 - np.array(self.depths)) / 2.5)
        pixels = 4 * math.pi * (self.fwhm / _FWHM_PER_SIGMA / self.pixel_scale) ** 2
        return flux / 5 / math.sqrt(pixels)


#: Depth and seeing: 2019AJ....157..168D (DECaLS), 2002AJ....123..485S and 2000AJ....120.1579Y (SDSS).
SURVEYS = {
    "legacysurvey": SimulatedSurvey("grz", (24.0, 23.4, 22.5), 1.3, 0.262, "legacysurvey"),
    "sdss": SimulatedSurvey("gri", (23.2, 22.6, 21.9), 1.4, 0.396, "viewer-sdss"),
}


def _random(row, what):
    """Return a generator that depends on the place in the sky, not on the place in the table."""
    text = f"{row['ra']!r};{row['dec']!r};{what}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))


def _sersic(shape, scale, *, radius, index, axis_ratio, angle):
    """Return the share of a Sersic profile's light in each pixel; ``angle`` from north to east."""
    # Not on top: every command imports this file, few render a galaxy, and astropy.modeling takes half a second.
    from astropy.modeling.functional_models import Sersic2D

    oversampling = 3 if radius < 4 * scale else 1
    y, x = (_offsets(length, scale, oversampling) for length in shape)
    major = radius / math.sqrt(axis_ratio)
    values = Sersic2D.evaluate(
        x[None, :], y[:, None], 1.0, major, index, 0.0, 0.0, 1 - axis_ratio, math.radians(angle + 90)
    )
    if oversampling > 1:
        values = values.reshape(shape[0], oversampling, shape[1], oversampling).mean(axis=(1, 3))
    # The total light (2005PASA...22..118G, equation 2).
    b = special.gammaincinv(2 * index, 0.5)
    total = 2 * math.pi * index * major**2 * axis_ratio * math.exp(b) / b ** (2 * index) * special.gamma(2 * index)
    return (values * (scale**2 / total)).astype(np.float32)


def _offsets(length, scale, oversampling=1):
    """Return the distances in arcsec of (sub)pixel centers from the middle of the image."""
    steps = length * oversampling
    return ((np.arange(steps) + 0.5) / oversampling - length / 2).astype(np.float32) * np.float32(scale)


def _blurred(images, sigma):
    """Return images convolved with a Gaussian of ``sigma`` pixels."""
    height, width = images.shape[1:]
    padded = [fft.next_fast_len(length + int(4 * sigma), real=True) for length in (height, width)]
    transfer = np.exp(
        -2 * (math.pi * sigma) ** 2 * (fft.fftfreq(padded[0])[:, None] ** 2 + fft.rfftfreq(padded[1]) ** 2)
    )
    spectrum = fft.rfft2(images, padded) * transfer.astype(np.float32)
    return fft.irfft2(spectrum, padded)[:, :height, :width]


def _add_gaussian(flux, amounts, *, at, sigma, scale):
    """Add a round Gaussian with these total fluxes, ``at`` and ``sigma`` in arcsec, to the bands of an image."""
    x, y = (_offsets(length, scale) - offset for length, offset in zip(flux.shape[:0:-1], at, strict=True))
    columns, rows = np.abs(x) < 5 * sigma, np.abs(y) < 5 * sigma
    if columns.any() and rows.any():
        shape = np.exp(-0.5 * (y[rows, None] ** 2 + x[None, columns] ** 2) / sigma**2)
        shape *= scale**2 / (2 * math.pi * sigma**2)
        flux[np.ix_(range(len(flux)), rows, columns)] += amounts[:, None, None] * shape


def _neighbors(rng, survey, reach):
    """
    Yield the stars and galaxies around: flux in each band, position and extent in arcsec.

    They are drawn within 2 arcmin, whatever part of it is asked for, so that every cutout of a
    galaxy shows the same ones; those farther than ``reach`` from its middle are left out.
    """
    count = rng.poisson(_NEIGHBORS_PER_ARCMIN2 * 16)
    mag_r = np.maximum(23 + np.log10(rng.random(count)) / 0.3, 15.5)
    at = rng.uniform(-120, 120, (count, 2))
    g_r = rng.normal(0.8, 0.35, count)
    extent = np.where(rng.random(count) < 0.5, 0.0, rng.uniform(0.3, 1.2, count))
    red = np.array([_NEIGHBOR_COLOR[band] for band in survey.bands])
    for index in np.flatnonzero((np.abs(at) < reach).all(axis=1)):
        yield 10 ** ((22.5 - mag_r[index] - red * g_r[index]) / 2.5), at[index], extent[index]


def _band_shares(row, band):
    """Return the total flux in a band, in nanomaggies, and the shares of bulge, disc and nucleus in it."""
    magnitude, mag_r = row[f"mag_{band}"], row["mag_r"]
    bulge = row["bulge_fraction"] * 10 ** (-0.4 * _REDDENING[band] * row["bulge_reddening"])
    nucleus = row["nucleus_fraction"] * 10 ** (0.4 * (magnitude - mag_r - _NUCLEUS_COLOR[band]))
    nucleus = min(nucleus, 0.5)
    bulge = min(bulge, 0.97) * (1 - nucleus)
    return 10 ** ((22.5 - magnitude) / 2.5) * np.array([bulge, 1 - bulge - nucleus, nucleus])


def render(row, *, size, pixel_scale, survey=SURVEYS["legacysurvey"]):
    """
    Return the flux image of a simulated galaxy, with neighbors and noise.

    A bulge (Sersic index 3) and an exponential disc of different colors, and a nucleus, are seen
    through a Gaussian point-spread function. They are rendered on the survey's own pixels, or on
    larger ones if those are asked for, and resampled, as a survey's cutout service does it. The same
    row gives the same image.

    Parameters
    ----------
    row : dict
        The columns that `simulate` makes, as plain numbers.
    size : int
        Width and height in pixels.
    pixel_scale : float
        In arcsec per pixel.
    survey : SimulatedSurvey, optional
        Who looks: one of `SURVEYS`, or one of your own in the bands g, r, i and z.

    Returns
    -------
    flux : `~numpy.ndarray` of float32, shape (band, size, size)
        In nanomaggies per pixel, first row at the bottom, north up and east left.

    Examples
    --------
    >>> from agnsf.simulate import render, simulate
    >>> table = simulate(1, seed=1)
    >>> row = {name: table[name][0] for name in table.colnames}
    >>> render(row, size=64, pixel_scale=0.5).shape
    (3, 64, 64)
    """
    scale = max(survey.pixel_scale, pixel_scale)
    inside = size * pixel_scale / scale
    length = math.ceil(inside) + 2 * _MARGIN
    sigma = survey.fwhm / _FWHM_PER_SIGMA
    angle = row["position_angle"]
    shapes = _blurred(
        np.stack(
            [
                _sersic(
                    (length, length),
                    scale,
                    radius=row[f"{part}_radius"],
                    index=index,
                    axis_ratio=row[f"{part}_axis_ratio"],
                    angle=angle,
                )
                for part, index in (("bulge", _BULGE_INDEX), ("disc", _DISC_INDEX))
            ]
        ),
        sigma / scale,
    )
    amounts = np.array([_band_shares(row, band) for band in survey.bands], dtype=np.float32)
    flux = np.tensordot(amounts[:, :2], shapes, axes=1)
    _add_gaussian(flux, amounts[:, 2], at=(0.0, 0.0), sigma=sigma, scale=scale)
    for brightness, at, extent in _neighbors(_random(row, "neighbors"), survey, length * scale / 2 + 5):
        _add_gaussian(flux, brightness, at=at, sigma=math.hypot(sigma, extent), scale=scale)
    noise = survey.noise() * (scale / survey.pixel_scale)
    flux += _random(row, f"noise in {survey.bands}").standard_normal(flux.shape, dtype=np.float32) * noise[
        :, None, None
    ].astype(np.float32)
    low = (length - inside) / 2
    box = (low, low, low + inside, low + inside)
    planes = [Image.fromarray(plane).resize((size, size), Image.Resampling.LANCZOS, box=box) for plane in flux]
    return np.stack([np.asarray(plane) for plane in planes]) * np.float32((pixel_scale / scale) ** 2)
