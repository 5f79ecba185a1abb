# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pyarrow import parquet

from agnsf import catalogs
from agnsf.columns import COLUMNS, AgnsfWarning

SUFFIXES = ["fits", "fits.gz", "ecsv", "vot", "parquet", "csv"]
TEXT = {
    "id": ["587722982830178312", "1237650795683184714", "007", "x"],
    "label": ["SF", "composite", "AGN", "SF"],
    "subclass": ["Seyfert", "LINER", "composite", "x"],
    "split": ["train", "validation", "test", "test"],
    "image_status": ["ok", "partial", "bad_coordinates", "ok"],
    "predicted": ["AGN", "SF", "AGN", "SF"],
}
WHOLE = {"label_flag": np.int16, "unfamiliar": np.int8}
FIRST_AND_LAST = [True, False, False, True]


def column_of_ours(name):
    if name in TEXT:
        return MaskedColumn(TEXT[name], mask=FIRST_AND_LAST)
    if name in WHOLE:
        return MaskedColumn(np.array([1, 0, 1, 0], dtype=WHOLE[name]), mask=FIRST_AND_LAST)
    return MaskedColumn([0.1, 1 / 3, 2.5e-17, np.pi], mask=FIRST_AND_LAST)


def table_of_ours():
    new = {name: column_of_ours(name) for name in COLUMNS}
    return catalogs.add_columns(Table(), new, stage={"stage": "label", "note": 'it\'s "so" & more ' * 20})


def round_trip(table, path):
    catalogs.write_table(table, path)
    return catalogs.read_table(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_column_of_ours_survives_in_every_format(tmp_path, suffix):
    table = table_of_ours()
    table.meta["telescope"] = "SDSS 2.5m"
    found = round_trip(table, tmp_path / f"t.{suffix}")
    again = round_trip(found, tmp_path / f"again.{suffix}")
    assert found.colnames == again.colnames == list(COLUMNS)
    for name in COLUMNS:
        assert found[name].tolist() == again[name].tolist() == table[name].tolist()
        assert found[name].mask.tolist() == FIRST_AND_LAST
        assert found[name].dtype.kind == table[name].dtype.kind
        assert found[name].dtype.isnative
        assert found[name].unit == again[name].unit == table[name].unit
        assert found[name].description == table[name].description
    assert found.meta["AGNSF"] == again.meta["AGNSF"] == table.meta["AGNSF"]
    assert {key.lower(): value for key, value in again.meta.items()}["telescope"] == "SDSS 2.5m"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_chunks_give_the_same_rows_and_masks_as_reading_whole(tmp_path, suffix):
    table = table_of_ours()
    table["flag"] = MaskedColumn([True, False, True, True], mask=FIRST_AND_LAST)
    path = tmp_path / f"t.{suffix}"
    catalogs.write_table(table, path)
    for rows in (1, 3, 100):
        parts = list(catalogs.chunks(path, rows))
        assert [len(part) for part in parts] == [min(rows, 4 - start) for start in range(0, 4, rows)]
        for name in table.colnames:
            assert [value for part in parts for value in part[name].tolist()] == table[name].tolist()
        assert all(part.meta["AGNSF"] == table.meta["AGNSF"] for part in parts)
    assert catalogs.row_count(path) == 4


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_long_chunks_cross_the_blocks_in_which_fits_is_read(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("agnsf.catalogs._fits._BLOCK", 5)
    catalogs.write_table(Table({"n": np.arange(17)}), tmp_path / f"t.{suffix}")
    parts = list(catalogs.chunks(tmp_path / f"t.{suffix}", 2))
    assert [len(part) for part in parts] == [2] * 8 + [1]
    assert [n for part in parts for n in part["n"].tolist()] == list(range(17))


VALUES = [
    np.array([True, False, True]),
    np.array([-128, 127, 0], dtype=np.int8),
    np.array([0, 255, 7], dtype=np.uint8),
    np.array([-32768, 32767, 1], dtype=np.int16),
    np.array([0, 65535, 1], dtype=np.uint16),
    np.array([0, 2**32 - 1, 1], dtype=np.uint32),
    np.array([587722982830178312, 999999, -1]),
    np.array([-(2**63), 2**63 - 1, 1]),
    np.array([0.1, -0.0, 1e30], dtype=np.float32),
    np.array([1 / 3, 5e-324, -np.inf]),
    np.array([1.5, 2.5, 3.5], dtype=">f8"),
    np.array([1, 999999, 3], dtype=">i4"),
    np.array(["a b", "c,d", 'e"f']),
    np.array([b"padded  ", b"x", b"yz"]),
]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("mask", [[False, False, False], [True, False, True], [True, True, True]])
def test_values_of_every_type_survive(tmp_path, suffix, mask):
    table = Table([MaskedColumn(values, mask=mask) for values in VALUES], names=[f"x{i}" for i in range(len(VALUES))])
    found = round_trip(table, tmp_path / f"t.{suffix}")
    for name, values in zip(table.colnames, VALUES, strict=True):
        kind = values.dtype.kind
        expected = [one.strip() for one in values.astype(str).tolist()] if kind in "SU" else values.tolist()
        assert found[name].tolist() == [None if gone else one for one, gone in zip(expected, mask, strict=True)]
        assert found[name].dtype.kind in {"u": "ui", "S": "U"}.get(kind, kind)  # unsigned may have become wider
        assert found[name].dtype.itemsize >= values.dtype.itemsize or kind in "SU"


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "parquet", "csv"])
def test_whole_numbers_beyond_int64_stay_exact(tmp_path, suffix):
    values = np.array([2**64 - 1, 2**63, 5], dtype=np.uint64)
    found = round_trip(Table({"x": MaskedColumn(values, mask=[False, False, True])}), tmp_path / f"t.{suffix}")
    assert found["x"].tolist() == [2**64 - 1, 2**63, None]


