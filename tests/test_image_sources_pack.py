# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Packs: what was decoded once comes back, row by row."""

import json

import numpy as np
import pytest
from astropy.table import Table
from server import picture

import agnsf
from agnsf import catalogs
from agnsf.columns import AgnsfError, ColumnError
from agnsf.cutouts import Access, Framing, iter_cutouts
from agnsf.image_sources.folder import Folder
from agnsf.image_sources.legacysurvey import LegacySurvey
from agnsf.image_sources.pack import Pack
from agnsf.images import decode, resize
from agnsf.testing import check_image_source


@pytest.fixture
def packed(tmp_path):
    """Return the folder of a pack of three pictures, one of which is missing, and the table."""
    for number in (0, 2):
        (tmp_path / f"{number}.jpeg").write_bytes(picture(60, number))
    table = Table({"id": [0, 1, 2], "radius": [4.0, 5.0, 6.0]})
    source = Folder(path=str(tmp_path), color="skyserver")
    fetched = agnsf.fetch(table, images=source, framing=Framing(size=30), pack=tmp_path / "pack")
    return tmp_path / "pack", fetched


def _ask(source, table):
    return [cutout for _, cutout in sorted(iter_cutouts(table, source), key=lambda pair: pair[0])]


def test_pack_gives_the_images_that_went_in(packed):
    folder, fetched = packed
    assert fetched["image_status"].tolist() == ["ok", "missing", "ok"]
    found = _ask(Pack(path=str(folder)), fetched)
    assert [cutout.status for cutout in found] == ["ok", "missing", "ok"]
    assert "1.jpeg" in found[1].message
    np.testing.assert_array_equal(found[2].pixels, resize(decode(picture(60, 2), at_least=30), 30))
    assert (found[2].color, Pack(path=str(folder)).color, Pack(path=str(folder)).bands) == ("skyserver",) * 2 + ("rgb",)
    assert found[2].pixel_scale == pytest.approx(6.0 * 3 / 30)


def test_rows_in_another_order_get_their_own_images(packed):
    folder, fetched = packed
    straight, turned = _ask(Pack(path=str(folder)), fetched), _ask(Pack(path=str(folder)), fetched[[2, 1, 0]])
    np.testing.assert_array_equal(turned[0].pixels, straight[2].pixels)


def test_table_of_the_pack_is_enough(packed):
    folder, _ = packed
    table = catalogs.read_table(folder / "table.parquet")
    assert [cutout.status for cutout in _ask(Pack(path=str(folder)), table)] == ["ok", "missing", "ok"]


def test_flux_is_packed_with_its_bands_and_pixel_scale(image_server, tmp_path):
    source = LegacySurvey(base_url=image_server.url("good"), format="fits")
    table = Table({"ra": [10.0, 20.0], "dec": [0.0, 0.0], "radius": [8.0, 10.0]})
    access = Access(folder=tmp_path / "cache")
    fetched = agnsf.fetch(table, images=source, framing=Framing(size=40), access=access, pack=tmp_path / "pack")
    [first, _] = _ask(Pack(path=str(tmp_path / "pack")), fetched)
    [(_, straight), _] = sorted(iter_cutouts(table, source, framing=Framing(size=40), access=access))
    assert (first.bands, first.pixels.dtype, first.color) == ("grz", np.float32, "")
    assert first.pixel_scale == pytest.approx(straight.pixel_scale)
    np.testing.assert_allclose(first.pixels, straight.pixels, rtol=1e-3, atol=1e-5)


def test_table_without_the_number_of_the_image_is_told_which_to_take(packed):
    with pytest.raises(ColumnError, match=r"table\.parquet.* needs the column\(s\) pack_row"):
        iter_cutouts(Table({"id": [0]}), Pack(path=str(packed[0])))


@pytest.mark.parametrize("number", [-1, 3])
def test_number_that_the_pack_does_not_have_is_missing(packed, number):
    [cutout] = _ask(Pack(path=str(packed[0])), Table({"pack_row": [number]}))
    assert cutout.status == "missing"


@pytest.mark.parametrize("name", ["pack.json", "cutouts.npy", "table.parquet"])
def test_pack_that_is_damaged_or_not_finished_is_refused(packed, name):
    folder, fetched = packed
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(AgnsfError, match="finds no finished pack"):
        _ask(Pack(path=str(folder)), fetched)
    (folder / name).unlink()
    with pytest.raises(AgnsfError, match="finds no finished pack"):
        _ask(Pack(path=str(folder)), fetched)


def test_pack_with_objects_in_it_is_not_unpickled(packed):
    folder, fetched = packed
    np.save(folder / "cutouts.npy", np.array([{"a": 1}, 2, 3], dtype=object), allow_pickle=True)
    header = json.loads((folder / "pack.json").read_text())
    (folder / "pack.json").write_text(json.dumps(header))
    with pytest.raises(AgnsfError, match="finds no finished pack"):
        _ask(Pack(path=str(folder)), fetched)


def test_pack_keeps_the_contract(packed):
    check_image_source(Pack(path=str(packed[0])), packed[1])
