# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The bytes of an image file as pixels, refused by their header where they are too large."""

import io
import math

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

from agnsf.roles import Cutout, CutoutError

__all__ = ["MAX_PIXELS", "decode", "decode_fits", "picture_width"]

#: Width times height of the largest image that is decoded unless said otherwise.
MAX_PIXELS = 4096 * 4096

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_FITS_BLOCK = 2880
_AB_ZERO_POINT = 22.5  # of a nanomaggy

try:
    import simplejpeg
except ImportError:  # the extra "fast" is not installed
    simplejpeg = None


def _open(data):
    """Return a picture file whose header is read and nothing else; two formats and no other."""
    if not data:
        raise CutoutError("corrupt", "expected an image, found 0 bytes")
    opener = (
        JpegImagePlugin.JpegImageFile
        if data.startswith(_JPEG)
        else PngImagePlugin.PngImageFile
        if data.startswith(_PNG)
        else None
    )
    if opener is None:
        raise CutoutError("corrupt", f"expected a JPEG or PNG image, found {data[:24]!r}")
    return opener(io.BytesIO(data))


def picture_width(data):
    """
    Return the width that a JPEG or PNG file gives in its header.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    width : int
        In pixels.

    Raises
    ------
    CutoutError
        With the status ``corrupt``: not an image.
    """
    return _open(data).size[0]


def _check_size(width, height, max_pixels):
    if width * height > max_pixels:
        raise CutoutError("corrupt", f"expected at most {max_pixels} pixels, found {width} x {height}")


