# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.utils.masked import Masked
from pyarrow import parquet

from agnsf import catalogs
from agnsf.columns import AgnsfWarning

FIRST_AND_LAST = [True, False, True]


def small_table():
    new = {
        "label": MaskedColumn(["x", "composite", "x"], mask=FIRST_AND_LAST),
        "label_flag": MaskedColumn(np.array([1, 0, 1], dtype=np.int16), mask=FIRST_AND_LAST),
        "p_agn": MaskedColumn([0.1, 1 / 3, 0.2], mask=FIRST_AND_LAST),
        "ra": [1.0, 2.0, 3.0],
    }
    return catalogs.add_columns(Table(), new, stage={"stage": "label", "note": "long " * 40})


def round_trip(table, path):
    catalogs.write_table(table, path)
    return catalogs.read_table(path)


def test_fits_of_others_is_read_with_its_nulls(tmp_path):
    flags = fits.Column("ok", "L", array=np.array([True, False]))
    padded = fits.Column("name", "6A", array=np.array([b"M31   ", b""]))
    whole = fits.Column("n", "J", array=np.array([-1, 5]), null=-1)
    fits.BinTableHDU.from_columns([flags, padded, whole]).writeto(tmp_path / "t.fits")
    table = catalogs.read_table(tmp_path / "t.fits")
    assert table["name"].tolist() == ["M31", None]
    assert table["n"].tolist() == [None, 5]
    assert table["ok"].tolist() == [True, False]
    assert all(table[name].dtype.isnative for name in table.colnames)


def test_ascii_tables_of_fits_are_read(tmp_path):
    columns = [fits.Column("name", "A5", array=["M31", "M33"]), fits.Column("z", "F8.4", array=[-0.001, -0.0006])]
    fits.TableHDU.from_columns(columns).writeto(tmp_path / "t.fits")
    table = catalogs.read_table(tmp_path / "t.fits")
    assert table["name"].tolist() == ["M31", "M33"]
    assert table["z"].tolist() == [-0.001, -0.0006]
    assert [part["z"].tolist() for part in catalogs.chunks(tmp_path / "t.fits", 1)] == [[-0.001], [-0.0006]]


def test_scaled_columns_of_fits_are_read_as_what_they_mean(tmp_path):
    hdu = fits.BinTableHDU(Table({"x": np.array([3, 5], dtype=np.int16), "n": np.array([0, 65535], dtype=np.uint16)}))
    hdu.writeto(tmp_path / "t.fits")
    fits.setval(tmp_path / "t.fits", "TSCAL1", value=0.5, ext=1)
    expected = Table.read(tmp_path / "t.fits")
    table = catalogs.read_table(tmp_path / "t.fits")
    assert table["x"].tolist() == expected["x"].tolist() == [1.5, 2.5]
    assert table["n"].tolist() == expected["n"].tolist() == [0, 65535]


@pytest.mark.parametrize(
    "values", [np.arange(256, dtype=np.uint8), np.array([-32768, 32767, 5, -32767], dtype=np.int16)]
)
def test_no_value_of_a_masked_column_is_taken_for_the_null_of_fits(tmp_path, values):
    mask = np.arange(len(values) + 1) == len(values)
    column = MaskedColumn(np.append(values, values[:1]), mask=mask)
    found = round_trip(Table({"x": column}), tmp_path / "t.fits")["x"]
    assert found.tolist() == [*values.tolist(), None]


def test_units_of_other_standards_are_understood(tmp_path):
    table = Table({"x": [1.0], "y": [1.0]})
    table.write(tmp_path / "t.vot", format="votable")
    text = (tmp_path / "t.vot").read_text()
    for name, unit in (("x", "0.1nm"), ("y", "furlongs")):
        text = text.replace(f'ID="{name}"', f'ID="{name}" unit="{unit}"')
    (tmp_path / "t.vot").write_text(text)
    found = catalogs.read_table(tmp_path / "t.vot")
    assert found["x"].unit.to("Angstrom") == pytest.approx(1.0)
    assert str(found["y"].unit) == "furlongs"


