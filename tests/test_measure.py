# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

from agnsf import Cutout, catalogs
from agnsf.cli import main
from agnsf.columns import is_masked
from agnsf.cutouts import Framing, iter_cutouts
from agnsf.images import to_rgb
from agnsf.measure import MeasureError, measure_cutout, measurement_names
from agnsf.measure._profiles import Growth
from agnsf.pipeline import measure
from agnsf.plugins import load_image_source
from agnsf.simulate import simulate

SCALE = 0.262


def profile(radius, *, axis_ratio=1.0, size=201, sersic=1.0, at=(0.0, 0.0)):
    """Return a galaxy of flux 1 with a half-light radius in pixels."""
    fine = 5
    y, x = (np.mgrid[: size * fine, : size * fine] + 0.5) / fine - size / 2
    b = 1.678 if sersic == 1 else 7.669
    distance = np.hypot(x - at[0], (y - at[1]) / axis_ratio) * np.sqrt(axis_ratio) / radius
    light = np.exp(-b * distance ** (1 / sersic)).reshape(size, fine, size, fine).sum(axis=(1, 3))
    return light / light.sum()


def cube(light, *, magnitudes=(16.0, 15.4, 14.8), noise=0.005, seed=0):
    """Return a grz cutout of a galaxy without color gradient, with noise."""
    flux = 10 ** ((22.5 - np.array(magnitudes)) / 2.5)[:, None, None] * light
    flux = flux + np.random.default_rng(seed).normal(0, noise, flux.shape)
    return Cutout(flux.astype(np.float32), bands="grz", pixel_scale=SCALE)


def test_petrosian_radius_of_an_exponential_disc_is_that_of_the_formula():
    """The local brightness is the mean between 0.8 and 1.25 radii, as SDSS takes it (2001AJ....121.2358B)."""

    def inside(radius):
        return 1 - (1 + 1.678 * radius) * np.exp(-1.678 * radius)

    def excess(radius):
        local = (inside(1.25 * radius) - inside(0.8 * radius)) / (1.25**2 - 0.8**2)
        return local / inside(radius) - 0.2

    y, x = np.mgrid[:401, :401] - 200.0
    light = profile(20.0, size=401)
    growth = Growth.of(light, np.hypot(x, y), reach=200)
    assert growth.petrosian() == pytest.approx(20 * brentq(excess, 1, 4), rel=0.015)
    assert growth.holding(0.5, 1.0) == pytest.approx(20, rel=0.01)
    assert growth.inside(200) == pytest.approx(1, abs=0.01)


def test_known_galaxy_is_measured_as_it_was_made():
    found = measure_cutout(cube(profile(12.0, axis_ratio=0.6)), fwhm=0.8)
    assert found["measured_mag_r"] == pytest.approx(15.4, abs=0.03)
    assert found["half_light_radius"] == pytest.approx(12 * SCALE, rel=0.1)
    assert found["axis_ratio"] == pytest.approx(0.6, abs=0.05)
    assert found["g_r_2"] == pytest.approx(0.6, abs=0.02)
    assert found["r_z_3"] == pytest.approx(0.6, abs=0.02)
    assert abs(found["central_excess"]) < 0.03
    assert abs(found["asymmetry"]) < 0.05
    assert found["neighbor_fraction"] == 0
    assert found["sky_noise"] * SCALE**2 == pytest.approx(0.005, rel=0.2)


def test_concentration_and_central_excess_rise_with_a_bulge():
    disc = measure_cutout(cube(profile(12.0)), fwhm=0.8)
    bulge = measure_cutout(cube(0.8 * profile(12.0) + 0.2 * gaussian_filter(profile(2.0), 1)), fwhm=0.8)
    assert bulge["concentration"] > disc["concentration"] + 0.3
    assert bulge["central_excess"] > 0.08


def test_lopsided_galaxy_is_asymmetric():
    even = measure_cutout(cube(profile(10.0)))
    odd = measure_cutout(cube(0.8 * profile(10.0) + 0.2 * profile(4.0, at=(8.0, 0.0))))
    assert odd["asymmetry"] > even["asymmetry"] + 0.1


def test_neighbor_is_taken_out_and_counted():
    alone, neighbor = profile(8.0), profile(2.0, at=(28.0, 0.0))
    clean = measure_cutout(cube(alone))
    crowded = measure_cutout(cube(alone + 0.5 * neighbor))
    assert crowded["measured_mag_r"] == pytest.approx(clean["measured_mag_r"], abs=0.05)
    assert crowded["measured_radius"] == pytest.approx(clean["measured_radius"], rel=0.05)
    wide = measure_cutout(cube(alone + 0.5 * profile(2.0, at=(17.0, 0.0))))
    assert 0.2 < wide["neighbor_fraction"] < 0.7


def test_reddening_is_taken_off():
    """A(g) - A(r) = 1.061 E(B-V) for DES filters (2011ApJ...737..103S, table 6)."""
    plain, dereddened = measure_cutout(cube(profile(10.0))), measure_cutout(cube(profile(10.0)), ebv=0.1)
    assert plain["g_r_2"] - dereddened["g_r_2"] == pytest.approx(0.1061)
    assert plain["measured_mag_r"] - dereddened["measured_mag_r"] == pytest.approx(0.2176)


