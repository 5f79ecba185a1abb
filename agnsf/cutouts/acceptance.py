# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Whether an answer is the image that was asked for."""

from dataclasses import replace

import numpy as np

from agnsf.images import decode, decode_fits
from agnsf.roles import Cutout, CutoutError

__all__ = ["accept_answer"]

_JPEG, _PNG, _FITS = b"\xff\xd8\xff", b"\x89PNG", b"SIMPLE  ="
_FLAT = 1.5  # counts; the noise of a real sky is above it
_EMPTY = 0.2  # fraction of exact zeros from which on a flux image is called partial
_SCALE_ERROR = 0.01
_POSITION_ERROR = 1.0  # pixels


def accept_answer(data, content_type, *, source, row, size, pixel_scale):
    """
    Return the cutout that an answer holds, or refuse it.

    Parameters
    ----------
    data : bytes
        The answer.
    content_type : str or None
        As the server gave it; None for an answer that was accepted before.
    source : CutoutService
        The service that was asked.
    row : dict
        The galaxy.
    size, pixel_scale : int, float
        What was asked for.

    Returns
    -------
    cutout : Cutout
        Its status is ``ok`` or ``partial``.

    Raises
    ------
    CutoutError
        Says what was expected and what was found.
    """
    _check_type(data, content_type)
    if data.startswith(_FITS):
        cutout = _accept_flux(data, source=source, row=row, size=size, pixel_scale=pixel_scale)
    else:
        cutout = _accept_picture(data, source=source, size=size, pixel_scale=pixel_scale)
    return source.check(cutout) or cutout


def _check_type(data, content_type):
    """Refuse what says that it is no image, and what does not end as its kind ends."""
    if content_type and content_type.startswith("text/"):
        said = " ".join(data[:400].decode("utf-8", "replace").split())[:100]
        raise CutoutError("bad_request", f"expected an image, the server answered in words: {said!r}")
    if content_type and not content_type.startswith(("image/", "application/fits", "application/octet-stream")):
        raise CutoutError("bad_request", f"expected an image, the server answered with {content_type}")
    if data.startswith(_JPEG) and b"\xff\xd9" not in data[-32:]:
        raise CutoutError("corrupt", f"expected a JPEG, found {len(data)} bytes without its end mark")
    if data.startswith(_FITS) and len(data) % 2880:
        raise CutoutError("corrupt", f"expected FITS blocks of 2880 bytes, found {len(data)} bytes")


def _check_shape(height, width, size):
    if (height, width) != (size, size):
        raise CutoutError("bad_request", f"expected {size} x {size} pixels, the server gave {width} x {height}")


def _accept_picture(data, *, source, size, pixel_scale):
    picture = decode(data)
    _check_shape(*picture.shape[:2], size)
    # The range of a twenty-fifth of the pixels is enough to tell most real images.
    if np.ptp(picture[::5, ::5, 1]) < 8 and picture.std(axis=(0, 1)).max() < _FLAT:
        level = picture[size // 2, size // 2].tolist()
        raise CutoutError("outside", f"the image is flat, of color {level}: outside the footprint")
    return Cutout(picture, pixel_scale=pixel_scale, color=source.color)


def _accept_flux(data, *, source, row, size, pixel_scale):
    cutout = decode_fits(data)
    _check_shape(*cutout.pixels.shape[1:], size)
    if source.bands != "rgb" and cutout.bands != source.bands:
        raise CutoutError("bad_request", f"expected the bands {source.bands}, the server gave {cutout.bands}")
    _check_position(cutout, row, pixel_scale)
    if not np.isfinite(cutout.pixels).all():
        raise CutoutError("corrupt", "expected finite flux, found values that are not")
    zeros = (cutout.pixels == 0).mean(axis=(1, 2))
    if zeros.min() == 1:
        raise CutoutError("outside", "every pixel is 0: outside the footprint")
    if zeros.max() > _EMPTY:
        where = cutout.bands[int(zeros.argmax())]
        return replace(cutout, status="partial", message=f"{zeros.max():.0%} of the image has no data in band {where}")
    return cutout


def _check_position(cutout, row, pixel_scale):
    """Refuse a FITS image of another place or pixel scale than those asked for."""
    if cutout.wcs is None:
        raise CutoutError("corrupt", "expected a FITS image with a WCS, found none")
    if abs(cutout.pixel_scale / pixel_scale - 1) > _SCALE_ERROR:
        found = f"the server gave {cutout.pixel_scale:.4f}"
        raise CutoutError("bad_request", f"expected {pixel_scale:.4f} arcsec per pixel, {found}")
    if row.get("ra") is None or row.get("dec") is None:
        return
    height, width = cutout.pixels.shape[1:]
    x, y = cutout.wcs.all_world2pix(row["ra"], row["dec"], 0)
    off = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2)
    if not off <= _POSITION_ERROR:
        raise CutoutError("bad_request", f"expected the galaxy in the middle, it is {off:.1f} pixels off")
