# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Image files that users have, as they have them."""

import os

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table
from astropy.wcs import WCS
from PIL import Image
from server import bomb, picture

from agnsf.columns import AgnsfError, AgnsfWarning, ColumnError
from agnsf.cutouts import iter_cutouts
from agnsf.image_sources.folder import Folder
from agnsf.images import north_up_wcs
from agnsf.testing import check_image_source


def _ask(source, table):
    return [cutout for _, cutout in sorted(iter_cutouts(table, source), key=lambda pair: pair[0])]


@pytest.fixture
def images(tmp_path):
    """Return a folder of good and bad image files."""
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "good.jpeg").write_bytes(picture(80))
    Image.fromarray(np.full((30, 40), 90, dtype=np.uint8)).save(folder / "gray.jpeg")
    Image.fromarray(np.full((30, 40, 3), 90, dtype=np.uint8)).save(folder / "png.jpeg", "png")
    (folder / "truncated.jpeg").write_bytes(picture(80)[:-500])
    (folder / "empty.jpeg").write_bytes(b"")
    (folder / "text.jpeg").write_text("This is no image.")
    (folder / "bomb.jpeg").write_bytes(bomb())
    (folder / "folder.jpeg").mkdir()
    os.mkfifo(folder / "pipe.jpeg")
    (tmp_path / "outside.jpeg").write_bytes(picture(80))
    return folder


def test_each_file_has_its_status_and_all_rows_come(images):
    names = [
        "good",
        "nothing",
        "truncated",
        "empty",
        "text",
        "bomb",
        "gray",
        "png",
        "folder",
        "pipe",
        "nul\0",
        "x" * 300,
    ]
    found = _ask(Folder(path=str(images), color="skyserver"), Table({"id": names}))
    assert {name: cutout.status for name, cutout in zip(names, found, strict=True)} == {
        "good": "ok",
        "nothing": "missing",
        "truncated": "corrupt",
        "empty": "corrupt",
        "text": "corrupt",
        "bomb": "corrupt",
        "gray": "ok",
        "png": "ok",
        "folder": "missing",
        "pipe": "missing",
        "nul\0": "missing",
        "x" * 300: "missing",
    }
    assert found[0].pixels.shape == (80, 80, 3)
    assert found[0].path == str(images / "good.jpeg")
    assert found[6].pixels.shape == (30, 40, 3)


@pytest.mark.parametrize("name", ["../outside", "../../etc/passwd", "a/../../outside", "/etc/passwd"])
def test_name_that_leaves_the_folder_is_missing_with_a_warning_that_names_the_row(images, name):
    table = Table({"id": [name, "good"]})
    with pytest.warns(AgnsfWarning) as caught:
        found = _ask(Folder(path=str(images), color="skyserver"), table)
    assert [cutout.status for cutout in found] == ["missing", "ok"]
    assert "leaves the folder" in found[0].message
    assert f"the row with id {name!r}" in str(caught[0].message)


def test_link_that_the_user_put_into_the_folder_is_followed(images):
    (images / "link.jpeg").symlink_to(images.parent / "outside.jpeg")
    [cutout] = _ask(Folder(path=str(images), color="skyserver"), Table({"id": ["link"]}))
    assert cutout.status == "ok"


def test_pattern_takes_several_columns_and_formats(images):
    (images / "0266").mkdir()
    (images / "0266" / "NGC 1-007.png").write_bytes(picture(64))
    table = Table({"plate": [266], "name": ["NGC 1  "], "number": [7]})
    source = Folder(path=str(images), pattern="{plate:04d}/{name}-{number:03d}.png", color="skyserver")
    assert _ask(source, table)[0].status == "ok"


def test_masked_value_in_a_name_is_missing(images):
    table = Table({"id": MaskedColumn(["good", "good"], mask=[False, True])})
    found = _ask(Folder(path=str(images), color="skyserver"), table)
    assert [cutout.status for cutout in found] == ["ok", "missing"]
    assert "no value in id" in found[1].message


def test_column_of_the_pattern_that_is_missing_is_named(images):
    with pytest.raises(ColumnError, match=r"needs the column\(s\) objid; the table has id"):
        iter_cutouts(Table({"id": ["good"]}), Folder(path=str(images), pattern="{objid}.jpeg"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "{id"}, "cannot read the pattern"),
        ({"color": "pink"}, "knows no color 'pink'"),
        ({"pattern": "{id}_{band}.fits"}, "needs the option bands"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(AgnsfError, match=message):
        Folder(**options)


def test_pattern_cannot_look_into_objects(images):
    with pytest.raises(ColumnError, match=r"id\.__class__"):
        iter_cutouts(Table({"id": ["good"]}), Folder(path=str(images), pattern="{id.__class__}.jpeg"))


def test_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AgnsfError, match="finds no folder"):
        iter_cutouts(Table({"id": ["good"]}), Folder(path=str(tmp_path / "nowhere")))


def test_color_is_judged_from_the_sky_with_a_warning(images):
    table = Table({"id": ["nothing", "good"]})
    with pytest.warns(AgnsfWarning, match="to be 'legacysurvey', by the level of their sky"):
        source = Folder(path=str(images)).prepare(table)
    assert source.color == "legacysurvey"
    assert source.prepare(table) is source
    assert _ask(source, table)[1].color == "legacysurvey"


