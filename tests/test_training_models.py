# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From a labeled table to a model folder, through the library and the command line."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner

import agnsf
from agnsf import catalogs
from agnsf.cli import main
from agnsf.columns import SPLITS, AgnsfError
from agnsf.cutouts import Framing
from agnsf.evaluation import apply_calibration, choose_threshold
from agnsf.models import Model, load_model, save_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import simulate
from agnsf.training import PRESETS, Sampling, TrainingError, TrainingOptions

_OPTIONS = TrainingOptions(epochs=2, batch_size=16, ema=None, learning_rate=3e-3, precision="float32")
_CLASSIFIER = ["--classifier", "backbone", "-C", "backbone=test_resnet", "-C", "size=32"]


@pytest.fixture(scope="module")
def table():
    return agnsf.label(simulate(90, seed=3), labeler="kauffmann2003")


def _train(table, folder, **changes):
    classifier = load_classifier("backbone", backbone="test_resnet", size=32)
    settings = {"classifier": classifier, "options": _OPTIONS, "images": "simulated", "framing": Framing(size=32)}
    return agnsf.train(table, output=folder, **{**settings, **changes})


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "model"
    return _train(table, folder), folder


def test_train_adds_the_split_and_nothing_else(table, trained):
    result, _ = trained
    assert result.colnames == [*table.colnames, "split"]
    assert set(result["split"]) == set(SPLITS)
    assert catalogs.provenance(result)["stages"][-1]["stage"] == "train"


def test_model_folder_is_complete_and_holds_no_pack(trained):
    _, folder = trained
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "checkpoints",
        "history.ecsv",
        "history.png",
        "model.json",
        "model.safetensors",
        "training.json",
        "validation.ecsv",
    }


def test_model_says_what_it_was_made_from(trained):
    table, folder = trained
    info = load_model(folder).info
    assert info["labels"]["labelers"][0]["name"] == "kauffmann2003"
    assert info["labels"]["positive"] == ["AGN"]
    assert info["labels"]["snr"] == 3.0
    assert info["recipe"]["source"] == "simulated"
    assert info["recipe"]["color"] == "legacysurvey"
    assert info["training"]["options"]["epochs"] == 2
    assert {"python", "torch", "agnsf"} <= set(info["versions"])
    assert len(info["table_hash"]) == 64
    counts = info["training"]["counts"]
    for name in SPLITS:
        rows = table[(table["split"] == name) & ~table["label"].mask]
        assert counts[name] == {one: int((rows["label"] == one).sum()) for one in ("AGN", "SF")}


def test_threshold_and_calibration_are_those_of_the_validation_galaxies(trained):
    table, folder = trained
    model = load_model(folder)
    validation = Table.read(folder / "validation.ecsv")
    counts = model.info["training"]["counts"]["validation"]
    assert len(validation) == sum(counts.values())
    assert validation["is_agn"].sum() == counts["AGN"]
    assert model.info["base_rate"] == pytest.approx(counts["AGN"] / len(validation))
    assert model.threshold == pytest.approx(choose_threshold(validation["is_agn"], validation["p_agn"]), abs=1e-5)
    rows = table[(table["split"] == "validation") & ~table["label"].mask]
    source = load_image_source("simulated").prepare(rows)
    from agnsf.datasets import pack

    packed = pack(rows, source, size=32, framing=Framing(size=32))
    raw = model.classifier.predict(packed.images, rows)
    calibrated = apply_calibration(raw, model.info["calibration"])
    np.testing.assert_allclose(calibrated, validation["p_agn"], atol=1e-4)


def test_metrics_are_those_of_the_test_galaxies_with_intervals(trained):
    _, folder = trained
    info = load_model(folder).info
    counts = info["training"]["counts"]["test"]
    assert info["metrics"]["roc_auc"]["n"] == sum(counts.values())
    assert (
        info["metrics"]["roc_auc"]["low"] <= info["metrics"]["roc_auc"]["value"] <= info["metrics"]["roc_auc"]["high"]
    )


def test_given_split_is_honored(table, tmp_path):
    given = table.copy()
    rng = np.random.default_rng(0)
    parts = rng.choice(["train", "validation", "test", ""], len(table), p=[0.6, 0.2, 0.1, 0.1])
    given["split"] = MaskedColumn(parts, mask=parts == "")
    result = _train(given, tmp_path / "model", options=replace(_OPTIONS, epochs=1))
    assert result.colnames == given.colnames
    assert result["split"].filled("").tolist() == parts.tolist()
    labeled = ~np.ma.getmaskarray(table["label"])
    counts = load_model(tmp_path / "model").info["training"]["counts"]
    assert sum(counts["train"].values()) == np.sum(labeled & (parts == "train"))


