# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Files that are written as a whole or not at all."""

import errno
import os

import pytest

from agnsf import files
from agnsf.files import replacing, write_whole


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [True, False])
def test_file_gets_its_name_when_the_block_ends(tmp_path, durable):
    path = tmp_path / "table.fits"
    path.write_text("old")
    with replacing(path, durable=durable) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.name.endswith("table.fits")
    assert path.read_text() == "new"
    assert _names(tmp_path) == ["table.fits"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_block_that_fails_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "table.fits"
    path.write_text("old")

    def write_half():
        with replacing(path) as temporary:
            temporary.write_text("ne")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["table.fits"]


@pytest.mark.parametrize("durable", [True, False])
def test_block_that_writes_nothing_is_an_error(tmp_path, durable):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "table.fits", durable=durable):
        pass
    assert _names(tmp_path) == []


def test_link_is_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_missing_folder_and_folder_in_the_way_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"), replacing(tmp_path / "none" / "a.txt"):
        raise AssertionError("the block must not begin")
    with pytest.raises(IsADirectoryError, match="it is a folder"), replacing(tmp_path):
        raise AssertionError("the block must not begin")


def test_only_what_is_durable_waits_for_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    for durable in (True, False):
        with replacing(tmp_path / "a.txt", durable=durable) as temporary:
            temporary.write_text("a")
    assert len(synced) == 1


def test_several_may_write_one_file(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as first, replacing(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # its block ends last
    assert _names(tmp_path) == ["a.txt"]


def test_bytes_are_written_whole_in_place_of_what_was_there(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"", b"first", bytes(10**6)):
        write_whole(data, path)
        assert path.read_bytes() == data
    assert _names(tmp_path) == ["a.bin"]


def test_file_that_takes_a_piece_at_a_time_gets_all_of_it(tmp_path, monkeypatch):
    class Slow(files.FileIO):
        def write(self, data):
            return super().write(data[:3])

    monkeypatch.setattr(files, "FileIO", Slow)
    write_whole(b"0123456789", tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == b"0123456789"


def test_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    class Full(files.FileIO):
        def write(self, data):
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left")
            return super().write(data[:2])

    write_whole(b"old", tmp_path / "a.bin")
    monkeypatch.setattr(files, "FileIO", Full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(b"new", tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert _names(tmp_path) == ["a.bin"]


def test_link_that_is_written_over_leaves_its_target(tmp_path):
    (tmp_path / "target").write_bytes(b"target")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_whole(b"new", tmp_path / "link")
    assert (tmp_path / "target").read_bytes() == b"target"
    assert (tmp_path / "link").read_bytes() == b"new"
