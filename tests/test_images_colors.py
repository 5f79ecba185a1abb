# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Color recipes against values of the viewer's own code."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from agnsf.images import RECIPES, decode, decode_fits, flux_color, judge_color, to_flux, to_rgb


def _pixel(values):
    return np.array(values, dtype=np.float64).reshape(-1, 1, 1)


# Executed from the functions of the viewer; the mixer of DR10 evaluated from its formula.
GOLDEN = [
    ("legacysurvey", "grz", (0, 0, 0), (32, 32, 32)),
    ("legacysurvey", "grz", (0.1, 0.1, 0.1), (96, 142, 242)),
    ("legacysurvey", "grz", (0.02, 0.05, 0.1), (149, 119, 89)),
    ("legacysurvey", "rz", (0.05, 0.1), (139, 111, 0)),
    ("viewer-sdss", "gri", (0, 0, 0), (22, 22, 22)),
    ("viewer-sdss", "gri", (0.1, 0.1, 0.1), (74, 105, 167)),
    ("legacysurvey-griz", "griz", (0.02, 0.05, 0.07, 0.1), (168, 149, 108)),
    ("legacysurvey-griz", "griz", (0.02, 0.05, 0.0, 0.1), (156, 89, 129)),
    ("legacysurvey-griz", "grz", (0.02, 0.05, 0.1), (131, 69, 111)),
    ("legacysurvey-griz", "griz", (0, 0, 0, 0), (32, 32, 32)),
    ("legacysurvey-griz", "grz", (0, 0, 0), (24, 16, 32)),
]


@pytest.mark.parametrize(("recipe", "bands", "flux", "expected"), GOLDEN)
def test_recipe_gives_the_colors_of_the_viewer(recipe, bands, flux, expected):
    assert tuple(to_rgb(_pixel(flux), bands, recipe)[0, 0].tolist()) == expected


def test_order_of_the_bands_does_not_change_the_colors():
    flux = np.random.default_rng(1).gamma(1, 0.1, (3, 4, 5))
    np.testing.assert_array_equal(to_rgb(flux, "grz", "legacysurvey"), to_rgb(flux[::-1], "zrg", "legacysurvey"))


def test_cube_with_an_additional_band_has_the_same_colors():
    flux = np.random.default_rng(2).gamma(1, 0.1, (4, 4, 5))
    np.testing.assert_array_equal(to_rgb(flux, "griz", "legacysurvey"), to_rgb(flux[[0, 1, 3]], "grz", "legacysurvey"))


def test_first_row_of_a_picture_is_the_last_of_the_flux():
    flux = np.zeros((3, 5, 4), dtype=np.float32)
    flux[:, -1, 0] = 10
    assert to_rgb(flux, "grz", "legacysurvey")[0, 0].min() > 200


def test_flux_per_pixel_of_another_scale_gives_the_same_colors():
    flux = _pixel([0.02, 0.05, 0.1])
    half = to_rgb(flux / 4, "grz", "legacysurvey", pixel_scale=0.131)
    np.testing.assert_array_equal(half, to_rgb(flux, "grz", "legacysurvey"))


def test_missing_flux_looks_like_sky():
    assert to_rgb(_pixel([np.nan] * 3), "grz", "legacysurvey")[0, 0].tolist() == [32, 32, 32]


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, (3, 4, 3), elements=st.integers(1, 254)), st.sampled_from(["legacysurvey", "viewer-sdss"]))
def test_picture_to_flux_and_back_is_the_same_within_one_count(picture, recipe):
    flux = to_flux(picture, recipe, pixel_scale=0.2)
    back = to_rgb(flux, RECIPES[recipe].bands, recipe, pixel_scale=0.2)
    assert np.abs(back.astype(int) - picture).max() <= 1


@settings(max_examples=40, deadline=None)
@given(arrays(np.float32, (3, 2, 2), elements=st.floats(0, 0.125, width=32)))
def test_flux_to_picture_and_back_is_known_to_the_step_of_a_count(flux):
    picture = to_rgb(flux, "grz", "legacysurvey")
    if picture.max() < 255:
        again = to_rgb(to_flux(picture, "legacysurvey"), "grz", "legacysurvey")
        assert np.abs(again.astype(int) - picture).max() <= 1


@pytest.mark.parametrize("recipe", ["skyserver", "unknown", "legacysurvey-griz"])
def test_picture_without_an_inverse_is_not_turned_into_flux(recipe):
    with pytest.raises(ValueError, match=recipe):
        to_flux(np.zeros((2, 2, 3), dtype=np.uint8), recipe)


def test_recipe_that_uses_none_of_the_bands_says_which_it_uses():
    with pytest.raises(ValueError, match="uses the bands grz; the flux image has u"):
        to_rgb(_pixel([1.0]), "u", "legacysurvey")


@pytest.mark.parametrize(
    ("bands", "color"),
    [("grz", "legacysurvey"), ("gri", "viewer-sdss"), ("r", "unknown")],
)
def test_color_of_flux_follows_its_bands(bands, color):
    assert flux_color(bands) == color


def test_color_of_real_pictures_is_judged_rightly(real_data):
    sdss = [decode(path.read_bytes()) for path in sorted((real_data / "sdss/images").glob("*.jpeg"))[:25]]
    survey = [decode(path.read_bytes()) for path in sorted((real_data / "legacysurvey").glob("*.jpeg"))]
    assert judge_color(sdss) == "skyserver"
    assert judge_color(survey) == "legacysurvey"
    assert judge_color([np.full((9, 9, 3), 200, np.uint8)]) == judge_color([]) == "unknown"


def test_flux_and_picture_of_one_galaxy_have_like_colors(real_data):
    """
    The two differ in data release, pixel scale (0.27 and 0.262 arcsec) and pointing (6 pixels).

    Brought onto each other and averaged over 4 x 4 pixels they differ by 1.4 counts in the mean.
    """
    folder = real_data / "legacysurvey"
    cutout = decode_fits((folder / "rs0010_grz.fits").read_bytes())
    assert (cutout.bands, cutout.pixel_scale) == ("grz", pytest.approx(0.27))
    ours = Image.fromarray(to_rgb(cutout.pixels, cutout.bands, "legacysurvey", pixel_scale=cutout.pixel_scale))
    theirs = Image.fromarray(decode((folder / "rs0010.jpeg").read_bytes()))
    half, x, y = 100 * 0.262 / 0.27, 134, 128
    ours = ours.resize((50, 50), Image.Resampling.BILINEAR, box=(x - half, y - half, x + half, y + half))
    theirs = theirs.resize((50, 50), Image.Resampling.BILINEAR, box=(28, 28, 228, 228))
    difference = np.abs(np.asarray(ours).astype(int) - np.asarray(theirs))
    assert difference.mean() < 1.6
    assert np.percentile(difference, 95) <= 5
    assert np.abs((np.asarray(ours).astype(int) - np.asarray(theirs)).mean(axis=(0, 1))).max() < 0.5
