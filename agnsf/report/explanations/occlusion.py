# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What p_agn becomes when a part of the galaxy is covered; works for any classifier."""

import numpy as np

__all__ = ["REGIONS", "cover", "occlusion"]

#: Inner and outer edge of each part, in radii of the galaxy.
REGIONS = {"nucleus": (0.0, 0.15), "disc": (0.15, 1.0), "surroundings": (1.0, np.inf)}

# Pixels over which a cover fades, so that its edge is no feature of its own.
_SOFT = 2.0


def _distance(size):
    """Return the distance of each pixel from the middle, in pixels."""
    offset = np.arange(size) - (size - 1) / 2
    return np.hypot(offset[:, None], offset[None, :])


def _mask(distance, inner, outer):
    """Return how much of each pixel is covered, between 0 and 1."""
    from_inside = np.clip((distance - inner) / _SOFT + 0.5, 0, 1) if inner > 0 else np.ones_like(distance)
    from_outside = np.clip((outer - distance) / _SOFT + 0.5, 0, 1) if np.isfinite(outer) else np.ones_like(distance)
    return from_inside * from_outside


def cover(images, region, *, radius):
    """
    Cover a part of each galaxy with what could be there if it had none.

    The nucleus is covered with the median of the ring around it, as though the disc went on; the
    disc and the surroundings with the median of the image's border, as though there were only sky.

    Parameters
    ----------
    images : `~numpy.ndarray`, shape (n, size, size, 3) or (n, band, size, size)
        As a classifier takes them, uint8 or float32.
    region : str
        A key of `REGIONS`.
    radius : float
        Radius of the galaxies in pixels.

    Returns
    -------
    images : `~numpy.ndarray`
        A copy of the same shape and type.
    """
    last = images.dtype == np.uint8
    planes = images if last else np.moveaxis(images, 1, -1)
    distance = _distance(planes.shape[1])
    inner, outer = (edge * radius for edge in REGIONS[region])
    mask = _mask(distance, inner, outer)[None, :, :, None]
    if region == "nucleus":
        around = (distance >= outer) & (distance < 2 * outer + _SOFT)
    else:
        around = np.zeros(distance.shape, dtype=bool)
        around[[0, -1], :] = around[:, [0, -1]] = True
    fill = np.median(planes[:, around, :].astype(np.float32), axis=1)[:, None, None, :]
    covered = planes * (1 - mask) + fill * mask
    if last:
        return np.round(covered).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(covered, -1, 1).astype(images.dtype))


def occlusion(predict, images, *, radius):
    """
    Return how ``p_agn`` changes when each part of the galaxies is covered.

    Parameters
    ----------
    predict : callable
        From images to ``p_agn`` of shape (n,).
    images : `~numpy.ndarray`
        As for `cover`.
    radius : float
        Radius of the galaxies in pixels.

    Returns
    -------
    changes : dict of str to `~numpy.ndarray` of float64, shape (n,)
        By region: ``p_agn`` of the covered galaxy minus that of the whole one.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.report.explanations import occlusion
    >>> images = np.zeros((1, 64, 64, 3), dtype=np.uint8)
    >>> images[:, 30:34, 30:34] = 255
    >>> changes = occlusion(lambda images: images[:, 32, 32, 0] / 255, images, radius=40)
    >>> {region: change.tolist() for region, change in changes.items()}
    {'nucleus': [-1.0], 'disc': [0.0], 'surroundings': [0.0]}
    """
    whole = np.asarray(predict(images), dtype=np.float64)
    return {region: np.asarray(predict(cover(images, region, radius=radius))) - whole for region in REGIONS}