def test_checksum_of_one_file_is_not_that_of_the_next(tmp_path):
    fits.BinTableHDU(Table({"a": [1]})).writeto(tmp_path / "t.fits", checksum=True)
    catalogs.write_table(catalogs.read_table(tmp_path / "t.fits"), tmp_path / "again.fits")
    assert "CHECKSUM" in fits.getheader(tmp_path / "t.fits", 1)
    assert "CHECKSUM" not in fits.getheader(tmp_path / "again.fits", 1)


def test_fits_written_by_agnsf_is_masked_for_astropy_too(tmp_path):
    whole = small_table()
    catalogs.write_table(whole, tmp_path / "t.fits")
    table = Table.read(tmp_path / "t.fits")
    assert table["label"].mask.tolist() == FIRST_AND_LAST
    assert table["label_flag"].mask.tolist() == FIRST_AND_LAST
    assert table["p_agn"].mask.tolist() == FIRST_AND_LAST
    cards = fits.getheader(tmp_path / "t.fits", 1).tostring(sep="\n")
    assert "AGNSF   = " in cards
    assert "\nCONTINUE  " in cards


def test_variable_length_arrays_of_fits_survive(tmp_path):
    arrays = np.array([np.arange(2, dtype="f4"), np.arange(3, dtype="f4")], dtype=object)
    fits.BinTableHDU.from_columns([fits.Column("v", "PE()", array=arrays)]).writeto(tmp_path / "t.fits")
    found = round_trip(catalogs.read_table(tmp_path / "t.fits"), tmp_path / "again.fits")
    assert [value.tolist() for value in found["v"]] == [[0, 1], [0, 1, 2]]
    parts = list(catalogs.chunks(tmp_path / "again.fits", 1))
    assert [part["v"][0].tolist() for part in parts] == [[0, 1], [0, 1, 2]]


def test_parquet_of_others_is_read_with_its_nulls(tmp_path):
    columns = {
        "label": pa.array(["SF", None, "AGN"]).dictionary_encode(),
        "flag": pa.array([1, None, 3], pa.int16()),
        "lists": pa.array([[1, 2], None, [3]]),
        "nothing": pa.nulls(3),
    }
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=2)
    table = catalogs.read_table(tmp_path / "t.parquet")
    assert table["label"].tolist() == ["SF", None, "AGN"]
    assert table["flag"].dtype == np.int16
    assert table["flag"].tolist() == [1, None, 3]
    assert table["nothing"].tolist() == [None, None, None]
    again = round_trip(table, tmp_path / "again.parquet")
    assert again["lists"].tolist() == [[1, 2], None, [3]]


def test_parquet_written_by_agnsf_has_true_nulls_and_no_further_columns(tmp_path):
    catalogs.write_table(small_table(), tmp_path / "t.parquet")
    found = parquet.read_table(tmp_path / "t.parquet")
    assert found.column_names == ["label", "label_flag", "p_agn", "ra"]
    assert found["label"].to_pylist() == [None, "composite", None]
    assert str(Table.read(tmp_path / "t.parquet")["ra"].unit) == "deg"


def test_csv_without_the_json_beside_it_keeps_every_digit(tmp_path):
    text = "#Table1\nobjid,specobjid,zeros,ra, name ,z\n587722982830178312,18446744073709551615,007,1.5e2, M 31 ,null\n"
    (tmp_path / "t.csv").write_text("\ufeff" + text + "1,2,011,-3,,0.1\n", encoding="utf-8")
    table = catalogs.read_table(tmp_path / "t.csv")
    assert table.colnames == ["objid", "specobjid", "zeros", "ra", "name", "z"]
    assert table["objid"].tolist() == [587722982830178312, 1]
    assert table["specobjid"].tolist() == [18446744073709551615, 2]
    assert table["zeros"].tolist() == ["007", "011"]
    assert table["ra"].tolist() == [150.0, -3.0]
    assert table["name"].tolist() == ["M 31", None]
    assert table["z"].tolist() == [None, 0.1]


