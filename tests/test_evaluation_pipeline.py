# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner
from sklearn.metrics import accuracy_score, roc_auc_score

import agnsf
from agnsf import catalogs
from agnsf.cli import main
from agnsf.columns import ColumnError
from agnsf.evaluation import METRICS, EvaluationError


def galaxies(n=300, seed=0):
    rng = np.random.default_rng(seed)
    is_agn = rng.permutation(np.arange(n) < 0.4 * n)
    label = np.where(is_agn, np.where(rng.random(n) < 0.5, "AGN", "composite"), "SF")
    p_agn = 1 / (1 + np.exp(-rng.normal(np.where(is_agn, 1.0, -1.0), 1.3)))
    split = rng.choice(["train", "validation", "test"], n, p=[0.2, 0.4, 0.4])
    objid = np.array([str(587722982830178312 + i) for i in range(n)])
    return Table({"id": objid, "label": label, "p_agn": p_agn, "split": split})


def test_only_test_rows_are_reported_and_the_threshold_comes_from_validation():
    table = galaxies()
    found = agnsf.evaluate(table)
    test, validation = (table[table["split"] == part] for part in ("test", "validation"))
    is_agn = test["label"] != "SF"
    assert found.metrics["roc_auc"].value == pytest.approx(roc_auc_score(is_agn, test["p_agn"]))
    assert found.metrics["roc_auc"].n == len(test)
    best = max(
        accuracy_score(validation["label"] != "SF", validation["p_agn"] >= threshold)
        for threshold in [0, *validation["p_agn"]]
    )
    assert accuracy_score(validation["label"] != "SF", validation["p_agn"] >= found.sample.threshold) == best
    assert found.metrics["accuracy"].value == accuracy_score(is_agn, test["p_agn"] >= found.sample.threshold)
    assert found.sample.left_out == {
        "split train": int((table["split"] == "train").sum()),
        "split validation": len(validation),
    }


def test_a_table_without_a_split_is_told_so():
    table = galaxies()
    del table["split"]
    found = agnsf.evaluate(table)
    assert found.sample.threshold == 0.5
    assert "no column split" in found.sample.notes[0]
    assert found.metrics["accuracy"].n == 300


def test_masked_and_unclassifiable_rows_are_counted_and_left_out():
    table = galaxies(40)
    del table["split"]
    table["label"] = MaskedColumn(table["label"], mask=np.arange(40) < 5)
    table["label"][5:8] = "retired"
    p_agn = np.array(table["p_agn"])
    p_agn[8] = np.nan
    table["p_agn"] = MaskedColumn(p_agn, mask=np.arange(40) == 9)
    found = agnsf.evaluate(table)
    assert found.sample.left_out == {"no class": 8, "no p_agn": 2}
    assert found.sample.rows.tolist() == list(range(10, 40))


@pytest.mark.parametrize(("composites", "n_agn_kept"), [("agn", "both"), ("sf", "agn only"), ("drop", "agn only")])
def test_composites_count_as_asked(composites, n_agn_kept):
    table = galaxies()
    del table["split"]
    found = agnsf.evaluate(table, composites=composites)
    expected = (table["label"] == "AGN").sum() + (n_agn_kept == "both") * (table["label"] == "composite").sum()
    assert found.sample.is_agn.sum() == expected
    assert len(found.sample.rows) == 300 - (composites == "drop") * (table["label"] == "composite").sum()


def test_the_threshold_that_was_in_use_is_that_of_the_report():
    table = galaxies()
    p_agn = table["p_agn"].copy()
    del table["p_agn"]
    classified = catalogs.add_columns(table, {"p_agn": p_agn}, stage={"stage": "classify", "threshold": 0.73})
    assert agnsf.evaluate(classified).sample.threshold == 0.73


def test_the_threshold_in_use_says_nothing_of_another_column():
    table = galaxies()
    table.rename_column("p_agn", "mine")
    classified = catalogs.add_columns(table, {"p_agn": table["mine"]}, stage={"stage": "classify", "threshold": 0.73})
    assert agnsf.evaluate(classified, columns={"p_agn": "mine"}).sample.threshold != 0.73


def test_the_table_is_not_changed():
    table = galaxies()
    before = table.copy()
    agnsf.evaluate(table)
    assert table.colnames == before.colnames
    assert all((table[name] == before[name]).all() for name in table.colnames)


def all_rows_for_training(table):
    table["split"] = "train"


def all_labels_masked(table):
    table["label"] = MaskedColumn(table["label"], mask=True)


def no_rows(table):
    table.remove_rows(slice(None))


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (all_rows_for_training, EvaluationError, "nothing left to evaluate on"),
        (all_labels_masked, EvaluationError, "No row of the table can be evaluated: 300 with no class"),
        (no_rows, EvaluationError, "No row of the table can be evaluated"),
        (lambda table: table.remove_column("p_agn"), ColumnError, "needs the column.s. p_agn; the table has id, label"),
        (
            lambda table: table.__setitem__("p_agn", 1.5),
            ColumnError,
            "'p_agn' must be between 0 and 1; 300 rows are not",
        ),
        (
            lambda table: table.__setitem__("split", "holdout"),
            ColumnError,
            "must hold train, validation, test; found 'holdout'",
        ),
        (lambda table: table.__setitem__("label", "quasar"), ColumnError, "quasar"),
    ],
)
def test_a_table_that_cannot_be_evaluated_says_why(spoil, error, message):
    table = galaxies()
    spoil(table)
    with pytest.raises(error, match=message):
        agnsf.evaluate(table)


def test_the_command_writes_every_metric(tmp_path):
    table = galaxies()
    catalogs.write_table(table, tmp_path / "galaxies.ecsv")
    result = CliRunner().invoke(main, ["evaluate", str(tmp_path / "galaxies.ecsv"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    expected = agnsf.evaluate(table).metrics
    for name in METRICS:
        assert found[name] == expected[name].as_dict()
    rows = Table.read(tmp_path / "out" / "metrics.ecsv")
    headline = rows[rows["section"] == "all"]
    assert headline["metric"].tolist() == list(METRICS)
    assert headline["value"].tolist() == [expected[name].value for name in METRICS]


def test_the_command_says_in_one_line_what_is_wrong(tmp_path):
    table = galaxies()
    del table["label"]
    catalogs.write_table(table, tmp_path / "galaxies.ecsv")
    result = CliRunner().invoke(main, ["evaluate", str(tmp_path / "galaxies.ecsv"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert (
        result.output.strip().splitlines()
        == ["Error: Training or evaluation needs the column(s) label; the table has id, p_agn, split"]
        or "label" in result.output
    )
    assert not (tmp_path / "out").exists()
