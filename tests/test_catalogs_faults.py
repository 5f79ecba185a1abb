# Licensed under a 3-clause BSD style license - see LICENSE.rst
import gzip
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from agnsf import catalogs
from agnsf.columns import AgnsfWarning

SUFFIXES = ["fits", "fits.gz", "ecsv", "vot", "parquet", "csv"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("function", [catalogs.read_table, catalogs.row_count, lambda path: catalogs.chunks(path, 10)])
def test_missing_file_is_named(tmp_path, function):
    with pytest.raises(FileNotFoundError, match=r"no file '.*nowhere\.fits'"):
        function(tmp_path / "nowhere.fits")


@pytest.mark.parametrize("name", ["picture.jpeg", "notes.txt", "galaxies.fits", "galaxies.parquet", "galaxies.csv"])
@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\0" * 100, b"\x1f\x8b\0"])
def test_file_that_is_no_table_is_refused_whatever_its_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(catalogs.TableFileError, match="not a table; expected FITS, ECSV, VOTable, Parquet or CSV"):
        catalogs.read_table(tmp_path / name)


@pytest.mark.parametrize("suffix", ["fits", "fits.gz", "vot", "parquet"])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_truncated_file_is_refused(tmp_path, suffix, kept):
    path = tmp_path / f"t.{suffix}"
    catalogs.write_table(Table({"name": [f"a{i}" for i in range(2000)], "x": np.arange(2000.0)}), path)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(catalogs.TableFileError, match=r"t\."):
        catalogs.read_table(path)
    with pytest.raises(catalogs.TableFileError, match=r"t\."):
        list(catalogs.chunks(path, 100))


@pytest.mark.parametrize(
    "name, text",
    [
        ("t.csv", "a,b\n1,2\n3\n"),
        ("t.csv", "a,a\n1,2\n"),
        ("t.ecsv", "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int64}\na b\n1 2\n"),
        ("t.vot", "<?xml version='1.0'?><VOTABLE><RESOURCE></VOTABLE>"),
        ("t.vot", "<?xml version='1.0'?><VOTABLE></VOTABLE>"),
    ],
)
def test_broken_text_formats_are_refused_with_the_name_of_the_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(catalogs.TableFileError, match=name):
        catalogs.read_table(tmp_path / name)


def test_csv_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes("name\nStasi\xf1ska\n".encode("latin-1"))
    with pytest.raises(catalogs.TableFileError, match=r"t\.csv"):
        catalogs.read_table(tmp_path / "t.csv")


def test_fits_image_is_refused_with_what_the_file_has(tmp_path):
    fits.writeto(tmp_path / "image.fits", np.zeros((4, 4)))
    with pytest.raises(catalogs.TableFileError, match=r"holds no table; it has PRIMARY"):
        catalogs.read_table(tmp_path / "image.fits")


def test_further_tables_of_a_fits_file_are_left_with_a_warning(tmp_path):
    hdus = [fits.PrimaryHDU(), *(fits.BinTableHDU(Table({name: [1]}), name=name) for name in "ab")]
    fits.HDUList(hdus).writeto(tmp_path / "two.fits")
    with pytest.warns(AgnsfWarning, match="holds 2 tables; the first, 'A', is read, not B"):
        assert catalogs.read_table(tmp_path / "two.fits").colnames == ["a"]


@pytest.mark.parametrize("name", ["t.fits", "t.csv", "t.vot"])
def test_file_is_recognized_by_its_content_before_its_name(tmp_path, name):
    catalogs.write_table(Table({"a": [1, 2]}), tmp_path / "t.parquet")
    (tmp_path / "t.parquet").rename(tmp_path / name)
    assert catalogs.read_table(tmp_path / name)["a"].tolist() == [1, 2]


@pytest.mark.parametrize("suffix", ["ecsv", "csv", "vot"])
def test_gzipped_text_is_read(tmp_path, suffix):
    catalogs.write_table(Table({"a": [1, 2]}), tmp_path / f"t.{suffix}")
    (tmp_path / f"z.{suffix}.gz").write_bytes(gzip.compress((tmp_path / f"t.{suffix}").read_bytes()))
    assert catalogs.read_table(tmp_path / f"z.{suffix}.gz")["a"].tolist() == [1, 2]


def test_unknown_suffix_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(catalogs.TableFileError, match=r"should end in one of \.fits, \.ecsv, \.vot, \.parquet, \.csv"):
        catalogs.write_table(Table({"a": [1]}), tmp_path / "t.docx")
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_folder_is_named(tmp_path, suffix):
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*nowhere'"):
        catalogs.write_table(Table({"a": [1]}), tmp_path / "nowhere" / f"t.{suffix}")


def test_folder_in_place_of_the_file_is_named(tmp_path):
    (tmp_path / "t.fits").mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        catalogs.write_table(Table({"a": [1]}), tmp_path / "t.fits")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_existing_file_is_replaced(tmp_path, suffix):
    for value in (1, 2):
        catalogs.write_table(Table({"a": [value]}), tmp_path / f"t.{suffix}")
    assert catalogs.read_table(tmp_path / f"t.{suffix}")["a"].tolist() == [2]
    assert len(names(tmp_path)) == (2 if suffix == "csv" else 1)


def test_link_is_followed(tmp_path):
    catalogs.write_table(Table({"a": [1]}), tmp_path / "target.fits")
    (tmp_path / "link.fits").symlink_to(tmp_path / "target.fits")
    catalogs.write_table(Table({"a": [2]}), tmp_path / "link.fits")
    assert (tmp_path / "link.fits").is_symlink()
    assert catalogs.read_table(tmp_path / "target.fits")["a"].tolist() == [2]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_interrupted_writing_leaves_the_old_file_and_nothing_else(tmp_path, suffix, fault, monkeypatch):
    path = tmp_path / f"t.{suffix}"
    catalogs.write_table(Table({"a": [1]}), path)
    before, there = path.read_bytes(), names(tmp_path)

    def fail(self, target):
        raise fault

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(fault if isinstance(fault, type) else OSError):
        catalogs.write_table(Table({"a": [2]}), path)
    assert path.read_bytes() == before
    assert names(tmp_path) == there


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from astropy.table import Table
from agnsf import catalogs
table = Table({"x": np.random.default_rng(1).random(20000), "ok": np.ma.array(np.ones(20000, bool), mask=True)})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))
for suffix in sys.argv[2:]:
    try:
        catalogs.write_table(table, Path(sys.argv[1]) / f"t.{suffix}")
    except OSError:
        print(suffix)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_full_disk_leaves_nothing_behind(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), *SUFFIXES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == SUFFIXES, done.stderr
    assert names(tmp_path) == []


def test_rows_of_a_chunk_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="rows must be at least 1, not 0"):
        catalogs.chunks(tmp_path / "t.fits", 0)
