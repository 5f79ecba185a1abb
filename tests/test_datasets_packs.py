# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts packed once: in memory, on disk, interrupted, damaged."""

import json
import threading
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from astropy.table import Table

import agnsf
from agnsf.cutouts import Framing
from agnsf.datasets import PackError, open_pack, pack


@dataclass(frozen=True)
class Flat(agnsf.ImageSource):
    """Give pictures of one color, and count how often each is asked for."""

    broken: tuple[int, ...] = ()
    down: tuple[int, ...] = ()

    name = "flat"
    needs = ()
    color = "legacysurvey"
    connections = 1
    asked: ClassVar[list] = []
    lock: ClassVar = threading.Lock()

    def cutout(self, row, *, size, pixel_scale):
        with self.lock:
            self.asked.append(row["number"])
        if row["number"] in self.broken:
            raise agnsf.CutoutError("corrupt", "no image at all")
        if row["number"] in self.down:
            raise agnsf.CutoutError("server_error", "come back later")
        return agnsf.Cutout(np.full((size, size, 3), row["number"], np.uint8))


@pytest.fixture(autouse=True)
def _nobody_asked(monkeypatch):
    monkeypatch.setattr(Flat, "asked", [])


@pytest.fixture
def table():
    return Table({"number": np.arange(40), "name": [f"g{n}" for n in range(40)], "pair": np.ones((40, 2))})


_SMALL = {"size": 8, "framing": Framing(size=12)}


def test_pack_in_memory_has_the_rows_in_order(table):
    packed = pack(table, Flat(), **_SMALL)
    assert packed.images.shape == (40, 8, 8, 3)
    assert packed.images[:, 4, 4, 1].tolist() == list(range(40))
    assert packed.usable.all()
    assert (packed.input, packed.size) == ("rgb", 8)
    assert packed.recipe["source"] == "flat"
    assert packed.recipe["color"] == "legacysurvey"
    assert "image_status" not in table.colnames


def test_row_without_image_is_zero_and_says_why(table):
    packed = pack(table, Flat(broken=(3,)), **_SMALL)
    assert packed.table["image_status"][3] == "corrupt"
    assert packed.table["image_message"][3] == "no image at all"
    assert np.flatnonzero(~packed.usable).tolist() == [3]
    assert not packed.images[3].any()
    assert packed.table["image_message"].mask.sum() == 39


def test_pack_on_disk_opens_as_it_was_made(table, tmp_path):
    made = pack(table, Flat(broken=(0, 39)), folder=tmp_path / "pack", **_SMALL)
    opened = open_pack(tmp_path / "pack")
    np.testing.assert_array_equal(opened.images, made.images)
    assert isinstance(opened.images, np.memmap)
    assert opened.table["image_status"].tolist() == made.table["image_status"].tolist()
    assert opened.table["name"].tolist() == table["name"].tolist()
    assert opened.recipe == made.recipe
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == ["cutouts.npy", "pack.json", "table.parquet"]


def test_finished_pack_is_not_made_again(table, tmp_path):
    pack(table, Flat(), folder=tmp_path, **_SMALL)
    Flat.asked.clear()
    assert pack(table, Flat(), folder=tmp_path, **_SMALL).usable.all()
    assert Flat.asked == []


def _interrupt(table, folder, monkeypatch, *, after, source=None):
    from agnsf.datasets import stores

    put = stores.FileStore.put
    count = []

    def put_some(self, *outcome):
        if len(count) == after:
            raise OSError(28, "No space left on device")
        count.append(1)
        put(self, *outcome)

    with monkeypatch.context() as patched:
        patched.setattr(stores.FileStore, "put", put_some)
        with pytest.raises(OSError, match="No space left"):
            pack(table, source or Flat(), folder=folder, **_SMALL)


def test_full_disk_stops_and_the_next_attempt_goes_on(table, tmp_path, monkeypatch):
    _interrupt(table, tmp_path, monkeypatch, after=25)
    with pytest.raises(PackError, match=r"no finished pack: it has no pack\.json"):
        open_pack(tmp_path)
    Flat.asked.clear()
    packed = pack(table, Flat(), folder=tmp_path, **_SMALL)
    assert len(Flat.asked) == 15
    assert packed.images[:, 0, 0, 0].tolist() == list(range(40))


def test_failure_that_passes_is_tried_again_and_one_that_does_not_is_kept(table, tmp_path, monkeypatch):
    source = Flat(broken=(1,), down=(2, 5))
    _interrupt(table, tmp_path, monkeypatch, after=39, source=source)
    Flat.asked.clear()
    statuses = pack(table, source, folder=tmp_path, **_SMALL).table["image_status"]
    assert {2, 5} <= set(Flat.asked)
    assert 1 not in Flat.asked
    assert (statuses[1], statuses[2]) == ("corrupt", "server_error")


