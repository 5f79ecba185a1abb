# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner
from PIL import Image

from agnsf import catalogs, report
from agnsf.cli import main
from agnsf.columns import ColumnError
from agnsf.evaluation import Bootstrap, Questions, evaluate_table
from agnsf.plugins import load_image_source
from agnsf.report import pictures, rows
from agnsf.report.figures import evaluation_figures
from agnsf.report.pictures import chosen_rows, galleries

FEW = Bootstrap(resamples=40)


def galaxies(n=120, seed=0):
    rng = np.random.default_rng(seed)
    is_agn = rng.permutation(np.arange(n) < 0.4 * n)
    return Table(
        {
            "id": [str(587722982830178312 + i) for i in range(n)],
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-10, 60, n),
            "label": np.where(is_agn, np.where(rng.random(n) < 0.5, "AGN", "composite"), "SF"),
            "p_agn": 1 / (1 + np.exp(-rng.normal(np.where(is_agn, 1.0, -1.0), 1.3))),
            "z": rng.uniform(0.01, 0.2, n),
            "label_source": rng.choice(["one", "two"], n),
            "log_nii_ha": rng.normal(np.where(is_agn, -0.1, -0.5), 0.15),
            "log_oiii_hb": rng.normal(0, 0.3, n),
        }
    )


