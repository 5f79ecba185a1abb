# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Column, MaskedColumn, QTable, Table
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agnsf import catalogs
from agnsf.columns import AgnsfWarning, ColumnError

STAGE = {"stage": "label", "labelers": ["kauffmann2003"]}


def stages(table):
    return catalogs.provenance(table)["stages"]


def test_columns_are_added_to_a_new_table_that_shares_the_old_ones():
    table = Table({"ra": np.array([1.0, 2.0])}, meta={"note": ["a"]})
    new = catalogs.add_columns(table, {"p_agn": np.array([0.1, 0.2])}, stage=STAGE)
    assert table.colnames == ["ra"]
    assert table.meta == {"note": ["a"]}
    assert new.colnames == ["ra", "p_agn"]
    assert np.shares_memory(new["ra"], table["ra"])
    new.meta["note"].append("b")
    new["ra"].unit = "deg"
    assert table.meta == {"note": ["a"]}
    assert table["ra"].unit is None


def test_record_has_stage_columns_version_and_date():
    new = catalogs.add_columns(Table({"a": [1]}), {"label": ["SF"], "subclass": ["x"]}, stage=STAGE)
    assert isinstance(new.meta["AGNSF"], str)
    (record,) = json.loads(new.meta["AGNSF"])["stages"]
    assert record["stage"] == "label"
    assert record["labelers"] == ["kauffmann2003"]
    assert record["columns"] == ["label", "subclass"]
    assert record["version"]
    assert record["date"].endswith("+00:00")


def test_columns_of_ours_get_their_unit_and_description():
    new = catalogs.add_columns(Table(), {"log_nii_ha": [0.1], "novelty": [2.0], "mine": [1]}, stage=STAGE)
    assert new["log_nii_ha"].unit == "dex"
    assert new["log_nii_ha"].description == "log10 of [N II] 6584 over H-alpha."
    assert new["mine"].description is None


def test_description_of_the_new_column_comes_before_ours():
    new = catalogs.add_columns(Table(), {"p_agn": Column([0.5], description="by kauffmann2003")}, stage=STAGE)
    assert new["p_agn"].description == "by kauffmann2003"


def test_column_of_the_user_is_kept_under_another_name():
    table = Table({"label": ["mine"], "z": [0.1]})
    with pytest.warns(AgnsfWarning, match="'label', which agnsf did not write; it is kept as 'label_input'"):
        new = catalogs.add_columns(table, {"label": ["SF"]}, stage=STAGE)
    assert new["label"].tolist() == ["SF"]
    assert new["label_input"].tolist() == ["mine"]
    assert table.colnames == ["label", "z"]


def test_column_of_the_user_never_takes_the_place_of_another():
    table = Table({"label": ["mine"], "label_input": ["also mine"]})
    with pytest.warns(AgnsfWarning, match="label_input2"):
        new = catalogs.add_columns(table, {"label": ["SF"]}, stage=STAGE)
    assert new["label_input"].tolist() == ["also mine"]
    assert new["label_input2"].tolist() == ["mine"]


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_column_of_agnsf_is_replaced_in_place_also_after_a_file(tmp_path, suffix):
    table = catalogs.add_columns(Table({"a": [1]}), {"label": ["SF"], "label_flag": [0]}, stage=STAGE)
    catalogs.write_table(table, tmp_path / f"t.{suffix}")
    new = catalogs.add_columns(
        catalogs.read_table(tmp_path / f"t.{suffix}"), {"label": ["AGN"]}, stage={"stage": "again"}
    )
    assert new.colnames == ["a", "label", "label_flag"]
    assert new["label"].tolist() == ["AGN"]
    assert [(one["stage"], one["columns"]) for one in stages(new)] == [("label", ["label_flag"]), ("again", ["label"])]


def test_stage_of_which_no_column_is_left_is_forgotten():
    table = catalogs.add_columns(Table(), {"label": ["SF"]}, stage=STAGE)
    new = catalogs.add_columns(table, {"label": ["AGN"]}, stage={"stage": "again"})
    assert [one["stage"] for one in stages(new)] == ["again"]
    assert [one["stage"] for one in stages(table)] == ["label"]


@pytest.mark.parametrize("values", [[1, 2, 3], 5, np.ma.array([1], mask=[True])])
def test_column_of_another_length_is_refused(values):
    with pytest.raises(ColumnError, match="'p_agn' must have one value for each of the 2 rows"):
        catalogs.add_columns(Table({"a": [1, 2]}), {"p_agn": values}, stage=STAGE)


def test_masked_values_stay_masked():
    new = catalogs.add_columns(Table(), {"label": np.ma.array(["SF", "AGN"], mask=[True, False])}, stage=STAGE)
    assert isinstance(new["label"], MaskedColumn)
    assert new["label"].tolist() == [None, "AGN"]


def test_provenance_that_is_not_json_is_ignored_with_a_warning():
    with pytest.warns(AgnsfWarning, match="not JSON"):
        assert catalogs.provenance(Table(meta={"AGNSF": "{broken"})) == {}


