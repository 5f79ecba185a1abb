# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Pictures that a classifier is not for, made of pictures that it is for."""

import numpy as np
from scipy.ndimage import uniform_filter

from agnsf.images import resize, to_rgb
from agnsf.simulate import SURVEYS, render, simulate

_HALF = 60  # pixels of the frames around a star or empty sky


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


def rendered(survey, *, n, seed, size, fields):
    """Return simulated galaxies in the color recipe of a survey, the fields of view evenly between two, in radii."""
    table, survey = simulate(n, seed=seed), SURVEYS[survey]
    pictures = []
    for number, field in enumerate(np.linspace(*fields, n)):
        row = {name: float(table[name][number]) for name in table.colnames if table[name].dtype.kind == "f"}
        scale = field * row["radius"] / size
        flux = render(row, size=size, pixel_scale=scale, survey=survey)
        pictures.append(to_rgb(flux, survey.bands, survey.color, pixel_scale=scale))
    return np.stack(pictures)


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