def test_color_column_says_the_color_of_each_row(images):
    table = Table({"id": ["good", "png"], "color": ["skyserver", "legacysurvey"]})
    source = Folder(path=str(images)).prepare(table)
    assert [cutout.color for cutout in _ask(source, table)] == ["skyserver", "legacysurvey"]
    assert Folder(path=str(images)).prepare(table[:1]).color == "skyserver"


def test_real_pictures_are_those_of_the_skyserver(real_data):
    table = Table.read(real_data / "sdss/labelled.ecsv")[:30]
    with pytest.warns(AgnsfWarning, match="'skyserver'"):
        source = Folder(path=str(real_data / "sdss/images"), pattern="{image}").prepare(table)
    found = _ask(source, table)
    assert {cutout.status for cutout in found} == {"ok"}
    assert found[0].pixels.shape == (423, 423, 3)


def _write_fits(path, angle, bands="r", shape=(60, 60)):
    """Write an image of one star, at the middle of a field whose north is turned by an angle."""
    wcs = north_up_wcs(150.0, 2.0, size=60, pixel_scale=0.4)
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    wcs.wcs.pc = [[cosine, -sine], [sine, cosine]]
    header = wcs.to_header()
    header["BUNIT"], header["FILTER"] = "nanomaggy", bands
    y, x = np.indices(shape)
    star_x, star_y = wcs.all_world2pix(150.0, 2.0 + 8 / 3600, 0)
    flux = np.exp(-((x - star_x) ** 2 + (y - star_y) ** 2) / 8)
    fits.PrimaryHDU(flux.astype(np.float32), header).writeto(path)
    return flux.sum()


@pytest.mark.parametrize("angle", [0, 30, 90, 200])
def test_flux_image_is_turned_north_up_and_keeps_its_flux(tmp_path, angle):
    total = _write_fits(tmp_path / "star.fits", angle)
    [cutout] = _ask(Folder(path=str(tmp_path), pattern="{id}.fits"), Table({"id": ["star"]}))
    assert cutout.pixels.shape == (1, 60, 60)
    assert cutout.pixels.sum() == pytest.approx(total, rel=0.01)
    y, x = np.unravel_index(cutout.pixels[0].argmax(), (60, 60))
    assert (x, y) == pytest.approx((29.5, 49.5), abs=1)


def test_row_position_is_put_into_the_middle_of_a_turned_image(tmp_path):
    _write_fits(tmp_path / "star.fits", 45)
    table = Table({"id": ["star"], "ra": [150.0], "dec": [2.0 + 8 / 3600]})
    [cutout] = _ask(Folder(path=str(tmp_path), pattern="{id}.fits"), table)
    y, x = np.unravel_index(cutout.pixels[0].argmax(), (60, 60))
    assert (x, y) == pytest.approx((29.5, 29.5), abs=1)
    assert cutout.status == "partial"


def test_bands_in_files_of_their_own_become_one_cube(tmp_path):
    for band in "gri":
        _write_fits(tmp_path / f"star_{band}.fits", 0, bands=band)
    source = Folder(path=str(tmp_path), pattern="{id}_{band}.fits", bands="irg")
    assert source.prepare(Table({"id": ["star"]})).color == "viewer-sdss"
    [cutout] = _ask(source, Table({"id": ["star"]}))
    assert (cutout.bands, cutout.pixels.shape) == ("irg", (3, 60, 60))


def test_bands_that_differ_in_shape_are_corrupt(tmp_path):
    _write_fits(tmp_path / "star_g.fits", 0, bands="g")
    _write_fits(tmp_path / "star_r.fits", 0, bands="r", shape=(60, 50))
    source = Folder(path=str(tmp_path), pattern="{id}_{band}.fits", bands="gr")
    assert _ask(source, Table({"id": ["star"]}))[0].status == "corrupt"


def test_counts_need_a_zero_point(real_data):
    table = Table({"id": ["1237662224615932114"]})
    options = {"path": str(real_data / "sdss_fits"), "pattern": "{id}.fits", "bands": "r"}
    [refused] = _ask(Folder(**options), table)
    assert (refused.status, refused.pixels) == ("bad_request", None)
    [taken] = _ask(Folder(**options, zero_point=22.5), table)
    assert taken.pixels.shape[0] == 1


def test_real_flux_of_two_galaxies_is_turned_north_up(real_data):
    source = Folder(path=str(real_data / "sdss_fits"), pattern="{id}_{band}.fits", bands="gr")
    for cutout in _ask(source, Table({"id": ["Haro_25", "Haro_29"]})):
        assert cutout.status in ("ok", "partial")
        assert cutout.pixel_scale == pytest.approx(0.396, abs=0.001)
        matrix = WCS(cutout.wcs.to_header()).pixel_scale_matrix
        assert matrix[0, 0] < 0 < matrix[1, 1]


def test_folder_keeps_the_contract(images):
    check_image_source(Folder(path=str(images), color="skyserver"), Table({"id": ["good", "nothing"]}))
