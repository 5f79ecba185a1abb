# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The cutout cache by itself."""

import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agnsf import cache, files
from agnsf.cache import CutoutCache, Kept, default_folder

URL = "https://example.org/cutout?ra=10.0000001&dec=2.0000000"


@pytest.fixture
def kept(tmp_path):
    """Return a cache in a folder of its own."""
    return CutoutCache(tmp_path / "cache")


def _files(kept):
    return sorted(path for path in kept.folder.rglob("*") if path.is_file())


def test_answer_comes_back_as_it_was(kept):
    path = kept.keep(URL, b"\xff\xd8\xffan answer")
    assert kept.find(URL) == Kept(path, b"\xff\xd8\xffan answer", "")
    assert path.read_bytes() == b"\xff\xd8\xffan answer"
    assert path.suffix == ".jpeg"


@pytest.mark.parametrize(
    ("start", "suffix"),
    [(b"\xff\xd8\xff", ".jpeg"), (b"\x89PNG", ".png"), (b"SIMPLE  =", ".fits"), (b"BZh9", ".bz2"), (b"x", ".data")],
)
def test_file_is_named_by_its_kind(kept, start, suffix):
    assert kept.keep(URL, start + b"...").suffix == suffix


def test_nothing_is_found_where_nothing_was_kept(kept):
    assert kept.find(URL) is None
    assert not kept.folder.exists()


def test_requests_that_differ_in_the_seventh_decimal_are_different(kept):
    kept.keep(URL, b"one")
    assert kept.find(URL.replace("10.0000001", "10.0000002")) is None


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.data())
def test_file_that_is_damaged_anywhere_is_not_given_out(tmp_path_factory, data, draw):
    kept = CutoutCache(tmp_path_factory.mktemp("cache"))
    path = kept.keep(URL, data)
    place = draw.draw(st.integers(0, len(data) - 1))
    bit = 1 << draw.draw(st.integers(0, 7))
    path.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
    assert kept.find(URL) is None
    assert not path.exists()


@pytest.mark.parametrize("length", [0, 1, 5])
def test_file_that_is_cut_short_is_not_given_out(kept, length):
    path = kept.keep(URL, b"an answer")
    with path.open("rb+") as file:
        file.truncate(length)
    assert kept.find(URL) is None


def test_new_answer_replaces_the_old_one_but_not_what_was_linked_to_it(kept, tmp_path):
    path = kept.keep(URL, b"old")
    os.link(path, tmp_path / "exported")
    kept.keep(URL, b"new")
    assert kept.find(URL).data == b"new"
    assert (tmp_path / "exported").read_bytes() == b"old"
    assert len(_files(kept)) == 1


def test_place_outside_is_remembered_with_its_reason_until_an_answer_comes(kept):
    kept.keep_outside(URL, "the tile is flat")
    assert (kept.find(URL).data, kept.find(URL).outside) == (None, "the tile is flat")
    kept.keep(URL, b"an answer")
    assert (kept.find(URL).data, kept.find(URL).outside) == (b"an answer", "")
    kept.forget(URL)
    assert kept.find(URL) is None


def test_what_a_killed_process_leaves_is_ignored_and_cleared(kept):
    path = kept.keep(URL, b"an answer")
    (path.parent / f".0123456789ab.{path.name}").write_bytes(b"half")
    assert kept.find(URL).data == b"an answer"
    assert kept.info().files == 1
    kept.clear()
    assert _files(kept) == []


def test_info_counts_and_clear_removes_only_ours(kept):
    for number in range(20):
        kept.keep(f"{URL}{number}", b"x" * 10)
    kept.keep_outside(URL, "four")
    mine = kept.folder / "notes.txt"
    mine.write_text("of the user")
    info = kept.info()
    assert (info.files, info.outside, info.size) == (20, 1, 204)
    assert kept.clear() == info
    assert _files(kept) == [mine]
    assert kept.info().files == 0


def test_full_disk_is_an_error_that_leaves_the_old_answer(kept, monkeypatch):
    kept.keep(URL, b"old")

    class FullDisk(files.FileIO):
        def write(self, data):
            if self.tell():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data[:2])

    monkeypatch.setattr(files, "FileIO", FullDisk)
    with pytest.raises(OSError, match="cutout cache cannot be written: No space left") as caught:
        kept.keep(URL, b"new answer")
    assert caught.value.errno == errno.ENOSPC
    monkeypatch.undo()
    assert kept.find(URL).data == b"old"
    assert len(_files(kept)) == 1


def test_folder_that_was_cleared_meanwhile_is_made_again(kept, monkeypatch):
    kept.keep(URL, b"old")
    names = cache._finished

    def clear_after(place, key):
        found = names(place, key)
        CutoutCache(kept.folder).clear()
        return found

    monkeypatch.setattr(cache, "_finished", clear_after)
    kept.keep(URL, b"new")
    monkeypatch.undo()
    assert kept.find(URL).data == b"new"


def test_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="cutout cache cannot be written"):
        CutoutCache(tmp_path / "file").keep(URL, b"x")
    assert CutoutCache(tmp_path / "file").find(URL) is None


def test_threads_that_write_and_read_one_request_see_whole_answers(kept):
    answers = {bytes([number]) * 5000 for number in range(1, 9)}
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            found = kept.find(URL)
            if found is not None:
                seen.append(found.data)

    def write(data):
        for _ in range(30):
            kept.keep(URL, data)

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(data,)) for data in answers]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert set(seen) <= answers
    assert kept.find(URL).data in answers


def test_folder_is_that_of_the_settings_else_in_the_cache_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "agnsf").mkdir()
    assert default_folder() == tmp_path / "agnsf" / "cutouts"
    with cache.conf.set_temp("folder", "~/elsewhere"):
        assert default_folder() == Path.home() / "elsewhere"
        assert CutoutCache().folder == Path.home() / "elsewhere"
