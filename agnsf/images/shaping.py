# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts in the shape that a classifier takes."""

from dataclasses import replace

import numpy as np
from PIL import Image

from agnsf.columns import AgnsfError
from agnsf.images.colors import RECIPES, to_flux, to_rgb

__all__ = ["fit_input", "resize"]


def _middle(height, width):
    """Return the box (left, upper, right, lower) of the largest square around the middle."""
    side = min(height, width)
    left, upper = (width - side) / 2, (height - side) / 2
    return left, upper, left + side, upper + side


def resize(picture, size):
    """
    Return a picture in another size.

    The filter is a triangle as wide as an output pixel, so that nothing aliases. Of a picture
    that is not square, the square in the middle is taken: a galaxy keeps its shape.

    Parameters
    ----------
    picture : `~numpy.ndarray` of uint8, shape (y, x, 3)
        Red, green, blue.
    size : int
        Width and height wanted, in pixels.

    Returns
    -------
    picture : `~numpy.ndarray` of uint8, shape (size, size, 3)
        The picture itself if it has that size already.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.images import resize
    >>> resize(np.zeros((423, 423, 3), dtype=np.uint8), 128).shape
    (128, 128, 3)
    """
    height, width = picture.shape[:2]
    if (height, width) == (size, size):
        return picture
    image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, box=_middle(height, width))
    return np.asarray(image)


def _resize_flux(flux, size):
    """Return a flux image in another size with the same total, the square in its middle."""
    height, width = flux.shape[1:]
    if (height, width) == (size, size):
        return flux
    box = _middle(height, width)
    planes = [Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR, box=box) for plane in flux]
    return np.stack([np.asarray(plane) for plane in planes]) * np.float32((min(height, width) / size) ** 2)


def _picture(cutout, color):
    if cutout.is_picture:
        return cutout.pixels
    missing = [band for band in RECIPES[color].bands if band not in cutout.bands]
    if missing:
        raise AgnsfError(
            f"A picture in color {color!r} needs the bands {RECIPES[color].bands}; "
            f"the image source gives {cutout.bands}"
        )
    return to_rgb(cutout.pixels, cutout.bands, color, pixel_scale=cutout.pixel_scale)


def _flux(cutout, color):
    if not cutout.is_picture:
        return np.nan_to_num(cutout.pixels), cutout.bands
    color = cutout.color or color
    if not RECIPES[color].invertible:
        raise AgnsfError(f"The classifier takes flux, and pictures in color {color!r} cannot be turned into flux")
    return to_flux(cutout.pixels, color, pixel_scale=cutout.pixel_scale), RECIPES[color].bands


def fit_input(cutout, *, input, size, color, resize=resize):
    """
    Return a cutout whose pixels are what a classifier takes.

    Parameters
    ----------
    cutout : Cutout
        A picture or a flux image. One without pixels is returned as it is.
    input : str
        ``"rgb"`` or ``"flux"``, as a classifier's ``input``.
    size : int
        Width and height in pixels that the classifier takes.
    color : str
        The color recipe (`RECIPES`): by it flux becomes a picture, or a picture flux.
    resize : callable, optional
        How pictures are resized, called as `resize`.

    Returns
    -------
    cutout : Cutout
        Its pixels are uint8 of shape (size, size, 3), or float32 of shape (band, size, size).

    Raises
    ------
    AgnsfError
        If the color recipe cannot give what the classifier takes.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf import Cutout
    >>> from agnsf.images import fit_input
    >>> flux = Cutout(np.zeros((3, 64, 64), dtype=np.float32), bands='grz', pixel_scale=0.262)
    >>> fit_input(flux, input='rgb', size=32, color='legacysurvey').pixels[0, 0].tolist()
    [32, 32, 32]
    """
    if cutout.pixels is None:
        return cutout
    side = min(cutout.pixels.shape[:2] if cutout.is_picture else cutout.pixels.shape[1:])
    pixel_scale = cutout.pixel_scale and cutout.pixel_scale * side / size
    wcs = cutout.wcs if side == size else None
    changed = {"pixel_scale": pixel_scale, "wcs": wcs, "inverse_variance": None}
    if input == "rgb":
        pixels = resize(_picture(cutout, color), size)
        return replace(cutout, pixels=pixels, bands="rgb", color=cutout.color or color, **changed)
    flux, bands = _flux(cutout, color)
    return replace(cutout, pixels=_resize_flux(flux, size), bands=bands, color="", **changed)