def test_whole_numbers_beyond_int64_are_refused_by_votable(tmp_path):
    with pytest.raises(catalogs.TableFileError, match=r"'x'.*2\*\*63"):
        catalogs.write_table(Table({"x": np.array([2**63], dtype=np.uint64)}), tmp_path / "t.vot")


@pytest.mark.parametrize("dtype", [float, np.int32, bool])
@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet"])
def test_columns_of_vectors_survive(tmp_path, suffix, dtype):
    values = np.arange(12).reshape(3, 2, 2).astype(dtype)
    plain = round_trip(Table({"x": values}), tmp_path / f"plain.{suffix}")["x"]
    assert_array_equal(plain, values)
    if suffix == "vot" and dtype is bool:
        return
    mask = np.arange(12).reshape(3, 2, 2) % 3 == 0
    masked = round_trip(Table({"x": MaskedColumn(values, mask=mask)}), tmp_path / f"masked.{suffix}")["x"]
    assert_array_equal(masked.mask, mask)
    assert_array_equal(np.asarray(masked)[~mask], values[~mask])
    parts = [part["x"] for part in catalogs.chunks(tmp_path / f"masked.{suffix}", 2)]
    assert_array_equal(np.concatenate([np.ma.getmaskarray(part) for part in parts]), mask)


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "parquet"])
def test_columns_of_text_vectors_survive(tmp_path, suffix):
    values = MaskedColumn([["a", "bc"], ["d", "e"]], mask=[[True, False], [False, True]])
    assert round_trip(Table({"x": values}), tmp_path / f"t.{suffix}")["x"].tolist() == [[None, "bc"], ["d", None]]


