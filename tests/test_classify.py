# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The command and the stage classify: bad images, thresholds, priors, and what the user is told."""

import io
import struct
import zlib

import numpy as np
import pytest
import quickly
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner
from numpy.testing import assert_array_equal
from PIL import Image

import agnsf
from agnsf import catalogs
from agnsf.cli import main
from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.inference import choose_decision
from agnsf.simulate import simulate


@pytest.fixture(scope="module", autouse=True)
def _plugin():
    with quickly.installed():
        yield


@pytest.fixture
def model(tmp_path):
    """Return a model folder with validation galaxies: every second one is an AGN, and p_agn rises."""
    folder = quickly.make_model(tmp_path / "model", base_rate=0.5)
    validation = Table({"is_agn": [0, 0, 0, 1, 0, 1, 0, 1, 1, 1], "p_agn": np.arange(0.05, 1, 0.1)})
    validation.write(folder / "validation.ecsv")
    return str(folder)


def jpeg(color=(200, 90, 40), mode="RGB"):
    file = io.BytesIO()
    Image.new(mode, (64, 64), color).save(file, "jpeg")
    return file.getvalue()


def png_header(width, height):
    """Return a PNG file that promises many pixels and holds none."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def run(*arguments):
    return CliRunner().invoke(main, ["classify", *map(str, arguments)])


@pytest.mark.filterwarnings("default:.*leaves the folder")
def test_no_bad_file_keeps_the_others_from_being_classified(tmp_path):
    model = quickly.make_model(tmp_path / "model", recipe={"color": "unknown"})
    files = {
        "good.jpeg": (jpeg(), "ok"),
        "absent.jpeg": (None, "missing"),
        "truncated.jpeg": (jpeg()[:300], "corrupt"),
        "empty.jpeg": (b"", "corrupt"),
        "text.jpeg": (b"<html>not found</html>", "corrupt"),
        "bomb.png": (png_header(16_000, 16_000), "corrupt"),
        "../../etc/passwd": (None, "missing"),
        "gray.jpeg": (jpeg(120, "L"), "ok"),
        "last.jpeg": (jpeg((10, 20, 250)), "ok"),
    }
    images = tmp_path / "images"
    images.mkdir()
    for name, (data, _) in files.items():
        if data is not None:
            (images / name).write_bytes(data)
    table = Table({"file": list(files), "ra": MaskedColumn([1.0] * len(files), mask=True)})
    catalogs.write_table(table, tmp_path / "table.ecsv")
    source = ["--images", "folder", "-I", f"path={images}", "-I", "pattern={file}", "-I", "color=unknown"]
    done = run(tmp_path / "table.ecsv", *source, "--classifier", model, "-o", tmp_path / "out.ecsv")
    assert done.exit_code == 0, done.output
    found = catalogs.read_table(tmp_path / "out.ecsv")
    assert found["file"].tolist() == list(files)
    statuses = [status for _, status in files.values()]
    assert found["image_status"].tolist() == statuses
    usable = np.array(statuses) == "ok"
    for name in ("p_agn", "predicted"):
        assert_array_equal(~np.ma.getmaskarray(found[name]), usable)
    assert "9 galaxies: 3 ok, 2 missing, 4 corrupt" in done.stderr
    assert "leaves the folder" in done.stderr
    assert done.stdout == ""


def test_a_report_can_be_looked_at(tmp_path, model):
    catalogs.write_table(quickly.make_table(40), tmp_path / "table.fits")
    done = run(tmp_path / "table.fits", "--classifier", model, "--report", "-o", tmp_path / "out.fits")
    assert done.exit_code == 0, done.output
    assert "Wrote" in done.stderr
    assert "<html" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_positions_that_make_no_sense_become_a_status(tmp_path, model):
    from agnsf_quick import Quick

    class OnTheSky(Quick):
        name = "on-the-sky"
        needs = ("row", "ra", "dec")

    table = quickly.make_table(6)
    table["ra"] = MaskedColumn([10.0, np.nan, 20.0, 400.0, 30.0, -1.0], mask=[0, 0, 1, 0, 0, 0])
    table["dec"] = [0.0, 0.0, 0.0, 0.0, 91.0, 0.0]
    with pytest.warns(AgnsfWarning, match="NOT LIKE"):
        found = agnsf.classify(table, images=OnTheSky(), classifier=model)
    assert found["image_status"].tolist() == ["ok"] + ["bad_coordinates"] * 5
    assert found["p_agn"].mask.tolist() == [False] + [True] * 5


def test_the_status_is_1_and_the_table_is_written_when_no_row_got_an_image(tmp_path, model):
    catalogs.write_table(quickly.make_table(3), tmp_path / "table.fits")
    done = run(tmp_path / "table.fits", "--classifier", model, "-I", "missing=1", "--quiet")
    assert done.exit_code == 1
    assert done.stderr == "Error: No galaxy got an image: 3 missing (there is no image of row 0)\n"
    found = catalogs.read_table(tmp_path / "table_agnsf.fits")
    assert found["p_agn"].mask.all()


def test_quiet_says_nothing_at_all(tmp_path, model):
    catalogs.write_table(quickly.make_table(3), tmp_path / "table.fits")
    done = run(tmp_path / "table.fits", "--classifier", model, "--quiet")
    assert (done.exit_code, done.output) == (0, "")


def test_the_end_tells_the_rate_and_what_was_waited_for(tmp_path, model):
    catalogs.write_table(quickly.make_table(300), tmp_path / "table.fits")
    done = run(tmp_path / "table.fits", "--classifier", model)
    assert "300 galaxies: 300 ok" in done.stderr
    assert "galaxies/s; waited for: table" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--threshold", "2"], ["--prior", "1"], ["--precision", "half"], ["--purity", "x"]]
)
def test_nonsense_is_a_usage_error(tmp_path, model, arguments):
    catalogs.write_table(quickly.make_table(3), tmp_path / "table.fits")
    assert run(tmp_path / "table.fits", "--classifier", model, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", "0.5", "--purity", "0.9"], "Give one of threshold, purity and completeness"),
        (["--classifier", "nowhere"], "nowhere is neither a model folder nor the name of a model"),
        (["--device", "abacus"], "No device is named 'abacus'"),
    ],
)
def test_what_the_user_can_mend_is_one_line(tmp_path, arguments, message, tiny_model):
    catalogs.write_table(quickly.make_table(3), tmp_path / "table.fits")
    done = run(tmp_path / "table.fits", "--images", "quick", "--classifier", tiny_model, *arguments)
    assert done.exit_code == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert message in lines[0]


@pytest.fixture
def tiny_model(tmp_path):
    """Return the folder of a model that has a network."""
    from agnsf.models import Model, save_model
    from agnsf.plugins import load_classifier

    cnn = load_classifier("cnn")
    save_model(Model(cnn.with_module(cnn.network()), {"recipe": {"color": "unknown"}}), tmp_path / "cnn")
    return str(tmp_path / "cnn")


def test_purity_and_completeness_choose_the_threshold_on_the_validation_galaxies(model):
    assert choose_decision(model).threshold == 0.5
    assert choose_decision(model, threshold=0.3).threshold == 0.3
    pure = choose_decision(model, purity=0.9)
    assert 0.65 < pure.threshold < 0.75
    assert (pure.expected["purity"], pure.expected["completeness"]) == (1.0, 0.6)
    low, high = pure.expected["completeness_interval"]
    assert 0 < low < 0.6 < high <= 1
    other = choose_decision(model, purity=0.9, of="SF")
    assert 0.25 < other.threshold < 0.35
    assert (other.expected["of"], other.expected["purity"]) == ("SF", 1.0)
    complete = choose_decision(model, completeness=1.0)
    assert 0.25 < complete.threshold < 0.35
    assert complete.expected["completeness"] == 1.0
    assert complete.expected["purity"] == pytest.approx(5 / 7)


def test_a_prior_moves_p_agn_and_the_purity_to_be_expected(model):
    decision = choose_decision(model, prior=0.1)
    columns = decision.apply({"p_agn": np.ma.array([0.5, 0.95, 0.0], mask=[0, 0, 1])})
    assert columns["p_agn"][0] == pytest.approx(0.1)  # by Bayes' theorem, from a base rate of one half
    assert columns["predicted"].tolist() == ["SF", "AGN", None]
    half, rare = (choose_decision(model, completeness=1.0, prior=prior) for prior in (0.5, 0.1))
    assert half.expected["purity"] == pytest.approx(5 / 7)
    assert rare.expected["purity"] == pytest.approx(0.1 / (0.1 + 0.9 * 2 / 5))
    assert rare.expected["purity_interval"][0] < half.expected["purity_interval"][0]


@pytest.mark.parametrize("missing", ["validation.ecsv", "base_rate"])
def test_what_the_model_does_not_know_is_said(tmp_path, model, missing):
    if missing == "base_rate":
        folder = quickly.make_model(tmp_path / "other", base_rate=None)
        with pytest.raises(AgnsfError, match="does not record its base rate"):
            choose_decision(folder, prior=0.3)
    else:
        (tmp_path / "model" / missing).unlink()
        with pytest.raises(AgnsfError, match=r"brings no validation\.ecsv"):
            choose_decision(model, purity=0.9)


def test_provenance_tells_the_decision(model):
    found = agnsf.classify(quickly.make_table(5), classifier=model, completeness=0.9, prior=0.2)
    stage = catalogs.provenance(found)["stages"][-1]
    assert stage["prior"] == 0.2
    assert stage["base_rate"] == 0.5
    assert set(stage["expected"]) == {"of", "purity", "purity_interval", "completeness", "completeness_interval"}
    assert "at the prior 0.2" in found["p_agn"].description


def test_real_galaxies_are_classified_in_their_order(tmp_path, real_data):
    sdss = real_data / "sdss"
    table = catalogs.read_table(sdss / "labelled.ecsv")
    source = ["--images", "folder", "-I", f"path={sdss / 'images'}", "-I", "pattern={image}", "-I", "color=skyserver"]
    done = run(sdss / "labelled.ecsv", *source, "-o", tmp_path / "out.ecsv")
    assert done.exit_code == 0, done.output
    found = catalogs.read_table(tmp_path / "out.ecsv")
    assert_array_equal(found["objid"], table["objid"])
    assert set(found["image_status"]) == {"ok"}
    assert not np.ma.getmaskarray(found["p_agn"]).any()
    is_agn = found["label"] != "SF"
    assert np.mean(found["p_agn"][is_agn]) > np.mean(found["p_agn"][~is_agn]) + 0.2


def classify_simulated(folder, table, *options):
    """Classify simulated galaxies with the model that ships for their pictures."""
    catalogs.write_table(table, folder / "table.ecsv")
    return run(folder / "table.ecsv", "--images", "simulated", "-o", folder / "out.ecsv", *options)


def test_purity_among_all_galaxies_needs_lines_too(model):
    # Red galaxies without lines have the highest p_agn.
    population = Table(
        {
            "is_agn": [1] * 30 + [0] * 70,
            "has_lines": [1] * 50 + [0] * 50,
            "p_agn": [0.8] * 30 + [0.2] * 20 + [0.9] * 50,
            "p_lines": [0.7] * 50 + [0.1] * 50,
        }
    )
    population.write(f"{model}/population.ecsv")
    decision = choose_decision(model, purity=0.9)
    assert decision.with_lines
    assert decision.expected["purity"] == 1.0
    assert decision.record()["threshold_of"] == "p_lines * p_agn"
    columns = decision.apply({"p_agn": np.array([0.8, 0.9, 0.9]), "p_lines": np.array([0.7, 0.1, np.nan])})
    assert columns["predicted"].tolist() == ["AGN", "SF", "SF"]
    assert not choose_decision(model, purity=0.9, of="SF").with_lines
    rare = choose_decision(model, purity=0.9, prior=0.1)
    assert rare.expected["purity"] == 1.0


def test_purity_needs_a_classifier_that_knows_lines(model):
    Table({"is_agn": [1, 0] * 10, "has_lines": [1] * 20, "p_agn": [0.9, 0.1] * 10, "p_lines": [1.0] * 20}).write(
        f"{model}/population.ecsv"
    )
    decision = choose_decision(model, purity=0.9)
    with pytest.raises(AgnsfError, match="classifier gives no p_lines; give --threshold, or remove that file"):
        decision.apply({"p_agn": np.array([0.8])})
    assert decision.apply({"p_agn": np.ma.masked_all(2)})["predicted"].mask.all()


def test_model_that_ships_selects_for_purity(tmp_path):
    table = simulate(20, seed=5)
    done = classify_simulated(tmp_path, table, "--purity", "0.4")
    assert done.exit_code == 0, done.output
    found = catalogs.read_table(tmp_path / "out.ecsv")
    stage = catalogs.provenance(found)["stages"][-1]
    chosen = found["p_agn"] * found["p_lines"] >= stage["threshold"]
    assert stage["threshold_of"] == "p_lines * p_agn"
    assert_array_equal(found["predicted"] == "AGN", chosen)


@pytest.mark.filterwarnings("default:Redshifts in column")
def test_galaxies_too_far_away_are_unfamiliar_and_redshifts_that_are_none_stop_nobody(tmp_path):
    table = simulate(6, seed=5)
    table["z"] = [0.04, 0.3, -999.0, 0.04, np.nan, 0.04]
    done = classify_simulated(tmp_path, table)
    assert done.exit_code == 0, done.output
    assert done.stderr.count("count as missing: 1 of 6") == 1
    found = catalogs.read_table(tmp_path / "out.ecsv")
    assert set(found["image_status"]) == {"ok"}
    assert found["unfamiliar"][1] == 1
    assert_array_equal(found["unfamiliar"] == 1, (found["novelty"] > 1) | (np.arange(6) == 1))
    assert found["z"][2] == -999.0


def test_unfamiliar_galaxies_are_dropped_on_request_alone(tmp_path):
    table = simulate(4, seed=5)
    table["z"] = [0.04, 0.3, 0.04, 0.5]
    kept = classify_simulated(tmp_path, table)
    assert kept.exit_code == 0, kept.output
    before = catalogs.read_table(tmp_path / "out.ecsv")
    assert not np.ma.getmaskarray(before["p_agn"]).any()
    done = classify_simulated(tmp_path, table, "--drop-unfamiliar", "--restart")
    assert done.exit_code == 0, done.output
    after = catalogs.read_table(tmp_path / "out.ecsv")
    strange = before["unfamiliar"] == 1
    assert strange[[1, 3]].all()
    for name in ("p_agn", "predicted"):
        assert_array_equal(after[name].mask, strange)
        assert_array_equal(after[name][~strange], before[name][~strange])
    assert catalogs.provenance(after)["stages"][-1]["drop_unfamiliar"] is True


def test_model_that_does_not_know_what_is_unfamiliar_drops_nothing(model):
    decision = choose_decision(model, drop_unfamiliar=True)
    with pytest.raises(AgnsfError, match="does not tell which galaxies are unfamiliar"):
        decision.apply({"p_agn": np.array([0.8])})


def test_purity_that_no_galaxies_reach_says_among_which(model):
    Table({"is_agn": [1, 0] * 10, "has_lines": [1] * 20, "p_agn": [0.5] * 20, "p_lines": [0.5] * 20}).write(
        f"{model}/population.ecsv"
    )
    with pytest.raises(AgnsfError, match=r"with and without emission lines; .* give --threshold"):
        choose_decision(model, purity=0.9)