def written(folder, table=None, **options):
    evaluation = evaluate_table(galaxies() if table is None else table, bootstrap=FEW, **options)
    return report.write_evaluation(evaluation, folder).read_text(encoding="utf-8")


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.stack, self.scripts, self.data = [], [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.stack.append((tag, attrs))

    def handle_data(self, data):
        if self.stack and self.stack[-1][0] == "script":
            kind = self.stack[-1][1].get("type")
            if kind == "application/json":
                self.data = json.loads(data)
            else:
                self.scripts.append(data)

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder of one evaluation, and the evaluation."""
    folder = tmp_path_factory.mktemp("evaluation")
    evaluation = evaluate_table(galaxies(), questions=Questions(match=("z",)), bootstrap=FEW)
    report.write_evaluation(evaluation, folder, provenance={"command": "agnsf evaluate a.fits"})
    return folder, evaluation


@pytest.fixture(scope="module")
def text(made):
    """Return its page."""
    return (made[0] / "report.html").read_text(encoding="utf-8")


def test_the_files_are_there_and_agree(made):
    folder, evaluation = made
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["figures", "metrics.ecsv", "metrics.json", "report.html", "trade_off.ecsv"]
    content = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert content["roc_auc"]["value"] == evaluation.metrics["roc_auc"].value  # to the last bit
    assert set(content["roc_auc"]) == {"value", "low", "high", "n", "base_rate"}
    assert content["provenance"]["command"] == "agnsf evaluate a.fits"
    found = Table.read(folder / "metrics.ecsv")
    matched = found[(found["section"] == "matched") & (found["metric"] == "roc_auc")]
    assert matched["value"][0] == content["matched"]["roc_auc"]["value"]
    by = found[(found["section"] == "by/label_source/one") & (found["metric"] == "mcc")]
    assert by["value"][0] == content["by"]["label_source"]["one"]["mcc"]["value"]
    trade_off = Table.read(folder / "trade_off.ecsv")
    assert len(trade_off) == len(np.unique(galaxies()["p_agn"])) + 1
    assert trade_off["completeness"][0] == 1


def test_what_does_not_exist_is_null_in_json_and_masked_in_ecsv(tmp_path):
    evaluation = evaluate_table(Table({"label": ["AGN", "AGN"], "p_agn": [0.2, 0.8]}), bootstrap=FEW)
    report.write_metrics(evaluation.as_dict(), tmp_path)
    content = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert content["roc_auc"]["value"] is None
    found = catalogs.read_table(tmp_path / "metrics.ecsv")
    assert found["value"][found["metric"] == "roc_auc"].mask.all()


def test_a_page_names_no_other_file(text):
    page = Page(text)
    for name in ("src", "srcset", "data", "action", "poster", "background"):
        assert all(value.startswith("data:") for value in page.attributes(name)), name
    assert not [attrs for tag, attrs in page.tags if tag in ("link", "iframe", "object", "embed", "base")]
    for tag, attrs in page.tags:
        for name in ("href", "xlink:href"):
            outside = attrs.get(name, "#").startswith(("#", "data:"))
            assert outside or tag == "a", (tag, attrs)  # a link to follow, not to load
    assert "@import" not in text
    assert "url(http" not in text
    assert "fetch(" not in text


def test_ids_of_eighteen_digits_stay_whole(text):
    page = Page(text)
    assert page.data["rows"][0][0] == "587722982830178312"
    assert len({row[0] for row in page.data["rows"]}) == 120


def test_galaxies_without_an_id_are_named_by_their_row_in_the_table(tmp_path):
    table = galaxies(40)[["label", "p_agn"]]
    table["label"] = MaskedColumn(table["label"], mask=np.arange(40) < 10)
    page = Page(written(tmp_path, table))
    assert [row[0] for row in page.data["rows"]] == [f"row {row}" for row in range(10, 40)]


def test_a_hostile_table_is_harmless(tmp_path):
    table = galaxies()
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    table["id"] = [f"{evil}{i}" for i in range(len(table))]
    table.replace_column("label_source", np.full(len(table), evil))
    table["subclass"] = evil
    table[evil] = 'x" onmouseover="alert(3)'
    table["{{ 7 * 7 }}"] = "$\\frac{$"
    questions = Questions(by=("label_source", evil, "{{ 7 * 7 }}"))
    text = written(tmp_path, table, questions=questions, name=evil)
    page = Page(text)
    assert "alert(1)</script>" not in text
    assert len(page.scripts) == 1
    assert not [attrs for tag, attrs in page.tags if tag == "img"]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert page.data["rows"][0][0] == evil + "0"
    assert "49" not in [value.strip() for value in re.findall(r">([^<]*)<", text)]


def test_only_our_own_script_may_run(text):
    import base64
    import hashlib

    page = Page(text)
    (policy,) = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_figures_are_drawings_with_words(made, text):
    drawings = list((made[0] / "figures").iterdir())
    names = {path.stem for path in drawings}
    assert names == {"roc", "purity", "confusion", "reliability", "distribution", "plane", "by-z", "by-label-source"}
    for path in drawings:
        ElementTree.parse(path)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    page = Page(text)
    described = [attrs["aria-describedby"] for tag, attrs in page.tags if attrs.get("role") == "img"]
    assert len(described) == 8
    assert set(described) <= set(ids)


def test_the_alternative_text_says_what_the_figure_shows(made, text):
    evaluation = made[1]
    assert f"Area {evaluation.metrics['roc_auc'].value:.3f}, between" in text
    selected = evaluation.sample.selected & evaluation.sample.is_agn
    assert f"{selected.sum()} galaxies labeled AGN and predicted AGN" in text


def test_one_class_alone_has_no_curves():
    table = galaxies()[["label", "p_agn"]]
    table = table[table["label"] == "SF"]
    names = [figure.name for figure in evaluation_figures(evaluate_table(table, bootstrap=FEW))]
    assert "roc" not in names
    assert "confusion" in names


def test_the_smallest_samples_have_a_page(tmp_path):
    table = Table({"label": ["AGN"], "p_agn": [0.2]})
    assert "This is a small sample" in written(tmp_path, table)


def test_the_page_says_what_was_not_asked_for(text):
    for words in ("--baseline", "No images were asked for", "No explanations were asked for"):
        assert words in text
    assert "The table has no column split" in text


def test_the_galleries_hold_the_most_telling_galaxies():
    p = np.array([0.99, 0.95, 0.52, 0.49, 0.05, 0.01, np.nan])
    is_agn = np.array([True, False, True, False, True, False, True])
    found = galleries(p, 0.5, is_agn=is_agn)
    assert found["Most confident AGN"][0] == 0
    assert found["Most confident SF"][0] == 5
    assert found["Most wrong: SF galaxies with a high p_agn"] == [1]
    assert found["Most wrong: AGN with a low p_agn"] == [4]
    assert found["Nearest the Threshold"][0] == 3
    assert all(6 not in members for members in found.values())
    assert list(galleries(p, 0.5)) == ["Most confident AGN", "Most confident SF", "Nearest the Threshold"]


def test_thumbnails_are_limited(monkeypatch):
    monkeypatch.setattr(pictures, "THUMBNAILS", 10)
    chosen = chosen_rows({"one": [99, 3], "two": [3, 50]}, 100)
    assert len(chosen) == 10
    assert {3, 50, 99} <= set(chosen)


def test_the_list_of_galaxies_is_limited_and_says_so(monkeypatch):
    from agnsf.report import evaluation_page

    monkeypatch.setattr(rows, "MOST_ROWS", 100)
    monkeypatch.setattr(evaluation_page, "MOST_ROWS", 100)
    assert len(rows.galaxy_rows(galaxies(), {"p_agn": None, "verdict": ["right"] * 120})["rows"]) == 100
    assert evaluation_page.rows_said(120).startswith("The first 100 of 120 galaxies")


def test_ten_thousand_galaxies_make_no_heavy_page(tmp_path):
    table = galaxies(10_000)
    table.keep_columns(["id", "ra", "dec", "label", "p_agn"])
    assert len(written(tmp_path, table)) < 4e6


def test_links_lead_to_the_viewer_by_coordinates():
    table = Table({"ra": [10.5, np.nan], "dec": [-2.25, 3.0]})
    (legacy, none), (sky, _) = rows.viewer_links(table), rows.viewer_links(table, "sdss")
    assert legacy.startswith("https://www.legacysurvey.org/viewer/?ra=10.500000&dec=-2.250000&")
    assert sky.startswith("https://skyserver.sdss.org/")
    assert none == ""


@pytest.fixture
def pictured(tmp_path):
    """A table whose galaxies have pictures in a folder, but for the last."""
    table = galaxies(12)[["id", "ra", "dec", "label", "p_agn"]]
    table["image"] = [f"{i}.png" for i in range(12)]
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(11):
        Image.fromarray(np.full((40, 40, 3), 20 * i, dtype=np.uint8)).save(folder / f"{i}.png")
    return table, load_image_source("folder", path=str(folder), pattern="{image}", color="skyserver")


def test_pictures_stand_beside_their_galaxies(tmp_path, pictured):
    table, source = pictured
    evaluation = evaluate_table(table, bootstrap=FEW)
    page = Page(report.write_evaluation(evaluation, tmp_path / "out", images=source).read_text(encoding="utf-8"))
    assert sorted(map(int, page.data["pictures"])) == list(range(11))
    for name in ("0", "10"):
        assert _gray(page.data["pictures"][name]) == pytest.approx(20 * int(name), abs=4)
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    for attrs in images:
        row = int(attrs["alt"].removeprefix("Cutout of ")) - 587722982830178312
        assert _gray(attrs["src"]) == pytest.approx(20 * row, abs=4)
    assert "There is no image of 1 galaxies." in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def _gray(url):
    import base64
    import io

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))).mean()


def test_a_classification_has_a_page_without_labels(tmp_path, pictured):
    table, source = pictured
    table["p_agn"] = MaskedColumn(table["p_agn"], mask=np.arange(12) == 11)
    table["predicted"] = np.where(table["p_agn"] >= 0.4, "AGN", "SF")
    table["image_status"] = ["ok"] * 11 + ["missing"]
    report.write_classification(table, tmp_path / "report.html", threshold=0.4, images=source)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert len(page.data["rows"]) == 12
    assert page.data["rows"][11][2] is None
    assert len(page.data["pictures"]) == 11
    assert re.search(r"missing</th><td class=\"n\">1<", text)
    assert "1 without p_agn" in text


def test_a_classification_without_any_image_still_has_a_page(tmp_path):
    table = Table({"p_agn": MaskedColumn([0.0, 0.0], mask=True), "image_status": ["missing", "outside"]})
    report.write_classification(table, tmp_path / "report.html", threshold=0.5)
    assert "2 without p_agn" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_page_needs_probabilities(tmp_path):
    with pytest.raises(ColumnError, match=r"needs the column\(s\) p_agn"):
        report.write_classification(Table({"id": ["a"]}), tmp_path / "report.html", threshold=0.5)
    assert not (tmp_path / "report.html").exists()


def test_the_command_writes_the_page_and_compares(tmp_path):
    first, second = (galaxies()[["id", "label", "p_agn", "z", "label_source"]] for _ in range(2))
    second["p_agn"] = 1 - second["p_agn"]
    paths = [tmp_path / "good.ecsv", tmp_path / "bad.ecsv"]
    for table, path in zip((first, second), paths, strict=True):
        catalogs.write_table(table, path)
    arguments = ["evaluate", *map(str, paths), "--by", "z,label_source", "--match", "z", "--resamples", "40"]
    result = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "ROC AUC" in result.output
    content = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert content["comparison"]["difference"]["bad"]["roc_auc"]["high"] < 0
    assert list(content["by"]) == ["z", "label_source"]
    assert content["matched"]["columns"] == ["z"]
    assert content["provenance"]["SHA-256 of good"] == catalogs.table_hash(
        catalogs.read_table(paths[0]), first.colnames
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--classifier", "model"], "need --images"),
        (["-I", "path=x"], "need --images"),
        (["--offline"], "need --images"),
        (["--radius", "measure"], "need --images"),
        (["--level", "1"], "--level"),
        (["--composites", "all"], "--composites"),
    ],
)
def test_wrong_usage_is_told_apart(tmp_path, arguments, words):
    result = CliRunner().invoke(main, ["evaluate", "table.fits", "-o", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert words in result.output


def test_the_command_shows_pictures_and_explains_a_model(tmp_path, pictured):
    table, source = pictured
    catalogs.write_table(table, tmp_path / "galaxies.ecsv")
    images = ["--images", "folder", "-I", f"path={source.path}", "-I", "pattern={image}", "-I", "color=skyserver"]
    arguments = ["evaluate", str(tmp_path / "galaxies.ecsv"), *images, "--classifier", "sdss", "--resamples", "40"]
    result = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path / "out"), "--quiet"])
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert set(content["explanations"]) == {"AGN", "SF"}
    assert len(content["provenance"]["SHA-256 of the model"]) == 64
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert len(page.data["pictures"]) == 11


def test_evaluating_loads_no_torch(tmp_path):
    catalogs.write_table(galaxies()[["label", "p_agn"]], tmp_path / "galaxies.ecsv")
    code = (
        "import sys; from agnsf.cli import main\n"
        f"main(['evaluate', {str(tmp_path / 'galaxies.ecsv')!r}, '-o', {str(tmp_path / 'out')!r}, '--resamples', '40'],"
        " standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
