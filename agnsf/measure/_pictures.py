# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure many pictures at once: a color profile in rings, concentration, elongation, clumpiness."""

import numpy as np

__all__ = ["PICTURE_RINGS", "picture_feature_names", "picture_features", "picture_sky"]

#: Outer radii of the rings, in units of half the frame, for a frame of three Petrosian radii.
PICTURE_RINGS = (0.07, 0.17, 0.33, 0.5, 0.67)

_BLOCK = 128  # pictures at a time: a few tens of MB
_APERTURE = 1.5  # radius inside which concentration and elongation are measured, in outermost rings
_SHARES = (0.2, 0.8)  # shares of the light whose radii the concentration compares


def picture_feature_names(rings):
    """
    Return the names of the features, in their order.

    Parameters
    ----------
    rings : tuple of float
        As for `picture_features`.

    Returns
    -------
    names : list of str
        One for each column that `picture_features` returns.

    Examples
    --------
    >>> from agnsf.measure import picture_feature_names
    >>> picture_feature_names((0.2, 0.6))
    ['red_1', 'green_1', 'blue_1', 'red_2', 'green_2', 'blue_2', 'concentration', 'elongation', 'clumpiness_2']
    """
    count = range(1, len(rings) + 1)
    profile = [f"{color}_{ring}" for ring in count for color in ("red", "green", "blue")]
    return [*profile, "concentration", "elongation", *(f"clumpiness_{ring}" for ring in count[1:])]


def picture_features(pictures, *, rings=PICTURE_RINGS):
    """
    Measure galaxies on RGB pictures, each in the middle of its frame.

    A picture's values are a compressed surface brightness, so that differences between its
    colors stand for colors in magnitudes. The sky, the median of the frame's border, is subtracted.

    Parameters
    ----------
    pictures : array-like of uint8, shape (n, size, size, 3)
        Red, green, blue; indexed by slices.
    rings : tuple of float, optional
        Outer radii of the rings in units of half the frame, rising, none above 1. The first is a disc.

    Returns
    -------
    features : `~numpy.ndarray` of float64, shape (n, k)
        In the order of `picture_feature_names`: mean red, green and blue in each ring above the sky;
        the logarithm of the ratio of the radii that hold 80 % and 20 % of the light;
        the elongation (a^2 - b^2) / (a^2 + b^2) from second moments; and the logarithm of the
        standard deviation of the brightness in each ring but the innermost. The features of a picture depend
        on no other picture.

    Raises
    ------
    ValueError
        If the rings do not rise from above 0 to at most 1.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.measure import picture_features
    >>> picture_features(np.full((2, 64, 64, 3), 30, dtype=np.uint8)).shape
    (2, 21)
    """
    edges = (0.0, *rings)
    if len(rings) < 2 or any(low >= high for low, high in zip(edges, rings, strict=False)) or rings[-1] > 1:
        raise ValueError(f"rings must rise from above 0 to at most 1, and be two or more; not {rings}")
    features = np.empty((len(pictures), len(picture_feature_names(rings))))
    for start in range(0, len(pictures), _BLOCK):
        block = np.asarray(pictures[start : start + _BLOCK])
        features[start : start + len(block)] = _measure(block, rings)
    return features


def _measure(block, rings):
    """
    Measure one block of pictures.

    Pixel values are small whole numbers, and so are twice the sky and twice the coordinates: every
    sum here is exact in float64, whatever its order, and no picture can change another's features.
    """
    n, size = block.shape[:2]
    y, x = np.mgrid[:size, :size] * 2.0 - (size - 1)
    radius = (np.hypot(y, x) / size).ravel()
    sky = picture_sky(block)
    pixels = block.reshape(n, -1, 3)
    light = pixels.sum(axis=2, dtype=np.uint16)
    profile, clumpiness = [], []
    for low, high in zip((0.0, *rings), rings, strict=False):
        ring = np.flatnonzero((radius >= low) & (radius < high))
        profile.append(pixels[:, ring].sum(axis=1, dtype=np.int64) / len(ring) - sky)
        clumpiness.append(np.log1p(_scatter(light[:, ring].astype(np.float64)) / 3))
    inside = np.flatnonzero(radius < min(_APERTURE * rings[-1], 1.0))
    inside = inside[np.argsort(radius[inside], kind="stable")]
    above_sky = np.maximum(2.0 * light[:, inside] - 2 * sky.sum(axis=1)[:, None], 0)
    concentration = _concentration(above_sky, radius[inside])
    elongation = _elongation(above_sky, x.ravel()[inside], y.ravel()[inside])
    return np.column_stack([*profile, concentration, elongation, *clumpiness[1:]])


def picture_sky(pictures):
    """
    Return the color of the sky: the median of each picture's border, a twentieth of its width.

    Parameters
    ----------
    pictures : `~numpy.ndarray` of uint8, shape (n, size, size, 3)
        Red, green, blue.

    Returns
    -------
    sky : `~numpy.ndarray` of float64, shape (n, 3)
        Red, green, blue.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.measure import picture_sky
    >>> picture_sky(np.full((1, 64, 64, 3), 30, dtype=np.uint8)).tolist()
    [[30.0, 30.0, 30.0]]
    """
    width = max(1, pictures.shape[1] // 20)
    edges = (pictures[:, :width], pictures[:, -width:], pictures[:, :, :width], pictures[:, :, -width:])
    return np.median(np.concatenate([edge.reshape(len(pictures), -1, 3) for edge in edges], axis=1), axis=1)


def _scatter(values):
    """Return the standard deviation of each row."""
    count = values.shape[1]
    total, squares = values.sum(axis=1), np.square(values).sum(axis=1)
    return np.sqrt(count * squares - total**2) / count


def _concentration(light, radius):
    """Return the logarithm of the ratio of two radii of the growth curve; 0 where there is no light."""
    growth = np.cumsum(light, axis=1)
    inner, outer = (radius[np.argmax(growth >= share * growth[:, -1:], axis=1)] for share in _SHARES)
    return np.where(growth[:, -1] > 0, np.log(outer / inner), 0.0)


def _elongation(light, x, y):
    """Return the elongation from second moments; 0 where there is no light."""
    xx, yy, xy = (light @ np.column_stack([x * x, y * y, x * y])).T
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    return np.divide(spread, xx + yy, out=np.zeros(len(light)), where=xx + yy > 0)
