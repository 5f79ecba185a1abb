# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the photometric classifier knows beside p_agn: p_lines, novelty, colors in magnitudes."""

import json

import numpy as np
import pytest
from astropy.table import Table
from sklearn.metrics import roc_auc_score

from agnsf.classifiers.familiarity import Familiarity
from agnsf.classifiers.rules import KernelRule, LogisticRule
from agnsf.columns import AgnsfError
from agnsf.images import to_rgb
from agnsf.measure import picture_color_names, picture_colors
from agnsf.models import ModelError, load_model, shipped_models
from agnsf.plugins import load_classifier

RINGS = (0.1, 0.3, 0.5)


def galaxies(n, *, seed, size=32, hue=(1.0, 0.8, 0.5)):
    """Return noisy round galaxies of various sizes and levels."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:size, :size] - (size - 1) / 2) / (size / 2)
    width, level = rng.uniform(0.1, 0.3, (n, 1, 1)), rng.uniform(80, 200, (n, 1, 1))
    light = level * np.exp(-np.hypot(x, y) / width)
    pictures = light[..., None] * hue + rng.uniform(5, 25, (n, size, size, 3))
    return np.clip(pictures, 0, 255).astype(np.uint8)


def moons(n=300):
    """Return two features of two classes that no straight line parts, and the classes."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(n, 2))
    return values, np.hypot(*values.T) > 1.1


def flux_picture(fluxes, *, scale=6.0, size=96):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    light = np.exp(-np.hypot(x, y) / scale)
    return to_rgb(np.array(fluxes)[:, None, None] * light, "grz", "legacysurvey")


def test_kernel_learns_what_no_line_parts():
    values, is_agn = moons()
    kernel, line = (rule.fit(values, is_agn, strength=4.0, balanced=False) for rule in (KernelRule, LogisticRule))
    new, truth = moons(600)[0][300:], moons(600)[1][300:]
    assert roc_auc_score(truth, kernel.predict(new)) > 0.95 > 0.7 > roc_auc_score(truth, line.predict(new))


def test_kernel_survives_json():
    values, is_agn = moons(50)
    rule = KernelRule.fit(values, is_agn, strength=1.0, balanced=True)
    again = KernelRule.from_dict(json.loads(json.dumps(rule.as_dict())), 2)
    np.testing.assert_allclose(again.predict(values), rule.predict(values), atol=1e-5)
    np.testing.assert_array_equal(rule.predict(values)[7:8], rule.predict(values[7:8]))


def test_rule_from_elsewhere_adds_its_log_odds():
    rng = np.random.default_rng(1)
    values, is_agn = moons(80)
    kernel = KernelRule.fit(values, is_agn, strength=1.0, balanced=False)
    other = LogisticRule(rng.normal(size=2), rng.uniform(0.5, 2, 2), rng.normal(size=2), 0.3)

    def log_odds(p):
        return np.log(p / (1 - p))

    both = log_odds(kernel.plus(other).predict(values))
    np.testing.assert_allclose(both, log_odds(kernel.predict(values)) + other.log_odds(values), atol=1e-9)


@pytest.mark.parametrize("damage", [{"weights": [1.0]}, {"points": [[1.0], [2.0]]}, {"weights": [float("nan")] * 20}])
def test_damaged_kernel_is_refused(damage):
    values, is_agn = moons(20)
    content = KernelRule.fit(values, is_agn, strength=1.0, balanced=False).as_dict() | damage
    with pytest.raises(ValueError, match="weights"):
        KernelRule.from_dict(content, 2)


@pytest.mark.parametrize("fluxes", [(0.05, 0.1, 0.15), (0.02, 0.05, 0.1), (0.1, 0.1, 0.1)])
def test_colors_in_magnitudes_are_those_of_the_flux(fluxes):
    expected = [-2.5 * np.log10(fluxes[0] / fluxes[1]), -2.5 * np.log10(fluxes[1] / fluxes[2])]
    found = picture_colors(flux_picture(fluxes)[None], recipe="legacysurvey")[0]
    np.testing.assert_allclose(found, expected, atol=0.06)


def test_color_does_not_depend_on_the_frame():
    narrow, wide = (flux_picture((0.05, 0.1, 0.2), size=size, scale=6) for size in (64, 160))
    found = [picture_colors(one[None], recipe="legacysurvey")[0] for one in (narrow, wide)]
    np.testing.assert_allclose(*found, atol=0.06)


