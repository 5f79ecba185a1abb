# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json
import shutil

import numpy as np
import pytest
from astropy.table import Table

from agnsf.models import Model, ModelError, load_model, model_hash, save_model
from agnsf.plugins import load_classifier


@pytest.fixture(scope="module")
def galaxies():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 255, (30, 128, 128, 3), dtype=np.uint8)
    images[::2, ..., 2] //= 3
    return images, Table({"label": ["AGN", "SF"] * 15})


@pytest.fixture(scope="module")
def folder(galaxies, tmp_path_factory):
    images, table = galaxies
    folder = tmp_path_factory.mktemp("models") / "mine"
    fitted = load_classifier("photometric").fit(images, table)
    save_model(Model(fitted, {"threshold": 0.3, "recipe": {"color": "legacysurvey"}}), folder)
    return folder


@pytest.fixture
def damaged(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "damaged")


def test_model_comes_back_as_it_was_saved(folder, galaxies):
    model = load_model(folder)
    assert model.threshold == 0.3
    assert model.color == "legacysurvey"
    p_agn = model.predict(*galaxies)["p_agn"]
    np.testing.assert_array_equal(p_agn, load_model(str(folder)).predict(*galaxies)["p_agn"])
    assert p_agn[::2].mean() > p_agn[1::2].mean()


def test_saving_twice_writes_the_same_bytes(folder, tmp_path):
    save_model(load_model(folder), tmp_path / "again")
    assert model_hash(tmp_path / "again") == model_hash(folder)


def test_saving_leaves_nothing_else_behind(folder):
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_failed_save_keeps_the_old_model(damaged, monkeypatch):
    before = model_hash(damaged)
    model = load_model(damaged)

    def fail(self, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(model.classifier), "save", fail)
    with pytest.raises(OSError, match="No space left"):
        save_model(model, damaged)
    assert model_hash(damaged) == before


def test_folder_that_is_no_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"has no model.json; the models that ship: "):
        load_model(tmp_path)
    with pytest.raises(ModelError, match="nowhere is neither a model folder nor the name"):
        load_model("nowhere")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is damaged"),
        ('{"format": 1', "is damaged"),
        ("[" * 100_000, "is damaged"),
        ("[]", "does not name a classifier"),
        ('{"format": 2, "classifier": {"name": "cnn"}}', "has the format 2, this version of agnsf reads 1; update"),
        ('{"format": 1, "classifier": {"name": "nope"}}', "No classifier named 'nope'"),
        ('{"format": 1, "classifier": {"name": "cnn", "options": {"x": 1}}}', "has no option 'x'"),
    ],
)
def test_damaged_json_is_an_error_that_says_so(damaged, text, complaint):
    (damaged / "model.json").write_text(text)
    with pytest.raises(ModelError, match=complaint):
        load_model(damaged)


def test_truncated_weights_are_an_error_that_says_so(damaged):
    weights = next(path for path in damaged.iterdir() if path.name != "model.json")
    weights.write_bytes(weights.read_bytes()[:40])
    with pytest.raises(ModelError, match=r"weights of model .* cannot be read"):
        load_model(damaged)


def test_hash_tells_models_apart(folder, damaged):
    info = json.loads((damaged / "model.json").read_text())
    (damaged / "model.json").write_text(json.dumps({**info, "threshold": 0.31}))
    assert model_hash(damaged) != model_hash(folder)


def test_galaxies_outside_what_it_was_trained_on_are_unfamiliar(galaxies, folder):
    images, table = galaxies
    trained = load_model(folder)
    ranged = Model(trained.classifier, {**trained.info, "ranges": {"z": [0.01, 0.1], "radius": [3, 60]}})
    z = np.ma.masked_all(30)
    z[:4] = [0.01, 0.1, 0.1001, 0.0]
    found = ranged.predict(images, Table({"z": z, "radius": [10.0] * 29 + [61.0]}))
    assert found["unfamiliar"].dtype == np.int8
    assert np.flatnonzero(found["unfamiliar"]).tolist() == [2, 3, 29]
    assert not ranged.predict(images, table)["unfamiliar"].any()
    assert not ranged.predict(images, Table({"z": ["far"] * 30}))["unfamiliar"].any()
    assert "unfamiliar" not in trained.predict(images, table)