@pytest.mark.parametrize("suffix, needle", [("csv", "dimensions"), ("vot", "arrays of text")])
def test_format_that_cannot_hold_a_column_names_it(tmp_path, suffix, needle):
    table = Table({"fine": [1, 2], "vectors": [["a", "b"], ["c", "d"]]})
    with pytest.raises(catalogs.TableFileError, match=f"'vectors'.*{needle}.*FITS"):
        catalogs.write_table(table, tmp_path / f"t.{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_masked_booleans_in_vectors_are_refused_by_votable(tmp_path):
    table = Table({"x": MaskedColumn([[True, False]], mask=[[True, False]])})
    with pytest.raises(catalogs.TableFileError, match=r"'x'.*booleans"):
        catalogs.write_table(table, tmp_path / "t.vot")


@pytest.mark.parametrize("suffix", ["ecsv", "vot", "parquet", "csv"])
def test_text_beyond_ascii_survives(tmp_path, suffix):
    assert round_trip(Table({"x": ["Stasińska", "é"]}), tmp_path / f"t.{suffix}")["x"].tolist() == ["Stasińska", "é"]


def test_text_beyond_ascii_is_refused_by_fits(tmp_path):
    with pytest.raises(catalogs.TableFileError, match=r"'x'.*ASCII"):
        catalogs.write_table(Table({"x": ["Stasińska"]}), tmp_path / "t.fits")


@pytest.mark.parametrize("suffix", ["fits", "ecsv", "parquet"])
def test_sky_coordinates_and_times_survive(tmp_path, suffix):
    table = Table(
        {"sky": SkyCoord([10.0, 20.0], [1.0, 2.0], unit="deg"), "when": Time([51630.5, 51631.5], format="mjd")}
    )
    found = round_trip(table, tmp_path / f"t.{suffix}")
    assert_array_equal(found["sky"].ra.deg, [10.0, 20.0])
    assert_array_equal(found["when"].mjd, [51630.5, 51631.5])
    assert [part["sky"].dec.deg.tolist() for part in catalogs.chunks(tmp_path / f"t.{suffix}", 1)] == [[1.0], [2.0]]


@pytest.mark.parametrize("suffix", ["vot", "csv"])
def test_sky_coordinates_become_two_columns_where_the_format_has_no_such_thing(tmp_path, suffix):
    table = Table({"sky": SkyCoord([10.0, 20.0], [1.0, 2.0], unit="deg")})
    found = catalogs.translate(round_trip(table, tmp_path / f"t.{suffix}"), ["ra", "dec"])
    assert_array_equal(found["ra"], [10.0, 20.0])
    assert_array_equal(found["dec"], [1.0, 2.0])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_quantities_keep_their_unit(tmp_path, suffix):
    found = round_trip(QTable({"d": [1.0, 2.0]}, units={"d": "Mpc"}), tmp_path / f"t.{suffix}")
    assert str(found["d"].unit) == "Mpc"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_table_without_rows_survives(tmp_path, suffix):
    table = Table({"ra": np.array([], dtype=float), "id": np.array([], dtype="U5")})
    found = round_trip(table, tmp_path / f"t.{suffix}")
    assert found.colnames == ["ra", "id"]
    assert len(found) == catalogs.row_count(tmp_path / f"t.{suffix}") == 0
    assert list(catalogs.chunks(tmp_path / f"t.{suffix}", 10)) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_writing_changes_nothing_in_the_table(tmp_path, suffix):
    table = table_of_ours()
    table["ra"].format = "%.3f"
    before = table.copy()
    catalogs.write_table(table, tmp_path / f"t.{suffix}")
    assert all(table[name].tolist() == before[name].tolist() for name in COLUMNS)
    assert table["ra"].format == "%.3f"
    assert table.meta == before.meta
    assert catalogs.read_table(tmp_path / f"t.{suffix}")["ra"].tolist() == before["ra"].tolist()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nan_and_empty_text_are_masked_in_every_format(tmp_path, suffix):
    found = round_trip(Table({"x": [np.nan, 1.0], "s": ["", "a"]}), tmp_path / f"t.{suffix}")
    assert found["x"].tolist() == [None, 1.0]
    assert found["s"].tolist() == [None, "a"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(st.none(), st.booleans()),
            st.one_of(st.none(), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)),
        ),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.parametrize("suffix", ["fits", "ecsv", "vot", "parquet", "csv"])
def test_any_values_survive(tmp_path_factory, suffix, rows):
    table = Table()
    for name, default, values in zip("fibs", (0.0, 0, False, ""), zip(*rows, strict=True), strict=True):
        data = [default if value is None else value for value in values]
        table[name] = MaskedColumn(data, mask=[value is None for value in values])
    found = round_trip(table, tmp_path_factory.getbasetemp() / f"any.{suffix}")
    assert all(found[name].tolist() == table[name].tolist() for name in "fibs")


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


def test_fits_written_by_agnsf_is_masked_for_astropy_too(tmp_path):
    whole = table_of_ours()
    whole.keep_columns(["label_flag", "p_agn", "label"])
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
    catalogs.write_table(table_of_ours(), tmp_path / "t.parquet")
    found = parquet.read_table(tmp_path / "t.parquet")
    assert found.column_names == list(COLUMNS)
    assert found["label"].to_pylist() == [None, "composite", "AGN", None]
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