def test_last_line_of_a_killed_journal_is_ignored(table, tmp_path, monkeypatch):
    _interrupt(table, tmp_path, monkeypatch, after=25)
    with (tmp_path / "journal.jsonl").open("a") as journal:
        journal.write('[30, "ok"')
    assert pack(table, Flat(), folder=tmp_path, **_SMALL).images[30, 0, 0, 0] == 30


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("other", ["table", "size", "option"])
def test_pack_of_something_else_is_refused(table, tmp_path, monkeypatch, finished, other):
    if finished:
        pack(table, Flat(), folder=tmp_path, **_SMALL)
    else:
        _interrupt(table, tmp_path, monkeypatch, after=5)
    changed = table.copy()
    changed["number"][0] = 99
    options = {"table": {}, "size": {"size": 9}, "option": {}}[other]
    source = Flat(broken=(7,)) if other == "option" else Flat()
    with pytest.raises(PackError, match="another table, image source or size"):
        pack(changed if other == "table" else table, source, folder=tmp_path, **{**_SMALL, **options})


@dataclass(frozen=True)
class Flux(agnsf.ImageSource):
    """Give flux images."""

    name = "flux"
    needs = ()
    color = "legacysurvey"
    bands = "grz"

    def cutout(self, row, *, size, pixel_scale):
        flux = np.arange(3, dtype=np.float32)[:, None, None] + np.full((3, size, size), row["number"] / 64)
        return agnsf.Cutout(flux.astype(np.float32), bands="grz", pixel_scale=pixel_scale)


def test_flux_is_packed_as_float16(table, tmp_path):
    packed = pack(table, Flux(), input="flux", folder=tmp_path, **{**_SMALL, "framing": Framing(size=8)})
    assert packed.images.dtype == np.float16
    assert packed.images.shape == (40, 3, 8, 8)
    assert packed.input == "flux"
    np.testing.assert_array_equal(packed.images[:, 2, 0, 0], 2 + np.arange(40) / 64)


def test_flux_becomes_a_picture_for_a_classifier_of_pictures(table):
    packed = pack(table, Flux(), **_SMALL)
    assert packed.images.dtype == np.uint8
    assert packed.images.shape == (40, 8, 8, 3)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("pack.json", "{", "is damaged"),
        ("pack.json", "[1]", "is damaged"),
        ("pack.json", '{"format": 99}', "has the format 99"),
        ("cutouts.npy", "nonsense", "is damaged"),
        ("cutouts.npy", "", "is damaged"),
    ],
)
def test_damaged_pack_is_named(table, tmp_path, file, content, message):
    pack(table, Flat(), folder=tmp_path, **_SMALL)
    (tmp_path / file).write_text(content)
    with pytest.raises(PackError, match=message):
        open_pack(tmp_path)


def test_pickle_in_place_of_the_cutouts_is_never_loaded(table, tmp_path):
    pack(table, Flat(), folder=tmp_path, **_SMALL)
    np.save(tmp_path / "cutouts.npy", np.array([{"evil": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(PackError, match="is damaged"):
        open_pack(tmp_path)


def test_cutouts_of_another_shape_are_refused(table, tmp_path):
    pack(table, Flat(), folder=tmp_path, **_SMALL)
    np.save(tmp_path / "cutouts.npy", np.zeros((40, 9, 9, 3), np.uint8))
    with pytest.raises(PackError, match=r"not what pack\.json says"):
        open_pack(tmp_path)
    header = json.loads((tmp_path / "pack.json").read_text())
    assert header["shape"] == [40, 8, 8, 3]


def test_pack_in_place_follows_the_rows_of_the_table(table, tmp_path):
    from agnsf.datasets.reuse import pack_in_place
    from agnsf.plugins import load_image_source

    made = pack(table, Flat(broken=(3,)), folder=tmp_path, **_SMALL)
    some = made.table[[7, 3, 30]]
    source = load_image_source("pack", path=str(tmp_path))
    found = pack_in_place(some, source, input="rgb", size=8)
    assert found.images[np.arange(3)][:, 0, 0, 0].tolist() == [7, 0, 30]
    assert found.usable.tolist() == [True, False, True]
    some["pack_row"][0] = 4000
    assert pack_in_place(some, source, input="rgb", size=8).table["image_status"][0] == "missing"
    assert pack_in_place(some, source, input="rgb", size=9) is None
    assert pack_in_place(some, Flat(), input="rgb", size=8) is None


def test_disk_that_is_full_is_named(table, tmp_path):
    from agnsf.datasets.stores import FileStore

    class Full:
        def seek(self, place):
            pass

        def write(self, data):
            raise OSError(28, "No space left on device")

    store = FileStore(tmp_path, (2, 4, 4, 3), np.uint8, {})
    store._file.close()
    store._file = Full()
    with pytest.raises(OSError, match="No space left") as caught:
        store.put(0, np.zeros((4, 4, 3), np.uint8), "ok", "")
    assert "cutouts.npy; the same command goes on" in caught.value.__notes__[0]
    store._log.close()
