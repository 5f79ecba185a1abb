# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure one galaxy on its cutout, with photutils."""

import itertools
import math
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from astropy.stats import sigma_clipped_stats

from agnsf.columns import AgnsfError
from agnsf.images import RECIPES, to_flux
from agnsf.measure._profiles import Growth, central_excess, ring_fluxes

__all__ = ["MEASUREMENTS", "MeasureError", "measure_cutout", "measurement_names"]

#: Unit and meaning of the measurements that every cutout gives.
MEASUREMENTS = {
    "measured_radius": ("arcsec", "Petrosian radius (eta = 0.2) in the reference band."),
    "half_light_radius": ("arcsec", "Radius of half of the light inside two Petrosian radii."),
    "concentration": ("", "5 log10 of the radius of 80 % over that of 20 % of the light (2000AJ....119.2645B)."),
    "asymmetry": ("", "Light that changes when the image is turned by 180 degrees (2000ApJ...529..886C)."),
    "axis_ratio": ("", "Minor over major axis, from second moments."),
    "central_excess": ("", "Light in the center beyond an exponential profile, as a share of the galaxy's."),
    "neighbor_fraction": ("", "Light of neighbors inside 1.5 Petrosian radii, in units of the galaxy's."),
    "saturated_fraction": ("", "Share of the pixels inside the Petrosian radius at the top of the scale."),
    "sky_noise": ("nmgy / arcsec2", "Standard deviation of the sky in the reference band."),
}

#: Outer radii of the rings of the color profile, in Petrosian radii.
_RINGS = (0.25, 0.5, 0.75, 1.0)

#: A(band) / E(B-V) of Schlegel et al.'s map (2011ApJ...737..103S, table 6, R_V = 3.1).
_EXTINCTION = {
    "sdss": {"u": 4.239, "g": 3.303, "r": 2.285, "i": 1.698, "z": 1.263},
    "decam": {"g": 3.237, "r": 2.176, "i": 1.595, "z": 1.217},
}
_FEWEST_PIXELS = 8
_WARNINGS = threading.Lock()


class MeasureError(AgnsfError):
    """A cutout on which the galaxy cannot be measured."""


def measurement_names(bands):
    """
    Return the columns that a cutout in some bands gives.

    Parameters
    ----------
    bands : str
        Bands of the flux; empty for pictures that cannot be turned into flux.

    Returns
    -------
    columns : dict of str to tuple of (str, str)
        Unit and meaning by name.

    Examples
    --------
    >>> from agnsf.measure import measurement_names
    >>> [name for name in measurement_names('gr') if name.startswith('g_r')]
    ['g_r_1', 'g_r_2', 'g_r_3', 'g_r_4']
    """
    names = dict(MEASUREMENTS)
    for band in bands:
        names[f"measured_mag_{band}"] = ("mag", f"AB magnitude in {band} inside two Petrosian radii.")
    for blue, red in itertools.pairwise(bands):
        for ring, outer in enumerate(_RINGS, 1):
            names[f"{blue}_{red}_{ring}"] = ("mag", f"Color {blue}-{red} in the ring out to {outer} Petrosian radii.")
    return names


@dataclass(frozen=True)
class _Scene:
    """A galaxy and its surroundings, sky-subtracted, neighbors taken out."""

    planes: np.ndarray  # (band, y, x)
    reference: np.ndarray  # (y, x): the plane in which sizes are measured
    noise: float  # of the sky in the reference plane
    neighbors: np.ndarray  # (y, x) bool
    neighbor_light: np.ndarray  # (y, x): the reference plane before they were taken out
    distance: np.ndarray  # (y, x) from the galaxy's center, in pixels
    reach: float  # largest circle around it inside the image, in pixels
    axis_ratio: float


def _planes(cutout, color):
    """Return sky-up planes, their bands (empty if the values are no flux), and what is saturated."""
    if not cutout.is_picture:
        return np.nan_to_num(cutout.pixels).astype(np.float64), cutout.bands, ~np.isfinite(cutout.pixels).all(axis=0)
    color = cutout.color or color
    saturated = (cutout.pixels == 255).any(axis=2)[::-1]
    if RECIPES[color].invertible and cutout.pixel_scale is not None:
        flux = to_flux(cutout.pixels, color, pixel_scale=cutout.pixel_scale)
        return flux.astype(np.float64), RECIPES[color].bands, saturated
    return cutout.pixels[::-1].transpose(2, 0, 1).astype(np.float64), "", saturated