def test_picture_without_light_has_no_color():
    found = picture_colors(np.full((1, 32, 32, 3), 32, np.uint8), recipe="legacysurvey")
    assert np.isnan(found).all()
    assert found.shape == (1, len(picture_color_names("legacysurvey")))


@pytest.mark.parametrize("options", [{"recipe": "skyserver"}, {"recipe": "no"}])
def test_recipe_that_cannot_be_inverted_is_refused(options):
    with pytest.raises(AgnsfError, match="takes one of the recipes legacysurvey, viewer-sdss"):
        load_classifier("photometric", **options)


def test_recipe_and_columns_exclude_each_other():
    with pytest.raises(AgnsfError, match="without features"):
        load_classifier("photometric", recipe="legacysurvey", features=("mag_g",))


@pytest.fixture(scope="module")
def familiarity():
    usual = galaxies(300, seed=0)
    return Familiarity.fit(usual, np.concatenate([usual[..., ::-1], usual * 0 + 40]), rings=RINGS)


def test_new_galaxies_are_familiar_and_strange_pictures_are_not(familiarity):
    assert (familiarity.novelty(galaxies(200, seed=1)) > 1).mean() < 0.12
    swapped = galaxies(50, seed=2)[..., ::-1]
    noise = np.random.default_rng(0).integers(0, 255, (20, 32, 32, 3), dtype=np.uint8)
    white = np.full((1, 32, 32, 3), 255, np.uint8)
    for strange in (swapped, noise, white):
        assert (familiarity.novelty(strange) > 1).mean() > 0.9


def test_familiarity_survives_json_and_depends_on_no_other_picture(familiarity):
    again = Familiarity.from_dict(json.loads(json.dumps(familiarity.as_dict())))
    pictures = galaxies(200, seed=3)
    np.testing.assert_array_equal(again.novelty(pictures), familiarity.novelty(pictures))
    np.testing.assert_array_equal(familiarity.novelty(pictures)[150:151], familiarity.novelty(pictures[150:151]))
    with pytest.raises(ValueError, match="do not fit"):
        Familiarity.from_dict(familiarity.as_dict() | {"mean": [0.0]})


def test_what_is_known_is_saved_and_loaded(tmp_path, familiarity):
    pictures = galaxies(40, seed=4)
    table = Table({"label": ["AGN", "SF"] * 20})
    plain = load_classifier("photometric", rings=RINGS, learner="kernel").fit(pictures, table)
    assert set(plain.predict_columns(pictures, table)) == {"p_agn"}
    values = plain.measure(pictures, table)
    lines = KernelRule.fit(values, np.arange(40) < 10, strength=1.0, balanced=False)
    knowing = plain.knowing(lines=lines, familiarity=familiarity)
    knowing.save(tmp_path)
    again = load_classifier("photometric", rings=RINGS, learner="kernel").load(tmp_path)
    found, expected = again.predict_columns(pictures, table), knowing.predict_columns(pictures, table)
    assert list(found) == ["p_agn", "p_lines", "novelty", "unfamiliar"]
    assert found["unfamiliar"].dtype == np.int8
    for name, column in expected.items():
        np.testing.assert_allclose(found[name], column, atol=1e-5, err_msg=name)


def test_damaged_familiarity_is_a_damaged_model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for path in shipped_models()["sdss"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = json.loads((folder / "photometric.json").read_text())
    content["familiarity"]["precision"] = [[1.0]]
    (folder / "photometric.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(folder)


def test_real_color_from_a_viewer_picture_is_that_of_the_flux(real_data):
    from astropy.io import fits
    from PIL import Image

    picture = np.asarray(Image.open(real_data / "legacysurvey" / "rs0010.jpeg"))
    flux = fits.getdata(real_data / "legacysurvey" / "rs0010_grz.fits").astype(np.float64)
    y, x = np.mgrid[:256, :256] - 127.5
    inside = flux[:, np.hypot(x, y) < 40].sum(axis=1)
    expected = -2.5 * np.log10(inside[:-1] / inside[1:])
    np.testing.assert_allclose(picture_colors(picture[None], recipe="legacysurvey")[0], expected, atol=0.1)