def test_picture_gives_nearly_the_values_of_its_flux():
    cutout = cube(profile(20.0), magnitudes=(17.5, 17.0, 16.6), noise=0.01)
    picture = Cutout(to_rgb(cutout.pixels, "grz", "legacysurvey", pixel_scale=SCALE), pixel_scale=SCALE)
    one, two = measure_cutout(cutout), measure_cutout(picture, color="legacysurvey")
    assert two["measured_mag_r"] == pytest.approx(one["measured_mag_r"], abs=0.15)
    assert two["g_r_2"] == pytest.approx(one["g_r_2"], abs=0.05)
    assert two["measured_radius"] == pytest.approx(one["measured_radius"], rel=0.05)


def test_picture_of_unknown_recipe_gives_shapes_and_no_magnitudes():
    picture = to_rgb(cube(profile(12.0, axis_ratio=0.5)).pixels, "grz", "legacysurvey", pixel_scale=SCALE)
    found = measure_cutout(Cutout(picture), color="skyserver")
    assert set(found) == set(measurement_names(""))
    assert 0.3 < found["axis_ratio"] < 0.7
    assert np.isnan(found["measured_radius"])


def test_saturated_share_is_that_of_white_pixels():
    picture = to_rgb(cube(profile(8.0), magnitudes=(12.0, 11.5, 11.0)).pixels, "grz", "legacysurvey", pixel_scale=SCALE)
    assert measure_cutout(Cutout(picture, pixel_scale=SCALE, color="legacysurvey"))["saturated_fraction"] > 0.3


@pytest.mark.parametrize("level", [0, 7, 255])
def test_blank_image_cannot_be_measured(level):
    with pytest.raises(MeasureError, match=r"nothing stands out|no source in the middle"):
        measure_cutout(Cutout(np.full((64, 64, 3), level, dtype=np.uint8), pixel_scale=SCALE, color="legacysurvey"))


def test_source_at_the_border_is_not_the_galaxy():
    with pytest.raises(MeasureError, match="no source in the middle"):
        measure_cutout(cube(profile(2.0, at=(70.0, 0.0))))


def test_cutout_without_image_says_why():
    with pytest.raises(MeasureError, match="there is no image: outside the footprint"):
        measure_cutout(Cutout(None, status="outside", message="outside the footprint"))


def test_stage_keeps_every_row_and_names_units():
    table = simulate(3, seed=4)
    measured = measure(table, images=load_image_source("simulated", format="flux"))
    assert measured["id"].tolist() == table["id"].tolist()
    assert str(measured["sky_noise"].unit) == "nmgy / arcsec2"
    assert catalogs.provenance(measured)["stages"][-1]["extinction_corrected"] is False
    np.testing.assert_allclose(measured["measured_mag_r"], table["mag_r"].quantity.value, atol=0.25)
    assert is_masked(measured["measure_message"]).all()


def test_command_measures_and_masks_what_it_cannot(tmp_path):
    table = simulate(3, seed=4)
    table["bulge_radius"] = MaskedColumn(table["bulge_radius"], mask=[False, True, False])
    catalogs.write_table(table, tmp_path / "in.ecsv")
    output = tmp_path / "out.ecsv"
    arguments = [str(tmp_path / "in.ecsv"), "--images", "simulated", "--size", "128", "-o", str(output)]
    done = CliRunner().invoke(main, ["measure", *arguments])
    assert done.exit_code == 0, done.output
    written = catalogs.read_table(output)
    assert written["image_status"].tolist() == ["ok", "missing", "ok"]
    assert is_masked(written["measured_radius"]).tolist() == [False, True, False]
    assert "a simulated galaxy needs bulge_radius" in written["measure_message"][1]


def test_missing_radius_is_measured_on_a_first_cutout():
    table = simulate(2, seed=4)
    radius = table["radius"].quantity.value
    table["radius"] = MaskedColumn(radius, mask=[False, True], unit="arcsec")
    framing = Framing(size=100, radius="measure")
    view = catalogs.translate(table, framing.wanted_columns(load_image_source("simulated")))
    found = dict(iter_cutouts(view, load_image_source("simulated"), framing=framing))
    assert found[0].pixel_scale == pytest.approx(radius[0] * 3 / 100)
    assert found[1].pixel_scale == pytest.approx(radius[1] * 3 / 100, rel=0.25)
    assert found[1].pixel_scale != 0.262


def test_galaxy_of_the_viewer_is_measured_alike_on_jpeg_and_fits(real_data):
    """A viewer JPEG of DR8 and a cube of another release; magnitudes are those inside the frame."""
    from agnsf.images import decode, decode_fits

    folder = real_data / "legacysurvey"
    flux = decode_fits((folder / "rs0010_grz.fits").read_bytes())
    picture = Cutout(decode((folder / "rs0010.jpeg").read_bytes()), pixel_scale=0.262, color="legacysurvey")
    one, two = measure_cutout(flux), measure_cutout(picture)
    assert two["measured_mag_r"] == pytest.approx(one["measured_mag_r"], abs=0.3)
    assert two["g_r_2"] == pytest.approx(one["g_r_2"], abs=0.2)
    assert two["axis_ratio"] == pytest.approx(one["axis_ratio"], abs=0.15)


def test_columns_are_named_for_any_bands():
    assert Table(names=list(measurement_names("ugriz"))).colnames[-1] == "i_z_4"
