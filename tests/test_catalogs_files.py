# Licensed under a 3-clause BSD style license - see LICENSE.rst

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pyarrow import parquet

from agnsf import catalogs
from agnsf.catalogs import _fits
from agnsf.columns import COLUMNS

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
def test_chunks_cross_the_blocks_in_which_files_are_read(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("agnsf.catalogs._blocks._BLOCK", 5)
    catalogs.write_table(Table({"n": np.arange(17)}), tmp_path / f"t.{suffix}")
    parts = list(catalogs.chunks(tmp_path / f"t.{suffix}", 2))
    assert [len(part) for part in parts] == [2] * 8 + [1]
    assert [n for part in parts for n in part["n"].tolist()] == list(range(17))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("numbers", [[], [0], [8], [1, 4, 5], [2, 3, 4, 8], list(range(9))])
def test_some_chunks_of_a_table_are_those_of_their_numbers(tmp_path, suffix, numbers, monkeypatch):
    monkeypatch.setattr("agnsf.catalogs._blocks._BLOCK", 5)
    monkeypatch.setattr("agnsf.catalogs._parquet._GROUP", 3)
    catalogs.write_table(Table({"n": np.arange(17)}), tmp_path / f"t.{suffix}")
    parts = list(catalogs.chunks(tmp_path / f"t.{suffix}", 2, numbers=iter(numbers)))
    assert [part["n"].tolist() for part in parts] == [list(range(17))[2 * n : 2 * n + 2] for n in numbers]


def test_row_groups_that_are_not_wanted_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("agnsf.catalogs._parquet._GROUP", 1000)
    monkeypatch.setattr("agnsf.catalogs._blocks._BLOCK", 500)
    path = tmp_path / "t.parquet"
    catalogs.write_table(Table({"n": np.arange(10_000)}), path)
    about, content = parquet.read_metadata(path), bytearray(path.read_bytes())
    for group in set(range(10)) - {4, 9}:  # whoever reads these will notice
        column = about.row_group(group).column(0)
        start = min(filter(None, (column.dictionary_page_offset, column.data_page_offset)))
        content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    with pytest.raises(OSError, match="thrift"):
        list(catalogs.chunks(path, 100, numbers=[39]))
    parts = list(catalogs.chunks(path, 100, numbers=[40, 49, 95]))
    assert [part["n"][0] for part in parts] == [4000, 4900, 9500]


def test_rows_of_a_fits_file_that_are_not_wanted_are_not_read(tmp_path, monkeypatch):
    path, real, read = tmp_path / "t.fits", _fits._part, []
    catalogs.write_table(Table({"n": np.arange(100_000)}), path)
    monkeypatch.setattr(_fits, "_part", lambda hdu, start, stop: read.append((start, stop)) or real(hdu, start, stop))
    parts = list(catalogs.chunks(path, 1000, numbers=[3, 4, 99]))
    assert [part["n"][0] for part in parts] == [3000, 4000, 99_000]
    assert read == [(3000, 5000), (99_000, 100_000)]


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


@pytest.mark.parametrize("suffix", ["fits", "parquet"])
def test_chunks_of_a_long_table_need_little_memory(tmp_path, suffix):
    rows = 800_000
    catalogs.write_table(Table({name: np.arange(rows, dtype=float) for name in "abcd"}), tmp_path / f"t.{suffix}")
    pa.default_memory_pool().release_unused()
    tracemalloc.start()
    try:
        total, arrow = 0.0, 0
        for part in catalogs.chunks(tmp_path / f"t.{suffix}", 1000):
            total += part["d"].sum()
            arrow = max(arrow, pa.total_allocated_bytes())
        peak = tracemalloc.get_traced_memory()[1] + arrow
    finally:
        tracemalloc.stop()
    assert total == rows * (rows - 1) / 2
    assert peak < 0.8 * rows * 4 * 8