def test_existing_folder_is_not_written_over(table, trained, tmp_path):
    _, folder = trained
    before = (folder / "model.json").read_bytes()
    with pytest.raises(TrainingError, match="exists already; choose another folder, or go on with --resume"):
        _train(table, folder)
    assert (folder / "model.json").read_bytes() == before
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match="holds no training that could go on"):
        _train(table, tmp_path, resume=True)


def test_interrupted_training_goes_on_and_other_settings_are_refused(table, trained, tmp_path, monkeypatch):
    from agnsf.training import making

    folder = tmp_path / "model"
    with monkeypatch.context() as patched:
        patched.setattr(making, "save_model", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            _train(table, folder)
    assert (folder / "pack" / "pack.json").exists()
    with pytest.raises(TrainingError, match=r"the training of something else \(options: .*; choose another folder"):
        _train(table, folder, options=replace(_OPTIONS, epochs=9), resume=True)
    with pytest.raises(TrainingError, match="seed: 0 there, 1 now"):
        _train(table, folder, seed=1, resume=True)
    _train(table, folder, resume=True)
    first, second = (json.loads((one / "model.json").read_text()) for one in (folder, trained[1]))
    assert first["threshold"] == second["threshold"]
    assert (folder / "model.safetensors").read_bytes() == (trained[1] / "model.safetensors").read_bytes()


def test_training_from_a_model_is_not_resumed_from_another(table, trained, tmp_path, monkeypatch):
    from agnsf.training import making

    first = load_model(trained[1]).classifier
    module = first.starting_network()
    next(module.parameters()).data += 0.01
    with monkeypatch.context() as patched:
        patched.setattr(making, "save_model", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            _train(table, tmp_path / "model", classifier=first)
    new = load_classifier("backbone", backbone="test_resnet", size=32)
    for other in (first.with_module(module), new):
        with pytest.raises(TrainingError, match=r"the training of something else \(starting_weights: '\w{64}' there"):
            _train(table, tmp_path / "model", classifier=other, resume=True)
    _train(table, tmp_path / "model", classifier=first, resume=True)
    assert (tmp_path / "model" / "model.json").exists()


def test_finished_training_is_left_alone(table, trained):
    _, folder = trained
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    result = _train(table, folder, resume=True)
    assert result["split"].tolist() == trained[0]["split"].tolist()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_without_any_image_there_is_nothing_to_learn_from(table, tmp_path):
    source = load_image_source("folder", path=str(tmp_path), color="legacysurvey")
    with pytest.raises(AgnsfError, match=r"No galaxy has an image to learn from; .* missing"):
        _train(table, tmp_path / "model", images=source)


def test_one_class_only_is_refused(table, tmp_path):
    alike = table[table["label"].filled("") == "SF"]
    with pytest.raises(TrainingError, match=r"needs AGN and SF to learn from, and was given .* rows, all SF"):
        _train(alike, tmp_path / "model")


def test_label_of_another_kind_is_named(table, tmp_path):
    strange = table.copy()
    strange["label"] = np.where(np.arange(len(table)) == 5, "star", "SF")
    with pytest.raises(AgnsfError, match="label holds 'star'"):
        _train(strange, tmp_path / "model")


def test_ensemble_is_trained_from_models(table, trained, tmp_path):
    classifier = load_classifier("ensemble", members=(str(trained[1]),), symmetries=True)
    _train(table, tmp_path / "model", classifier=classifier)
    model = load_model(tmp_path / "model")
    images = np.zeros((2, 32, 32, 3), np.uint8)
    assert set(model.predict(images, table[:2])) == {"p_agn", "p_agn_std"}


def test_composites_can_be_dropped(table, tmp_path):
    three = agnsf.label(table, labeler="bpt-nii")
    _train(three, tmp_path / "model", sampling=Sampling(composites="drop"), options=replace(_OPTIONS, epochs=1))
    labels = load_model(tmp_path / "model").info["labels"]
    assert (labels["positive"], labels["composites"]) == (["AGN"], "drop")


@pytest.fixture
def file(table, tmp_path):
    path = tmp_path / "labeled.ecsv"
    catalogs.write_table(table, path)
    return path


def _run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_command_writes_the_model_and_the_table_with_its_split(file, tmp_path):
    folder = tmp_path / "model"
    words = ["train", file, "--images", "simulated", "--size", 32, *_CLASSIFIER, "--split", "sky", "-o", folder]
    done = _run(*words, "-T", "batch_size=16", "--epochs", 1)
    assert done.exit_code == 0, done.output
    assert "train: " in done.stderr
    assert f"Wrote {folder}" in done.stderr
    assert set(catalogs.read_table(folder / "table.parquet")["split"]) == set(SPLITS)
    assert load_model(folder).info["training"]["sampling"]["split"] == "sky"
    again = _run(*words)
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    assert again.stderr.startswith("Error: ")
    resumed = _run(*words, "--resume")
    assert resumed.exit_code == 0
    assert "is finished; there is nothing to resume" in resumed.stderr


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {"batch_norm": False, "global_pooling": False, "dropout": 0.0}),
        (["-C", "dropout=0.1"], {"batch_norm": False, "global_pooling": False, "dropout": 0.1}),
        (["--classifier", "backbone", "-C", "backbone=test_resnet", "-C", "size=32"], None),
    ],
)
def test_preset_chooses_network_and_training_where_nothing_else_is_said(file, tmp_path, words, options):
    words = ["train", file, "--images", "simulated", "--size", 32, "--quiet", "--preset", "xu2023", *words]
    done = _run(*words, "--epochs", 1, "-o", tmp_path / "model")
    assert (done.exit_code, done.output) == (0, "")
    model = load_model(tmp_path / "model")
    assert model.info["training"]["options"] == asdict(replace(PRESETS["xu2023"].training, epochs=1))
    assert options is None or asdict(model.classifier) == options
    assert model.classifier.name == ("cnn" if options else "backbone")


