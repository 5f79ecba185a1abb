# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Models that answer together."""

import numpy as np
import pytest
from astropy.table import Table

from agnsf.models import Model, ModelError, load_model, model_hash, save_model
from agnsf.plugins import load_classifier
from agnsf.testing import check_classifier


@pytest.fixture
def members(tmp_path):
    names = []
    for number in range(2):
        classifier = load_classifier("backbone", backbone="test_resnet", size=32)
        calibration = {"method": "temperature", "temperature": 0.1 + number, "base_rate": 0.5, "n": 10}
        info = {"recipe": {"color": "legacysurvey"}, "calibration": calibration}
        save_model(Model(classifier.with_module(classifier.network()), info), tmp_path / f"model-{number}")
        names.append(str(tmp_path / f"model-{number}"))
    return tuple(names)


@pytest.fixture
def images():
    return np.random.default_rng(5).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)


def _table(images):
    return Table({"row": np.arange(len(images))})


def test_mean_and_spread_are_those_of_the_calibrated_members(members, images):
    table = _table(images)
    each = np.array([load_model(name).predict(images, table)["p_agn"] for name in members])
    columns = load_classifier("ensemble", members=members).predict_columns(images, table)
    np.testing.assert_allclose(columns["p_agn"], each.mean(axis=0))
    np.testing.assert_allclose(columns["p_agn_std"], each.std(axis=0))
    assert columns["p_agn_std"].max() > 1e-3


@pytest.mark.parametrize("turn", [lambda x: x[:, ::-1], lambda x: x[:, :, ::-1], lambda x: np.swapaxes(x, 1, 2)])
def test_with_symmetries_an_image_and_its_mirror_image_agree(members, images, turn):
    ensemble = load_classifier("ensemble", members=members[:1], symmetries=True)
    p_agn = ensemble.predict(images, _table(images))
    np.testing.assert_allclose(ensemble.predict(turn(images), _table(images)), p_agn, atol=1e-6)
    single = load_classifier("ensemble", members=members[:1])
    assert not np.allclose(
        single.predict(turn(images), _table(images)), single.predict(images, _table(images)), atol=1e-6
    )


def test_ensemble_keeps_the_contract(members):
    check_classifier(load_classifier("ensemble", members=members), n=6)


def test_saved_ensemble_keeps_its_members(members, images, tmp_path):
    ensemble = load_classifier("ensemble", members=members).fit(images, _table(images))
    for _ in range(2):  # the second time over what stands there
        save_model(Model(ensemble, {}), tmp_path / "all")
    for name in members:
        (tmp_path / name / "model.json").unlink()
    again = load_model(tmp_path / "all")
    expected = ensemble.predict(images, _table(images))
    np.testing.assert_array_equal(again.predict(images, _table(images))["p_agn"], expected)


def test_hash_of_an_ensemble_depends_on_its_members(members, images, tmp_path):
    save_model(Model(load_classifier("ensemble", members=members).fit(images, _table(images)), {}), tmp_path / "all")
    before = model_hash(tmp_path / "all")
    weights = tmp_path / "all" / "member-1" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert model_hash(tmp_path / "all") != before


def test_members_must_take_the_same_images(members, tmp_path):
    other = load_classifier("backbone", backbone="test_resnet", size=64)
    save_model(Model(other.with_module(other.network()), {"recipe": {"color": "legacysurvey"}}), tmp_path / "other")
    with pytest.raises(ModelError, match=r"size 32, .*other 64"):
        _ = load_classifier("ensemble", members=(members[0], str(tmp_path / "other"))).size


def test_ensemble_without_members_says_how_to_name_them():
    with pytest.raises(ModelError, match="-C members=MODEL,MODEL"):
        _ = load_classifier("ensemble").size


def test_ensemble_that_lost_its_members_is_an_error(members, images, tmp_path):
    save_model(Model(load_classifier("ensemble", members=members).fit(images, _table(images)), {}), tmp_path / "all")
    for number in range(2):
        (tmp_path / "all" / f"member-{number}").rename(tmp_path / f"elsewhere-{number}")
    with pytest.raises(ModelError, match="no folder member-0"):
        load_model(tmp_path / "all")
