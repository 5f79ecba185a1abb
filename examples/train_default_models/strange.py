# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Pictures that a classifier is not for, made of pictures that it is for or simulated."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter

from agnsf.images import resize, to_rgb
from agnsf.simulate import SURVEYS, render, simulate

_HALF = 60  # pixels of the frames around a star or empty sky
_FIELDS, _NARROW = (
    (2, 8),
    (0.4, 1.0),
)  # widths of simulated frames, in Petrosian radii, and of those that are too narrow

#: Pictures of the tenth release of the Legacy Surveys: four bands, mixed.
FOUR_BANDS = replace(SURVEYS["legacysurvey"], bands="griz", depths=(24.0, 23.4, 22.9, 22.5), color="legacysurvey-griz")
_OTHERS = {  # what else an image service gives, by the color of the pictures that are wanted
    "legacysurvey": ("the recipe of the viewer for SDSS", SURVEYS["sdss"]),
    "viewer-sdss": ("the recipe of the Legacy Surveys", SURVEYS["legacysurvey"]),
}


def _around(picture, *, star):
    """Return the surroundings of the brightest, or emptiest, place far from the middle; None if there is none."""
    light = picture.sum(axis=2, dtype=np.float64)
    size = len(light)
    y, x = np.mgrid[:size, :size]
    allowed = np.hypot(y - size / 2, x - size / 2) > 2 * _HALF
    allowed &= (np.minimum(x, y) > _HALF) & (np.maximum(x, y) < size - _HALF)
    if star:
        place = np.argmax(np.where(allowed, light, -1))
        if light.ravel()[place] < 400:
            return None  # no star
    else:
        place = np.argmin(np.where(allowed, uniform_filter(light, 25), np.inf))
    row, column = np.unravel_index(place, light.shape)
    return np.ascontiguousarray(picture[row - _HALF : row + _HALF, column - _HALF : column + _HALF])


def surroundings(pictures, *, star, size):
    """Return frames centered on stars, or on empty sky, of large pictures that show galaxies in the middle."""
    frames = (_around(picture, star=star) for picture in pictures)
    return np.stack([resize(frame, size) for frame in frames if frame is not None])


def overflowing(pictures, *, width, size):
    """Return the middle of large pictures, ``width`` pixels wide, which a galaxy fills."""
    frames = (picture[(low := (len(picture) - width) // 2) : low + width, low : low + width] for picture in pictures)
    return np.stack([resize(np.ascontiguousarray(frame), size) for frame in frames])


def _one_night(survey, rng):
    """Return a survey with the seeing and depths of one night."""
    depths = tuple(depth + rng.normal(0, 0.2) for depth in survey.depths)
    return replace(survey, depths=depths, fwhm=survey.fwhm * np.exp(rng.normal(0, 0.12)))


def rendered(survey, table, *, size, fields=_FIELDS):
    """Return pictures of simulated galaxies by a survey, the fields of view evenly between two, in radii."""
    rng = np.random.default_rng(0)
    columns = {name: table[name].tolist() for name in table.colnames}
    pictures = []
    for number, field in enumerate(np.linspace(*fields, len(table))):
        row = {name: values[number] for name, values in columns.items()}
        scale = field * row["radius"] / size
        flux = render(row, size=size, pixel_scale=scale, survey=_one_night(survey, rng))
        pictures.append(to_rgb(flux, survey.bands, survey.color, pixel_scale=scale))
    return np.stack(pictures)


def stars(n, *, seed):
    """Return a table of simulated galaxies that are points, with the colors of stars (2007AJ....134.2398C)."""
    rng, table = np.random.default_rng(seed), simulate(n, seed=seed)
    g_r = rng.uniform(0.2, 1.4, n)
    r_i = 0.36 * g_r + np.where(g_r > 1.3, rng.uniform(0, 1, n), 0)  # M dwarfs differ in r-i alone
    table["mag_r"] = rng.uniform(14, 20, n)
    table["mag_g"] = table["mag_r"] + g_r
    table["mag_i"] = table["mag_r"] - r_i
    table["mag_z"] = table["mag_i"] - 0.6 * r_i
    table["bulge_radius"] = table["disc_radius"] = 0.02
    return table


def empty(n, *, seed):
    """Return a table of simulated galaxies too faint to be seen."""
    table = simulate(n, seed=seed)
    for band in "griz":
        table[f"mag_{band}"] = 30.0
    return table


def recolored(pictures, rng):
    """Return by name what is wrong with pictures whatever they show: colors swapped, none, or nothing at all."""
    shape = (len(pictures) // 4, *pictures.shape[1:])
    levels = rng.integers(0, 90, (len(pictures) // 4, 1, 1, 1))
    return {
        "red and blue swapped": pictures[..., ::-1],
        "gray": np.repeat(pictures.mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8),
        "one level": np.broadcast_to(levels, shape).astype(np.uint8),
        "noise": rng.integers(0, levels + 2, shape).astype(np.uint8),
    }


def damaged(pictures, rng):
    """Return pictures that end within the frame, and some that a satellite has crossed."""
    n, size = pictures.shape[:2]
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    angle, far = rng.uniform(0, 2 * np.pi, (2, n, 1, 1))
    across = x * np.cos(angle) + y * np.sin(angle)
    offset = (far / np.pi - 1) * size / 4  # from the middle: a quarter of the frame at most
    ended = np.where((across < offset)[..., None], pictures, 0)
    trail = 200 * np.exp(-0.5 * ((across - offset) / 1.5) ** 2)
    return ended.astype(np.uint8), np.clip(pictures + trail[..., None], 0, 255).astype(np.uint8)


def wrong_renderings(survey, pictures, *, n, seed):
    """
    Return by name ``n`` pictures of each kind that a model for simulated ``pictures`` of a survey is not for.

    In the second place come kinds of which nothing is to be learned, so that they tell of what nobody thought of.
    """
    rng, size = np.random.default_rng(seed), pictures.shape[1]
    some = pictures[rng.choice(len(pictures), n, replace=False)]
    name, other = _OTHERS[survey.color]
    ended, crossed = damaged(some, rng)
    taught = {
        "stars": rendered(survey, stars(n, seed=seed), size=size),
        "empty sky": rendered(survey, empty(n, seed=seed), size=size),
        "galaxies that overflow the frame": rendered(survey, simulate(n, seed=seed + 50), size=size, fields=_NARROW),
        **recolored(some, rng),
        name: rendered(other, simulate(2 * n, seed=seed + 100), size=size),
        "an edge through the frame": ended,
    }
    four = rendered(FOUR_BANDS, simulate(n // 4, seed=seed + 150), size=size)
    return taught, {"the recipe of four bands": four, "the trail of a satellite": crossed}
