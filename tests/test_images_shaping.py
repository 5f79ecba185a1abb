# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts in the shape that classifiers take, and flux on other grids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agnsf import Cutout
from agnsf.columns import AgnsfError
from agnsf.images import contact_sheet, fit_input, north_up_wcs, resample, resize, to_rgb


def test_picture_of_the_right_size_is_not_copied():
    picture = np.zeros((32, 32, 3), dtype=np.uint8)
    assert resize(picture, 32) is picture


@pytest.mark.parametrize(("shape", "size"), [((423, 423), 128), ((30, 50), 64), ((7, 300), 7), ((64, 64), 1)])
def test_resized_picture_has_the_size_and_the_mean(shape, size):
    picture = np.full((*shape, 3), 77, dtype=np.uint8)
    assert resize(picture, size).shape == (size, size, 3)
    assert np.unique(resize(picture, size)).tolist() == [77]


def test_middle_of_a_picture_that_is_not_square_is_taken():
    picture = np.zeros((10, 30, 3), dtype=np.uint8)
    picture[:, 10:20] = 200
    assert resize(picture, 10).min() == 200


def test_fine_pattern_does_not_alias():
    picture = np.zeros((256, 256, 3), dtype=np.uint8)
    picture[:, ::2] = 200
    assert np.ptp(resize(picture, 50)[5:-5, 5:-5].astype(int)) <= 8


def test_picture_for_a_picture_classifier_is_resized_only():
    picture = np.random.default_rng(0).integers(0, 256, (90, 90, 3)).astype(np.uint8)
    fitted = fit_input(Cutout(picture, pixel_scale=0.2), input="rgb", size=45, color="unknown")
    np.testing.assert_array_equal(fitted.pixels, resize(picture, 45))
    assert fitted.pixel_scale == pytest.approx(0.4)


def test_flux_for_a_picture_classifier_becomes_the_picture_of_the_recipe():
    flux = np.random.default_rng(1).gamma(1, 0.05, (3, 40, 40)).astype(np.float32)
    fitted = fit_input(Cutout(flux, bands="grz", pixel_scale=0.3), input="rgb", size=40, color="legacysurvey")
    np.testing.assert_array_equal(fitted.pixels, to_rgb(flux, "grz", "legacysurvey", pixel_scale=0.3))
    assert (fitted.bands, fitted.color) == ("rgb", "legacysurvey")


@settings(max_examples=20, deadline=None)
@given(st.integers(8, 60), st.integers(8, 60))
def test_flux_for_a_flux_classifier_keeps_its_total(before, after):
    y, x = np.indices((before, before)) - (before - 1) / 2
    flux = np.exp(-np.hypot(x, y) / (before / 10))[None].astype(np.float32)
    fitted = fit_input(Cutout(flux, bands="r", pixel_scale=0.5), input="flux", size=after, color="unknown")
    assert fitted.pixels.shape == (1, after, after)
    assert fitted.pixels.sum() == pytest.approx(flux.sum(), rel=0.03)


def test_picture_for_a_flux_classifier_is_turned_back():
    flux = np.full((3, 20, 20), 0.05, dtype=np.float32)
    picture = Cutout(to_rgb(flux, "grz", "legacysurvey"), color="legacysurvey", pixel_scale=0.262)
    fitted = fit_input(picture, input="flux", size=20, color="legacysurvey")
    np.testing.assert_allclose(fitted.pixels, flux, rtol=0.03)
    assert fitted.bands == "grz"


def test_cutout_without_pixels_is_left_alone():
    failed = Cutout(None, status="missing")
    assert fit_input(failed, input="rgb", size=8, color="unknown") is failed


def test_what_cannot_be_given_is_refused_with_the_reason():
    flux = Cutout(np.zeros((1, 8, 8), dtype=np.float32), bands="r")
    with pytest.raises(AgnsfError, match="needs the bands grz; the image source gives r"):
        fit_input(flux, input="rgb", size=8, color="legacysurvey")
    picture = Cutout(np.zeros((8, 8, 3), dtype=np.uint8), color="skyserver")
    with pytest.raises(AgnsfError, match="'skyserver' cannot be turned into flux"):
        fit_input(picture, input="flux", size=8, color="legacysurvey")


def _star(wcs, size, width):
    y, x = np.indices((size, size))
    ra, dec = wcs.wcs_pix2world(x, y, 0)
    distance = np.hypot((ra - 150) * np.cos(np.radians(2)), dec - 2) * 3600
    return np.exp(-(distance**2) / (2 * width**2))


@settings(max_examples=10, deadline=None)
@given(st.floats(0.2, 1.5), st.floats(0, 360), st.floats(1.0, 4.0))
def test_resampling_conserves_flux_at_any_scale_and_angle(pixel_scale, angle, width):
    wcs = north_up_wcs(150, 2, size=120, pixel_scale=0.396)
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    wcs.wcs.pc = [[cosine, -sine], [sine, cosine]]
    image = _star(wcs, 120, width)
    grid = north_up_wcs(150, 2, size=int(32 / pixel_scale), pixel_scale=pixel_scale)
    assert np.nansum(resample([(image, wcs)], grid)) == pytest.approx(image.sum(), rel=0.01)


def test_images_side_by_side_make_one_and_what_none_covers_is_empty():
    wcs = north_up_wcs(150, 2, size=100, pixel_scale=0.4)
    image = _star(wcs, 100, 3)
    left, right = (image[:, :55], wcs[:, :55]), (image[:, 45:], wcs[:, 45:])
    grid = north_up_wcs(150, 2, size=60, pixel_scale=0.4)
    whole = resample([(image, wcs)], grid)
    np.testing.assert_allclose(resample([left, right], grid), whole, atol=1e-6)
    assert np.isnan(resample([left], grid)).mean() == pytest.approx(0.4, abs=0.05)
    far = north_up_wcs(10, -60, size=20, pixel_scale=0.4)
    assert np.isnan(resample([left], far)).all()
    with pytest.raises(ValueError, match="at least one image"):
        resample([], grid)


def test_several_bands_are_resampled_together():
    wcs = north_up_wcs(150, 2, size=60, pixel_scale=0.4)
    cube = np.stack([_star(wcs, 60, width) for width in (2, 3)])
    grid = north_up_wcs(150, 2, size=40, pixel_scale=0.5)
    both = resample([(cube, wcs)], grid)
    np.testing.assert_allclose(both[1], resample([(cube[1], wcs)], grid))


def test_contact_sheet_draws_every_kind_of_cutout():
    cutouts = [
        Cutout(np.full((20, 20, 3), 200, dtype=np.uint8), pixel_scale=0.5),
        Cutout(np.full((3, 20, 20), 1.0, dtype=np.float32), bands="grz", pixel_scale=0.5),
        Cutout(np.eye(20, dtype=np.float32)[None], bands="r"),
        Cutout(None, status="outside", message="no image there, and a long word: " + "x" * 300),
    ]
    sheet = np.asarray(
        contact_sheet(cutouts, ["a", "b", "a name that is much too long for its place", ""], columns=2, side=100)
    )
    assert sheet.shape == (2 * 138 + 6, 2 * 106 + 6, 3)
    assert sheet[50, 50].tolist() == [200] * 3
    assert sheet[50, 160].tolist() == to_rgb(cutouts[1].pixels, "grz", "legacysurvey", pixel_scale=0.5)[0, 0].tolist()
    assert sheet[200:240, 20:100].max() == 255
