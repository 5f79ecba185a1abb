# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The models that ship: what they answer, flag and record."""

import numpy as np
import pytest
from astropy.table import Table
from click.testing import CliRunner

from agnsf import catalogs
from agnsf.cli import main
from agnsf.images import to_rgb
from agnsf.models import ModelError, default_model, load_model, shipped_models
from agnsf.simulate import SURVEYS, render, simulate

DEFAULTS = sorted(name for name in shipped_models() if load_model(name).info["default"])


@pytest.mark.parametrize("color", ["legacysurvey", "skyserver", "viewer-sdss"])
def test_there_is_a_default_model_for_each_kind_of_pictures(color):
    assert load_model(default_model(color)).color == color


def test_no_default_model_for_a_color_nobody_trained_on():
    with pytest.raises(ModelError, match="No model that ships was trained on pictures of color 'infrared'"):
        default_model("infrared")


def test_models_that_ship_are_small():
    sizes = [path.stat().st_size for folder in shipped_models().values() for path in folder.iterdir()]
    assert 0 < sum(sizes) < 5e6


@pytest.mark.parametrize("name", DEFAULTS)
def test_models_that_ship_flag_what_is_no_galaxy(name):
    model = load_model(name)
    size = model.classifier.size
    blank = np.stack([np.full((size, size, 3), level, np.uint8) for level in (0, 32, 200, 255)])
    noise = np.random.default_rng(0).integers(0, 60, (4, size, size, 3), dtype=np.uint8)
    columns = model.predict(np.concatenate([blank, noise]), Table({"id": range(8)}))
    assert columns["unfamiliar"].all()
    assert ((columns["p_lines"] >= 0) & (columns["p_lines"] <= 1)).all()


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_models_that_ship_say_what_was_measured(name):
    info = load_model(name).info
    metrics = [info["metrics"]["roc_auc"], *info.get("measured", {}).values()]
    assert all(one["low"] <= one["value"] <= one["high"] for one in metrics)
    assert info["about"]


def test_one_galaxy_gets_the_same_answer_from_the_pictures_of_two_surveys():
    table, answers = simulate(40, seed=11), []
    columns = {name: table[name].tolist() for name in table.colnames}
    for survey in SURVEYS.values():
        pictures = []
        for number in range(len(table)):
            row = {name: values[number] for name, values in columns.items()}
            scale = 4 * row["radius"] / 128
            flux = render(row, size=128, pixel_scale=scale, survey=survey)
            pictures.append(to_rgb(flux, survey.bands, survey.color, pixel_scale=scale))
        found = load_model(default_model(survey.color)).predict(np.stack(pictures), table)
        assert found["unfamiliar"].mean() < 0.2
        answers.append(found["p_agn"])
    assert np.median(np.abs(np.subtract(*answers))) < 0.1
    assert np.corrcoef(*answers)[0, 1] > 0.8


def test_network_pretrained_on_the_simulation_goes_on_from_there(tmp_path):
    table = simulate(40, seed=13)
    table["label"] = ["AGN", "SF"] * 20
    catalogs.write_table(table, tmp_path / "table.ecsv")
    arguments = ["train", str(tmp_path / "table.ecsv"), "--images", "simulated", "--from", "simulated"]
    arguments += ["--epochs", "1", "--calibration", "none"]
    done = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "model"), "--quiet"])
    assert done.exit_code == 0, done.output
    assert load_model(tmp_path / "model").classifier == load_model("simulated").classifier


def test_network_pretrained_on_the_simulation_is_nobodys_default():
    assert "simulated" in shipped_models()
    assert "simulated" not in DEFAULTS