@pytest.mark.parametrize(
    "url, kept",
    [
        ("https://user:secret@example.org/x", "https://example.org/x"),
        ("https://user@example.org/x", "https://example.org/x"),
        ("https://example.org/?token=secret&b=1", "https://example.org/?token=***&b=1"),
        ("https://example.org/?b=1&api_key=secret", "https://example.org/?b=1&api_key=***"),
        ("https://bucket/x?X-Amz-Signature=secret#top", "https://bucket/x?X-Amz-Signature=***#top"),
        ("https://example.org/a@b?layer=ls-dr10&ra=1.5", "https://example.org/a@b?layer=ls-dr10&ra=1.5"),
        ("tcp://me:secret@10.0.0.1:8786", "tcp://10.0.0.1:8786"),
    ],
)
def test_no_credentials_of_a_url_reach_the_provenance(url, kept):
    stage = {"stage": "fetch", "images": {"base_url": url, "list": [url, 1, None]}, "text": f"asked {url} twice"}
    record = stages(catalogs.add_columns(Table(), {"image_status": ["ok"]}, stage=stage))[0]
    assert "secret" not in json.dumps(record)
    assert record["images"] == {"base_url": kept, "list": [kept, 1, None]}
    assert record["text"] == f"asked {kept} twice"


@given(st.text())
def test_text_without_urls_is_recorded_as_it_is(text):
    if "://" not in text and "=" not in text:
        record = stages(catalogs.add_columns(Table(), {"a": [1]}, stage={"stage": text}))[0]
        assert record["stage"] == text


@settings(max_examples=30, deadline=None)
@example("'/")
@given(st.text("a '&\"\\/<\n\u00e9", max_size=300))
@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_provenance_of_any_text_survives_in_every_format(tmp_path_factory, suffix, text):
    table = catalogs.add_columns(Table(), {"a": [1]}, stage={"stage": "label", "note": text})
    path = tmp_path_factory.getbasetemp() / f"provenance.{suffix}"
    catalogs.write_table(table, path)
    found = catalogs.read_table(path)
    assert found.meta["AGNSF"] == table.meta["AGNSF"]
    assert catalogs.provenance(found)["stages"][0]["note"] == text


def test_hash_depends_on_values_masks_names_and_order():
    table = Table({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": MaskedColumn([1.0, 2.0], mask=[False, True])})
    found = [catalogs.table_hash(table, names) for names in (["a"], ["b"], ["c"], ["a", "b"], ["b", "a"], [])]
    assert len(set(found)) == len(found)
    assert catalogs.table_hash(table[::-1], ["a"]) != catalogs.table_hash(table, ["a"])
    assert all(len(one) == 64 for one in found)


def test_hash_does_not_depend_on_what_lies_under_the_mask_nor_on_the_machine():
    plain = Table({"x": MaskedColumn([1.0, 2.0], mask=[False, True]), "s": ["a", "bc"]})
    other = Table(
        {"x": MaskedColumn(np.array([1.0, 9.0], dtype=">f8"), mask=[False, True]), "s": np.array(["a", "bc"], "U9")}
    )
    assert catalogs.table_hash(plain, ["x", "s"]) == catalogs.table_hash(other, ["x", "s"])


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_hash_is_the_same_in_every_format(tmp_path, suffix):
    table = Table(
        {
            "id": [587722982830178312, 2],
            "x": MaskedColumn([1 / 3, 2.0], mask=[False, True]),
            "f": np.array([0.1, 0.2], dtype=np.float32),
            "s": MaskedColumn(["a", "bc"], mask=[True, False]),
            "b": [True, False],
            "flag": np.array([1, -1], dtype=np.int8),
        }
    )
    catalogs.write_table(table, tmp_path / f"t.{suffix}")
    found = catalogs.read_table(tmp_path / f"t.{suffix}")
    assert catalogs.table_hash(found, table.colnames) == catalogs.table_hash(table, table.colnames)


def test_hash_covers_long_tables_block_by_block(monkeypatch):
    monkeypatch.setattr("agnsf.catalogs._hash._BLOCK", 3)
    table = Table({"x": np.arange(10.0)})
    whole = catalogs.table_hash(table, ["x"])
    table["x"][7] = 0
    assert catalogs.table_hash(table, ["x"]) != whole


def test_hash_takes_coordinates_quantities_and_vectors():
    table = QTable({"sky": SkyCoord([1, 2], [3, 4], unit="deg"), "q": [1, 2] * u.m, "v": np.ones((2, 3))})
    first = catalogs.table_hash(table, table.colnames)
    table["v"][1, 2] = 5
    assert catalogs.table_hash(table, table.colnames) != first


def test_hash_of_a_missing_column_is_refused():
    with pytest.raises(ColumnError, match="needs the column"):
        catalogs.table_hash(Table({"a": [1]}), ["b"])
