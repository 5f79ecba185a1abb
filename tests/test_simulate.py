# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy import units as u
from click.testing import CliRunner
from sklearn.metrics import roc_auc_score

from agnsf import catalogs, testing
from agnsf.cli import main
from agnsf.columns import is_masked
from agnsf.plugins import load_image_source, load_labeler
from agnsf.simulate import SURVEYS, render, simulate


@pytest.fixture(scope="module")
def population():
    return simulate(6000, seed=11)


def plain(table, index):
    return {name: np.asarray(table[name])[index].item() for name in table.colnames}


def bright_disc(**changes):
    """Return a row whose light falls on many pixels, far above the noise."""
    row = plain(simulate(1, seed=5), 0)
    row |= {"mag_g": 14.5, "mag_r": 14.0, "mag_i": 13.7, "mag_z": 13.5, "nucleus_fraction": 0.0}
    row |= {"disc_radius": 5.0, "bulge_radius": 2.0, "bulge_fraction": 0.2, "disc_axis_ratio": 0.5}
    return row | changes


def test_color_tells_the_class_as_well_as_in_nature(population):
    strong = np.asarray(population["true_class"]) != "weak"
    is_agn = np.isin(population["true_class"], ["composite", "Seyfert", "LINER"])[strong]
    u_r = (population["mag_u"] - population["mag_r"])[strong]
    assert 0.86 < roc_auc_score(is_agn, u_r) < 0.93
    assert 0.78 < roc_auc_score(is_agn, population["log_mass"][strong]) < 0.88


def test_strong_lines_fall_where_their_class_lies(population):
    label = np.ma.filled(load_labeler("bpt-nii").label(population)["label"], "")
    kind = np.asarray(population["true_class"])
    assert (label[kind == "SF"] == "SF").mean() > 0.8
    assert (label[np.isin(kind, ["Seyfert", "LINER"])] == "AGN").mean() > 0.7
    assert (label[kind == "weak"] == "").mean() > 0.9


def test_table_is_complete_and_physical(population):
    assert not any(is_masked(population[name]).any() for name in population.colnames)
    assert len(set(population["id"])) == len(population)
    assert population["radius"].quantity.min() > 3 * u.arcsec
    assert population["mag_r"].max() < 17.77 + 1e-6
    assert ((population["z"] > 0.02) & (population["z"] < 0.08)).all()
    assert population["h_alpha_flux"].unit.is_equivalent("erg / (s cm2)")


def test_same_seed_gives_the_same_galaxies():
    one, two, other = simulate(20, seed=3), simulate(20, seed=3), simulate(20, seed=4)
    assert all((one[name] == two[name]).all() for name in one.colnames)
    assert not np.array_equal(one["ra"], other["ra"])


def test_negative_number_is_refused_and_none_is_a_table():
    with pytest.raises(ValueError, match="n must be 0 or more, not -1"):
        simulate(-1)
    assert len(simulate(0)) == 0


def test_image_depends_on_the_galaxy_and_not_on_its_row():
    table = simulate(5, seed=2)
    again = table[::-1]
    one = render(plain(table, 1), size=48, pixel_scale=0.5)
    np.testing.assert_array_equal(one, render(plain(again, 3), size=48, pixel_scale=0.5))
    assert not np.array_equal(one, render(plain(table, 2), size=48, pixel_scale=0.5))


@pytest.mark.parametrize("name", SURVEYS)
@pytest.mark.parametrize("pixel_scale", [0.15, 0.3, 0.6])
def test_all_the_light_of_the_galaxy_is_in_the_image(name, pixel_scale):
    row, survey = bright_disc(), SURVEYS[name]
    size = round(90 / pixel_scale)
    sky = bright_disc(**{f"mag_{band}": 35.0 for band in "griz"})
    flux, empty = (render(one, size=size, pixel_scale=pixel_scale, survey=survey) for one in (row, sky))
    expected = [10 ** ((22.5 - row[f"mag_{band}"]) / 2.5) for band in survey.bands]
    np.testing.assert_allclose((flux - empty).sum(axis=(1, 2)), expected, rtol=0.03)


def test_sky_noise_is_that_of_the_survey():
    survey = SURVEYS["legacysurvey"]
    faint = bright_disc(**{f"mag_{band}": 30.0 for band in "griz"})
    flux = render(faint, size=200, pixel_scale=survey.pixel_scale, survey=survey)
    measured = [1.4826 * np.median(np.abs(plane - np.median(plane))) for plane in flux]
    np.testing.assert_allclose(measured, survey.noise(), rtol=0.1)


def test_galaxy_stands_north_up_and_east_left():
    east = render(bright_disc(position_angle=45.0, disc_axis_ratio=0.2), size=64, pixel_scale=0.6)[1]
    y, x = np.mgrid[:64, :64] - 31.5
    covariance = (np.clip(east, 0, None) * x * y).sum()
    assert covariance < 0  # towards north-east is up and left: x falls where y rises


def test_neighbors_stay_where_they_are_when_the_frame_widens():
    row = plain(simulate(3, seed=8), 2)
    wide = render(row, size=240, pixel_scale=0.5)
    narrow = render(row, size=120, pixel_scale=0.5)
    middle = wide[:, 60:180, 60:180]
    assert np.corrcoef(middle.ravel(), narrow.ravel())[0, 1] > 0.9


def test_simulated_source_keeps_the_contract():
    for options in ({}, {"survey": "sdss"}, {"format": "flux"}):
        testing.check_image_source(load_image_source("simulated", **options), simulate(3, seed=1))


def test_row_of_another_table_is_missing():
    from agnsf import CutoutError

    with pytest.raises(CutoutError, match="missing: a simulated galaxy needs ra, dec, mag_g"):
        load_image_source("simulated").cutout({}, size=32, pixel_scale=1.0)


def test_command_writes_the_table(tmp_path):
    done = CliRunner().invoke(main, ["simulate", "7", "--seed", "2", "-o", str(tmp_path / "s.fits")])
    assert done.exit_code == 0, done.output
    written, expected = catalogs.read_table(tmp_path / "s.fits"), simulate(7, seed=2)
    assert written.colnames == expected.colnames
    for name in ("ra", "mag_r", "h_alpha_flux"):
        np.testing.assert_array_equal(written[name], expected[name])