def _decode_fast(data, max_pixels, at_least):
    """Decode a color JPEG with simplejpeg, which gives Pillow's pixels in half the time; None if it will not."""
    try:
        height, width, colors, _ = simplejpeg.decode_jpeg_header(data)
        if colors != "YCbCr":
            return None
        _check_size(width, height, max_pixels)
        # Pillow's choice in Image.draft, so that the pixels are the same.
        room = 1 if at_least is None else min(width // at_least, height // at_least)
        scale = next((scale for scale in (8, 4, 2) if scale <= room), 1)
        return simplejpeg.decode_jpeg(data, min_height=-(-height // scale), min_width=-(-width // scale))
    except ValueError:
        return None  # Pillow is to say what is wrong with it


def decode(data, *, max_pixels=MAX_PIXELS, at_least=None):
    """
    Return the pixels of a JPEG or PNG file.

    Parameters
    ----------
    data : bytes
        The whole file.
    max_pixels : int, optional
        Refuse an image of more pixels, by its header, before any of it is decoded.
    at_least : int or None, optional
        A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size as long as neither side gets smaller
        than this, which is faster. By default it is decoded in full.

    Returns
    -------
    picture : `~numpy.ndarray` of uint8, shape (y, x, 3)
        Red, green, blue; first row at the top. Gray is expanded to three planes.

    Raises
    ------
    CutoutError
        With the status ``corrupt``: not an image, damaged, or too large.

    Examples
    --------
    >>> import io
    >>> from PIL import Image
    >>> from agnsf.images import decode
    >>> file = io.BytesIO()
    >>> Image.new('L', (64, 48), 7).save(file, 'jpeg')
    >>> decode(file.getvalue()).shape
    (48, 64, 3)
    """
    try:
        if simplejpeg is not None and data.startswith(_JPEG):
            pixels = _decode_fast(data, max_pixels, at_least)
            if pixels is not None:
                return pixels
        picture = _open(data)
        _check_size(*picture.size, max_pixels)
        if at_least is not None:
            picture.draft(None, (at_least, at_least))
        if picture.mode.startswith("I"):  # 16 bits of gray
            picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
        return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as exc:
        raise CutoutError("corrupt", f"expected an image, found {len(data)} bytes that are none: {exc}") from exc


def _flux_factor(header, bands, pixel_scale, native_scale, zero_point):
    """Return what turns the file's values into nanomaggies per pixel."""
    import astropy.units as u

    if zero_point is not None:
        return 10 ** (0.4 * (_AB_ZERO_POINT - zero_point))
    unit = str(header.get("BUNIT", "")).strip()
    if not unit and "BANDS" in header and pixel_scale:
        # The viewer's cubes: nanomaggies per pixel of the survey, whatever the scale asked for.
        return (pixel_scale / native_scale) ** 2
    nanomaggy = 3631e-9 * u.Jy
    try:
        unit = u.Unit(unit.replace("nanomaggies", "nanomaggy").replace("nmgy", "nanomaggy"))
        if unit.is_equivalent(u.maggy):
            return unit.to(u.nmgy)
        if unit.is_equivalent(u.Jy / u.sr) and pixel_scale:
            unit = u.Unit(unit * (pixel_scale * u.arcsec) ** 2)
        return float((1 * unit / nanomaggy).to_value(u.dimensionless_unscaled))
    except (ValueError, TypeError) as exc:
        found = header.get("BUNIT", "no BUNIT")
        raise CutoutError(
            "bad_request", f"the flux of bands {bands} has no known unit or zero point ({found})"
        ) from exc


def _bands(header, planes):
    """Return the letters of the bands that a header names; empty if it names none, or another number."""
    for keyword in ("BANDS", "FILTER"):
        letters = str(header.get(keyword, "")).replace(",", "").replace(" ", "")
        if len(letters) == planes:
            return letters
    return ""


def _celestial(header):
    """Return the WCS of the two celestial axes and its pixel scale, or None and None."""
    from astropy.wcs import WCS
    from astropy.wcs.utils import proj_plane_pixel_scales

    try:
        if "RADECSYS" in header:  # the old spelling, of which astropy warns
            header = header.copy()
            header.rename_keyword("RADECSYS", "RADESYS")
        wcs = WCS(header, naxis=2, fix=False).celestial
        if not wcs.has_celestial:
            return None, None
        return wcs, float(np.sqrt(np.prod(proj_plane_pixel_scales(wcs))) * 3600)
    except (ValueError, MemoryError, KeyError):
        return None, None


def _check_length(header, length, max_pixels):
    """Refuse a file whose first image is too large, or not all there; astropy would warn and go on."""
    sides = [int(header.get(f"NAXIS{number}", 0)) for number in range(1, int(header.get("NAXIS", 0)) + 1)]
    if len(sides) >= 2:
        _check_size(*sides[:2], max_pixels)
        pixels = math.prod(sides) * abs(int(header["BITPIX"])) // 8
        expected = len(header.tostring()) + -(-pixels // _FITS_BLOCK) * _FITS_BLOCK
        if expected > length:
            raise CutoutError("corrupt", f"expected a FITS file of {expected} bytes, found {length} bytes")


def _inverse_variance(hdus, shape):
    """Return the plane or cube that says to be the inverse variance of the image; None if there is none."""
    found = [hdu for hdu in hdus if hdu.header.get("IMAGETYP", "").strip().upper() == "INVVAR"]
    if not found or math.prod(found[0].shape) != math.prod(shape):
        return None
    return np.array(found[0].data, dtype=np.float32).reshape(shape)


def decode_fits(data, *, max_pixels=MAX_PIXELS, bands="", native_scale=0.262, zero_point=None):
    """
    Return the flux image of a FITS file: a plane or a cube of planes.

    Parameters
    ----------
    data : bytes
        The whole file. The first image in it counts.
    max_pixels : int, optional
        Refuse an image of more pixels in each plane, by its header.
    bands : str, optional
        One letter for each plane; by default the header's BANDS or FILTER.
    native_scale : float, optional
        Pixel scale in arcsec of the survey, for the cubes of the Legacy Survey viewer: their
        values are flux per pixel of the survey, not per pixel of the cube.
    zero_point : float or None, optional
        AB magnitude of one count in a pixel; by default the header's BUNIT is used.

    Returns
    -------
    cutout : Cutout
        Its pixels in nanomaggies per pixel, with the file's WCS and pixel scale, and with the
        inverse variance where the file has one.

    Raises
    ------
    CutoutError
        ``corrupt`` for a file that is damaged or too large, ``bad_request`` for flux without a
        known unit or for planes without a known band.
    """
    from astropy.io import fits

    try:
        if len(data) < _FITS_BLOCK or b"\0" in data[:_FITS_BLOCK]:
            raise CutoutError("corrupt", f"expected a FITS file, found {data[:24]!r}")
        _check_length(fits.Header.fromfile(io.BytesIO(data), padding=False), len(data), max_pixels)
        with fits.open(io.BytesIO(data), memmap=False, lazy_load_hdus=True) as hdus:
            image = next((hdu for hdu in hdus if hdu.is_image and hdu.header.get("NAXIS", 0) >= 2), None)
            if image is None:
                raise CutoutError("corrupt", "expected a FITS image, found none in the file")
            height, width = image.shape[-2:]
            planes = int(np.prod(image.shape[:-2]))
            _check_size(width, height, max_pixels)
            _check_size(width * planes, height, 12 * max_pixels)
            header = image.header
            pixels = np.array(image.data, dtype=np.float32).reshape(planes, height, width)
            inverse_variance = _inverse_variance(hdus, pixels.shape)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as exc:
        raise CutoutError("corrupt", f"expected a FITS image, found {len(data)} bytes that are none: {exc}") from exc
    bands = bands or _bands(header, planes)
    if len(bands) != planes:
        raise CutoutError("bad_request", f"the image has {planes} plane(s), and the bands are {bands or 'not named'}")
    wcs, pixel_scale = _celestial(header)
    factor = np.float32(_flux_factor(header, bands, pixel_scale, native_scale, zero_point))
    if inverse_variance is not None:
        inverse_variance /= factor**2
    return Cutout(pixels * factor, bands=bands, pixel_scale=pixel_scale, wcs=wcs, inverse_variance=inverse_variance)