@contextmanager
def _quietly(category):
    """Ignore a kind of warnings; the filters belong to all threads, so that they take turns."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        yield


def _detect(image, fwhm):
    """Return the segmentation of an image, its sky level and noise."""
    # Not on top: these take longer to import than most commands take, and every command finds this file.
    from astropy.convolution import convolve_fft
    from photutils.segmentation import deblend_sources, detect_sources, make_2dgaussian_kernel
    from photutils.utils.exceptions import NoDetectionsWarning

    kernel = make_2dgaussian_kernel(max(fwhm, 1.0), size=2 * math.ceil(fwhm) + 1)
    mask, found = None, None
    for _ in range(2):  # the second time with the sources of the first left out of the sky
        _, sky, noise = sigma_clipped_stats(image, mask=mask, sigma=3)
        smooth = convolve_fft(image - sky, kernel.array, boundary="fill", fill_value=0.0)
        with _quietly(NoDetectionsWarning):
            found = detect_sources(smooth, 1.5 * max(noise, 1e-9), _FEWEST_PIXELS)
        if found is None:
            raise MeasureError("nothing stands out from the sky")
        mask = found.data > 0
        if mask.mean() > 0.9:
            break
    with _quietly(Warning):
        parted = deblend_sources(smooth, found, _FEWEST_PIXELS, contrast=0.02, progress_bar=False)
    return parted, sky, noise


def _scene(planes, weights, fwhm):
    reference = np.tensordot(weights, planes, axes=1)
    segments, sky, noise = _detect(reference, fwhm)
    height, width = reference.shape
    label = _central(segments.data, fwhm)
    others = (segments.data > 0) & (segments.data != label)
    x, y, axis_ratio = _moments(np.where(segments.data == label, reference - sky, 0.0))
    if math.hypot(x - (width - 1) / 2, y - (height - 1) / 2) > 3 * fwhm:
        x, y = (width - 1) / 2, (height - 1) / 2  # a lopsided galaxy; the catalog's position is better
    planes = planes - np.array([_sky_of(plane, segments.data) for plane in planes])[:, None, None]
    clean = _without(planes, others)
    rows, columns = np.mgrid[:height, :width]
    return _Scene(
        planes=clean,
        reference=np.tensordot(weights, clean, axes=1),
        noise=float(noise),
        neighbors=others,
        neighbor_light=np.tensordot(weights, planes, axes=1),
        distance=np.hypot(rows - y, columns - x),
        reach=min(x, y, width - 1 - x, height - 1 - y),
        axis_ratio=axis_ratio,
    )


def _moments(light):
    """Return the center of some light, x and y in pixels, and its minor over major axis."""
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]]
    light = np.maximum(light, 0)
    total = light.sum()
    x, y = (columns * light).sum() / total, (rows * light).sum() / total
    dx, dy = columns - x, rows - y
    covariance = [[(light * one * two).sum() / total for two in (dx, dy)] for one in (dx, dy)]
    minor, major = np.linalg.eigvalsh(covariance)
    return float(x), float(y), math.sqrt(max(minor, 0.0) / major) if major > 0 else np.nan


def _central(labels, fwhm):
    """Return the label of the source in the middle, or of the nearest one within the seeing."""
    rows, columns = np.nonzero(labels)
    middle = (np.array(labels.shape) - 1) / 2
    distance = np.hypot(rows - middle[0], columns - middle[1])
    nearest = np.argmin(distance)
    if distance[nearest] > max(2 * fwhm, 3):
        raise MeasureError("no source in the middle of the image")
    return labels[rows[nearest], columns[nearest]]


def _sky_of(plane, labels):
    free = labels == 0
    return sigma_clipped_stats(plane, mask=None if free.mean() < 0.02 else ~free, sigma=3)[1]


def _without(planes, mask):
    """Return the planes with masked pixels taken from the opposite side of the galaxy, or 0."""
    turned, free = planes[:, ::-1, ::-1], ~mask[::-1, ::-1]
    return np.where(mask, np.where(free, turned, 0.0), planes)


def measure_cutout(cutout, *, color="unknown", fwhm=1.3, ebv=None):
    """
    Measure the galaxy in the middle of a cutout.

    The sky is the clipped median of what no source covers; sources are detected and parted with
    `photutils`, and neighbors replaced by the opposite side of the galaxy. Flux images and pictures
    of a recipe that can be inverted give magnitudes and colors; other pictures sizes and shapes.

    Parameters
    ----------
    cutout : Cutout
        With pixels.
    color : str, optional
        Color recipe of a picture that does not name its own.
    fwhm : float, optional
        Full width at half maximum of the point-spread function, in arcsec.
    ebv : float or None, optional
        Reddening E(B-V) of Schlegel et al.'s map, by which magnitudes and colors are corrected for
        Galactic extinction; not corrected where it is None or NaN.

    Returns
    -------
    values : dict of str to float
        By the names of `measurement_names`, in their units; NaN where it could not be measured.
        Radii are in arcsec only if the cutout's pixel scale is known, else NaN.

    Raises
    ------
    MeasureError
        If there is no galaxy in the middle of the image.

    Examples
    --------
    >>> from agnsf import Cutout
    >>> from agnsf.measure import measure_cutout
    >>> from agnsf.simulate import render, simulate
    >>> table = simulate(1, seed=4)
    >>> row = {name: table[name][0] for name in table.colnames}
    >>> cutout = Cutout(render(row, size=200, pixel_scale=0.262), bands='grz', pixel_scale=0.262)
    >>> bool(abs(measure_cutout(cutout)['measured_mag_r'] - row['mag_r']) < 0.1)
    True
    """
    if cutout.pixels is None:
        raise MeasureError(f"there is no image: {cutout.message or cutout.status}")
    planes, bands, saturated = _planes(cutout, color)
    scale = cutout.pixel_scale or np.nan
    width = fwhm / scale if np.isfinite(scale) else 3.0
    weights = np.array([1.0 if band == "r" else 0.0 for band in bands]) if "r" in bands else np.ones(len(planes))
    scene = _scene(planes, weights / weights.sum(), width)
    growth = Growth.of(scene.reference, scene.distance, reach=scene.reach)
    petrosian = growth.petrosian()
    outer = min(2 * petrosian, scene.reach) if np.isfinite(petrosian) else scene.reach
    total = growth.inside(outer)
    near = scene.distance < min(1.5 * petrosian if np.isfinite(petrosian) else scene.reach, scene.reach)
    body = scene.distance < (petrosian if np.isfinite(petrosian) else scene.reach)
    values = {
        "measured_radius": petrosian * scale,
        "half_light_radius": growth.holding(0.5, total) * scale,
        "concentration": 5 * math.log10(growth.holding(0.8, total) / growth.holding(0.2, total))
        if total > 0
        else np.nan,
        "asymmetry": _asymmetry(scene, near),
        "axis_ratio": scene.axis_ratio,
        "central_excess": central_excess(scene.reference, scene.distance, fwhm=width, outer=petrosian),
        "neighbor_fraction": float(scene.neighbor_light[scene.neighbors & near].sum() / total) if total > 0 else np.nan,
        "saturated_fraction": float(saturated[body].mean()) if body.any() else np.nan,
        "sky_noise": scene.noise / scale**2 if bands else np.nan,
    }
    if bands:
        values |= _photometry(scene, bands, petrosian, outer, width, _reddening(cutout.color or color, ebv))
    return {name: float(values.get(name, np.nan)) for name in measurement_names(bands)}


def _asymmetry(scene, near):
    """Return the asymmetry about the middle of the image, less what noise alone would give."""
    image = scene.reference
    light = np.abs(image[near]).sum()
    if not light > 0:
        return np.nan
    changed = np.abs(image - image[::-1, ::-1])[near].sum()
    return float((changed - 2 / math.sqrt(math.pi) * scene.noise * near.sum()) / light)


def _reddening(color, ebv):
    """Return the extinction in magnitudes by band; none where the reddening is not known."""
    if ebv is None or not np.isfinite(ebv):
        return {}
    table = _EXTINCTION["sdss" if color == "viewer-sdss" else "decam"]
    return {band: ratio * ebv for band, ratio in table.items()}


def _photometry(scene, bands, petrosian, outer, fwhm, extinction):
    values = {}
    for band, plane in zip(bands, scene.planes, strict=True):
        flux = Growth.of(plane, scene.distance, reach=scene.reach).inside(outer)
        magnitude = 22.5 - 2.5 * math.log10(flux) if flux > 0 else np.nan
        values[f"measured_mag_{band}"] = magnitude - extinction.get(band, 0.0)
    if np.isfinite(petrosian):
        edges = np.array([0.0, *_RINGS]) * petrosian
        rings = ring_fluxes(scene.planes, scene.distance, edges)
        rings[:, edges[1:] < fwhm / 2] = np.nan  # rings that the seeing smears out tell nothing of their own
        with np.errstate(divide="ignore", invalid="ignore"):
            magnitudes = -2.5 * np.log10(np.where(rings > 0, rings, np.nan))
        for index in range(len(bands) - 1):
            shift = extinction.get(bands[index], 0.0) - extinction.get(bands[index + 1], 0.0)
            colors = magnitudes[index] - magnitudes[index + 1] - shift
            for ring, one in enumerate(colors, 1):
                values[f"{bands[index]}_{bands[index + 1]}_{ring}"] = one
    return values