def test_command_goes_on_from_a_model(file, trained, tmp_path):
    words = ["train", file, "--images", "simulated", "--size", 32, "--from", trained[1], "--quiet"]
    done = _run(*words, "--epochs", 1, "-T", "learning_rate=1e-9", "-T", "ema=none", "-o", tmp_path / "model")
    assert (done.exit_code, done.output) == (0, "")
    first, second = (load_model(one).classifier.module.state_dict() for one in (trained[1], tmp_path / "model"))
    np.testing.assert_allclose(first["body.fc.weight"], second["body.fc.weight"], atol=1e-5)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--preset", "nobody1999"], 2, "there is no such preset; there are xu2023"),
        (["-T", "epochs=many"], 2, "-T epochs=many: expected a whole number"),
        (["-T", "speed=9"], 2, "'training' has no such option; it has epochs"),
        (["-C", "depth=9"], 2, "'cnn' has no such option; it has batch_norm"),
        (["-T", "epochs=0"], 1, "option epochs is out of range: 0"),
        (["--classifier", "oracle"], 1, "No classifier named 'oracle'; available: backbone"),
        (["--from", "model", "--classifier", "cnn"], 2, "--from takes the classifier of the model"),
        (["--device", "cuda:77"], 1, "There is no device cuda:77"),
    ],
)
def test_wrong_words_are_errors_of_one_line(file, tmp_path, words, status, message):
    done = _run("train", file, "--images", "simulated", "-o", tmp_path / "model", *words)
    assert done.exit_code == status
    assert message in done.stderr
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95", b"\xff" * 64, b'{"evil": 1}'])
def test_hostile_weights_are_an_error_and_never_unpickled(tmp_path, content):
    classifier = load_classifier("backbone", backbone="test_resnet", size=32)
    save_model(Model(classifier.with_module(classifier.network()), {}), tmp_path)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(AgnsfError, match=r"The weights of model .* cannot be read"):
        load_model(tmp_path)


def test_magnitudes_alone_are_judged_beside_the_images(trained):
    _, folder = trained
    baseline = load_model(folder).info["baseline"]
    assert baseline["features"] == ["mag_u", "mag_g", "mag_r", "mag_i", "mag_z"]
    assert baseline["metrics"]["roc_auc"]["n"] == load_model(folder).info["metrics"]["roc_auc"]["n"]


def test_without_magnitudes_there_is_no_baseline():
    from agnsf.training.baseline import catalog_baseline

    table = Table({"label": ["SF", "AGN"], "mag_r": [15.0, 16.0]})
    assert catalog_baseline(dict.fromkeys(SPLITS, (np.zeros((2, 4, 4, 3)), table))) is None


def test_training_from_a_pack_reads_it_where_it_is(table, tmp_path, monkeypatch):
    from agnsf.datasets import packing

    packed = agnsf.fetch(table, images="simulated", framing=Framing(size=32), pack=tmp_path / "pack")
    monkeypatch.setattr(packing, "iter_cutouts", None)  # nothing is fetched or decoded again
    source = load_image_source("pack", path=str(tmp_path / "pack"))
    shuffled = packed[::-1]
    _train(shuffled, tmp_path / "model", images=source, options=replace(_OPTIONS, epochs=1))
    assert (tmp_path / "pack" / "pack.json").exists()
    assert load_model(tmp_path / "model").recipe["source"] == "simulated"


def test_pack_of_larger_images_is_made_smaller(table, tmp_path):
    packed = agnsf.fetch(table, images="simulated", framing=Framing(size=40), pack=tmp_path / "pack")
    source = load_image_source("pack", path=str(tmp_path / "pack"))
    _train(packed, tmp_path / "model", images=source)
    recipe = load_model(tmp_path / "model").recipe
    assert (recipe["source"], recipe["size"]) == ("simulated", 40)
