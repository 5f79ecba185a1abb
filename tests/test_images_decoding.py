# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Image files, good and bad."""

import io

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from server import bomb, jpeg, picture

from agnsf import CutoutError
from agnsf.images import decode, decode_fits, decoding


def _png(image):
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


def _fits(data, **header):
    file = io.BytesIO()
    fits.PrimaryHDU(data, fits.Header(header)).writeto(file)
    return file.getvalue()


TAN = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CRVAL1": 150.0,
    "CRVAL2": 2.0,
    "CRPIX1": 4.5,
    "CRPIX2": 4.5,
    "CD1_1": -0.262 / 3600,
    "CD2_2": 0.262 / 3600,
}


def test_jpeg_is_decoded_as_pillow_does():
    data = picture(77)
    np.testing.assert_array_equal(decode(data), np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


@pytest.mark.parametrize(("size", "at_least"), [(423, None), (423, 128), (423, 250), (256, 32), (61, 7), (64, 64)])
def test_pixels_do_not_depend_on_the_extra_fast(monkeypatch, size, at_least):
    if decoding.simplejpeg is None:
        pytest.skip("simplejpeg is not installed")
    data = picture(size)
    fast = decode(data, at_least=at_least)
    monkeypatch.setattr(decoding, "simplejpeg", None)
    np.testing.assert_array_equal(fast, decode(data, at_least=at_least))


@pytest.mark.parametrize(("at_least", "side"), [(None, 423), (250, 423), (211, 212), (128, 212), (64, 106), (1, 53)])
def test_large_jpeg_is_decoded_no_larger_than_needed(at_least, side):
    assert decode(picture(423), at_least=at_least).shape == (side, side, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK"])
def test_every_mode_becomes_three_planes(mode):
    image = Image.new("RGB", (20, 10), (255, 255, 255)).convert(mode)
    data = jpeg_of(image) if mode == "CMYK" else _png(image)
    pixels = decode(data)
    assert pixels.shape == (10, 20, 3)
    assert pixels.dtype == np.uint8
    assert pixels.min() >= 250


def jpeg_of(image):
    file = io.BytesIO()
    image.save(file, "jpeg")
    return file.getvalue()


def test_gray_of_16_bits_keeps_its_shades():
    image = Image.fromarray(np.array([[0, 128 * 256], [64 * 256, 65535]], dtype=np.uint16))
    assert decode(_png(image))[..., 0].tolist() == [[0, 128], [64, 255]]


def test_bomb_is_refused_by_its_header_alone():
    """A PNG that says to be 16,000 pixels wide and has no pixels at all: decoding it would fail otherwise."""
    with pytest.raises(CutoutError, match="found 16000 x 16000") as caught:
        decode(bomb())
    assert caught.value.status == "corrupt"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image at all",
        picture(64)[:-700],
        picture(64)[:20],
        b"\xff\xd8\xff" + bytes(1000),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"GIF89a" + bytes(100),
        b"<html></html>",
    ],
    ids=["empty", "text", "truncated", "begun", "zeros", "png of zeros", "gif", "html"],
)
def test_what_is_no_whole_image_is_corrupt(data):
    with pytest.raises(CutoutError) as caught:
        decode(data)
    assert caught.value.status == "corrupt"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_give_pixels_or_a_cutout_error_and_nothing_else(draw):
    data = bytearray(picture(40))
    for place in draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=6)):
        data[place] = draw.draw(st.integers(0, 255))
    try:
        found = decode(bytes(data), max_pixels=10_000).dtype.name
    except CutoutError as exc:
        found = exc.status
    assert found in ("uint8", "corrupt")