def test_csv_that_was_edited_is_read_by_what_it_holds_now(tmp_path):
    catalogs.write_table(Table({"n": [1, 2]}), tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("n,m\n1.5,2\nx,3\n")
    table = catalogs.read_table(tmp_path / "t.csv")
    assert table["n"].tolist() == ["1.5", "x"]
    assert table["m"].tolist() == [2, 3]


def test_json_of_another_program_beside_a_csv_is_ignored(tmp_path):
    (tmp_path / "t.csv").write_text("n\n1\n")
    (tmp_path / "t.csv.json").write_text(json.dumps(["not", "ours"]))
    assert catalogs.read_table(tmp_path / "t.csv")["n"].tolist() == [1]


def test_metadata_that_a_format_cannot_hold_is_named(tmp_path):
    table = Table({"a": [1]}, meta={"odd": {"deep": 1}, "fine": 2})
    with pytest.warns(AgnsfWarning, match="metadata odd"):
        catalogs.write_table(table, tmp_path / "t.fits")
    assert catalogs.read_table(tmp_path / "t.fits").meta["FINE"] == 2
    table.meta["odd"] = object()
    with pytest.warns(AgnsfWarning, match="metadata odd"):
        catalogs.write_table(table, tmp_path / "t.vot")
    assert catalogs.read_table(tmp_path / "t.vot").meta["fine"] == 2


def test_reading_gives_plain_columns_where_nothing_is_masked(tmp_path):
    found = round_trip(Table({"a": [1.0, 2.0]}), tmp_path / "t.fits")
    assert type(found["a"]) is Column


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_quantities_and_masked_arrays_become_columns(tmp_path, suffix):
    table = QTable({"a": [1.0, 2.0] * u.m, "b": Masked([1.0, 2.0] * u.s, mask=[True, False])})
    table["c"] = Masked(np.array([1, 2]), mask=[False, True])
    found = round_trip(table, tmp_path / f"t.{suffix}")
    assert [found[name].tolist() for name in "abc"] == [[1.0, 2.0], [None, 2.0], [1, None]]
    assert [str(found[name].unit) for name in "ab"] == ["m", "s"]
    assert isinstance(table["b"], u.Quantity)


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_objects_that_are_text_become_text(tmp_path, suffix):
    table = Table({"a": np.array(["x", None, "yz"], dtype=object), "b": np.array([None, None, None], dtype=object)})
    found = round_trip(table, tmp_path / f"t.{suffix}")
    assert found["a"].tolist() == ["x", None, "yz"]
    assert found["b"].tolist() == [None, None, None]
    assert table["a"].dtype == object


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "csv"])
def test_other_objects_are_refused(tmp_path, suffix):
    table = Table({"odd": np.array([{1, 2}, object()], dtype=object)})
    with pytest.raises(catalogs.TableFileError, match=r"odd|hold the table"):
        catalogs.write_table(table, tmp_path / f"t.{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "meta",
    [
        {"a key with spaces": 1},
        {"long_key_name": "v" * 200},
        {"note": "it's & " * 30 + "."},
        {"nothing": None},
        {"yes": True},
        {"comments": ["one", "two"]},
        {"HISTORY": ["one", "two"]},
        {"numbers": [1, 2]},
    ],
    ids=lambda meta: next(iter(meta)),
)
@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_metadata_survive(tmp_path, suffix, meta):
    found = round_trip(Table({"a": [1]}, meta=meta), tmp_path / f"t.{suffix}").meta
    assert {key.lower(): value for key, value in found.items()} == {key.lower(): value for key, value in meta.items()}


@pytest.mark.parametrize("meta", [{"x" * 80: 1}, {"\u00e9": 1}, {"k": "\u00e9"}, {"k": "a\nb"}, {"k": float("nan")}])
def test_metadata_that_no_card_can_hold_do_not_stop_fits(tmp_path, meta):
    with pytest.warns(AgnsfWarning, match="FITS cannot hold the metadata"):
        catalogs.write_table(Table({"a": [1]}, meta=meta), tmp_path / "t.fits")
    assert catalogs.read_table(tmp_path / "t.fits")["a"].tolist() == [1]


def test_info_of_another_program_in_a_votable_is_ignored(tmp_path):
    catalogs.write_table(Table({"a": [1]}, meta={"fine": 2}), tmp_path / "t.vot")
    text = (tmp_path / "t.vot").read_text().replace('value="2"', 'value="{not json"')
    (tmp_path / "t.vot").write_text(text)
    assert "fine" not in catalogs.read_table(tmp_path / "t.vot").meta