def test_cube_of_the_viewer_is_flux_per_pixel_of_the_survey():
    """Its total must not depend on the pixel scale that was asked for."""
    coarse = decode_fits(_fits(np.ones((3, 8, 8), np.float32), BANDS="grz", **TAN))
    fine = decode_fits(
        _fits(np.ones((3, 8, 8), np.float32), BANDS="grz", **TAN | {"CD1_1": -3.64e-05, "CD2_2": 3.64e-05})
    )
    assert coarse.pixels.max() == pytest.approx(1)
    assert fine.pixels.max() == pytest.approx((3.64e-05 * 3600 / 0.262) ** 2)
    assert (fine.bands, fine.is_picture) == ("grz", False)


def test_single_band_gets_a_plane_of_its_own():
    cutout = decode_fits(_fits(np.ones((8, 6), np.float32), FILTER="r", BUNIT="nanomaggy", **TAN))
    assert cutout.pixels.shape == (1, 8, 6)
    assert cutout.bands == "r"


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("nanomaggy", 1.0), ("nanomaggies", 1.0), ("nmgy", 1.0), ("uJy", 1 / 3.631), ("Jy", 1e6 / 3.631)],
)
def test_flux_with_a_unit_becomes_nanomaggies(unit, factor):
    cutout = decode_fits(_fits(np.ones((8, 8), np.float32), FILTER="r", BUNIT=unit, **TAN))
    assert cutout.pixels[0, 0, 0] == pytest.approx(factor, rel=1e-4)


def test_surface_brightness_becomes_flux_per_pixel():
    cutout = decode_fits(_fits(np.ones((8, 8), np.float32), FILTER="r", BUNIT="MJy/sr", **TAN))
    assert cutout.pixels[0, 0, 0] == pytest.approx(1e12 / 3.631 * (0.262 * np.pi / 648000) ** 2, rel=1e-3)


def test_zero_point_gives_the_unit():
    cutout = decode_fits(_fits(np.ones((8, 8), np.float32), FILTER="r", **TAN), zero_point=25.0)
    assert cutout.pixels[0, 0, 0] == pytest.approx(0.1)


@pytest.mark.parametrize("unit", [{}, {"BUNIT": "adu"}, {"BUNIT": "nonsense"}])
def test_flux_without_a_known_unit_is_refused(unit):
    with pytest.raises(CutoutError, match="no known unit or zero point") as caught:
        decode_fits(_fits(np.ones((8, 8), np.float32), FILTER="r", **unit, **TAN))
    assert caught.value.status == "bad_request"


def test_planes_without_named_bands_are_refused():
    with pytest.raises(CutoutError, match=r"3 plane\(s\), and the bands are not named"):
        decode_fits(_fits(np.ones((3, 8, 8), np.float32), BUNIT="nmgy"))


@pytest.mark.parametrize(
    "data",
    [b"", b"SIMPLE  =", b"SIMPLE  =" + bytes(5000), _fits(None), _fits(np.ones((90, 90)))[:-2880]],
    ids=["empty", "begun", "zeros", "without image", "truncated"],
)
def test_what_is_no_fits_image_is_corrupt(data):
    with pytest.raises(CutoutError) as caught:
        decode_fits(data)
    assert caught.value.status == "corrupt"


def test_large_fits_image_is_refused_by_its_header():
    """The file ends after its header, so that reading any pixel would fail in another way."""
    header = fits.Header({"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": 60_000, "NAXIS2": 60_000})
    data = header.tostring().encode()
    with pytest.raises(CutoutError, match="60000 x 60000"):
        decode_fits(data)


def test_counts_of_real_files_are_refused_and_calibrated_files_are_not(real_data):
    with pytest.raises(CutoutError, match="unit or zero point"):
        decode_fits((real_data / "sdss_fits/1237662224615932114.fits").read_bytes(), bands="r")
    cutout = decode_fits((real_data / "sdss_fits/Haro_25_r.fits").read_bytes())
    assert cutout.bands == "r"
    assert cutout.pixel_scale == pytest.approx(0.396, abs=0.001)


def test_jpeg_helper_makes_what_it_is_given():
    assert decode(jpeg(np.full((8, 8, 3), 77))).max() in (76, 77, 78)
