# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf fetch`` and ``agnsf cache``."""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from click.testing import CliRunner
from PIL import Image
from server import picture

import agnsf
from agnsf import cache, catalogs
from agnsf.cli import main
from agnsf.columns import AgnsfError
from agnsf.cutouts import draw_sheet, export_files
from agnsf.image_sources.folder import Folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path):
    with cache.conf.set_temp("folder", str(tmp_path / "cache")):
        yield


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def galaxies(tmp_path):
    """Write a table of six galaxies, two of which have no position, and return its path."""
    table = Table({"name": list("abcdef"), "ra": [10.0, 20, 30, np.nan, 50, 400], "dec": [0.0, 1, 2, 3, 4, 5]})
    table["radius"] = 10.0
    table["radius"].unit = "arcsec"
    catalogs.write_table(table, tmp_path / "galaxies.fits")
    return tmp_path / "galaxies.fits"


def test_fetch_writes_how_it_went_and_where_the_files_are(run, galaxies, image_server):
    result = run("fetch", galaxies, "-I", f"base_url={image_server.url('good')}", "--size", 80, "--id", "name")
    table = catalogs.read_table(galaxies.with_name("galaxies_agnsf.fits"))
    assert table.colnames == ["name", "ra", "dec", "radius", "image_status", "image_path", "image_message"]
    assert table["image_status"].tolist() == ["ok"] * 3 + ["bad_coordinates", "ok", "bad_coordinates"]
    assert table["image_path"].mask.tolist() == [False] * 3 + [True, False, True]
    assert all(Path(path).is_file() for path in table["image_path"].compressed())
    assert "6 galaxies: 4 ok, 2 bad_coordinates" in result.stderr
    assert "bad_coordinates: d, f (expected ra between 0 and 360" in result.stderr
    assert result.stdout == ""
    [stage] = catalogs.provenance(table)["stages"]
    assert (stage["stage"], stage["images"]["options"]["layer"]) == ("fetch", "ls-dr10-grz")
    assert image_server.address not in str(table.meta)


def test_fetch_again_asks_nothing_and_keeps_quiet_on_request(run, galaxies, image_server):
    options = ("fetch", galaxies, "-I", f"base_url={image_server.url('good')}", "--size", 80)
    run(*options)
    image_server.forget()
    assert run(*options, "--quiet", "--offline").stderr == ""
    assert not image_server.counts
    run(*options, "--refresh")
    assert sum(image_server.counts.values()) == 4


def test_fetch_frames_by_radius_unless_told_otherwise(run, galaxies, image_server):
    where = ("fetch", galaxies, "-I", f"base_url={image_server.url('good')}", "--quiet")
    run(*where)
    assert all("pixscale=0.12&size=250" in path for path in image_server.counts)
    image_server.forget()
    run(*where, "--size", 100, "--field-of-view", 5)
    assert all("pixscale=0.5&size=100" in path for path in image_server.counts)
    image_server.forget()
    run(*where, "--pixel-scale", 0.3)
    assert all("pixscale=0.3&size=250" in path for path in image_server.counts)


def test_no_image_at_all_is_an_error_after_the_table_is_written(run, galaxies, image_server):
    result = run("fetch", galaxies, "-I", f"base_url={image_server.url('html')}", "--quiet", code=1)
    assert result.stderr.startswith("Error: No galaxy got an image: 4 bad_request, 2 bad_coordinates")
    assert galaxies.with_name("galaxies_agnsf.fits").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-I", "nope=3"], "has no such option"),
        (["-I", "connections=many"], "expected a whole number"),
        (["-I", "format=png"], "expected jpeg or fits"),
        (["--pixel-scale", "0.1", "--field-of-view", "2"], "exclude each other"),
        (["--export", "x", "--pack", "y"], "exclude each other"),
        (["--size", "0"], "0 is not in the range"),
    ],
)
def test_wrong_use_is_told_with_status_2(run, galaxies, options, message):
    assert message in run("fetch", galaxies, *options, code=2).stderr


def test_unknown_image_source_and_missing_table_are_one_line(run, galaxies, tmp_path):
    assert (
        "No image source named 'nope'; available: bricks" in run("fetch", galaxies, "--images", "nope", code=1).stderr
    )
    assert run("fetch", tmp_path / "no.fits", code=1).stderr.count("\n") == 1


def test_export_links_each_file_to_the_name_of_its_galaxy(run, galaxies, image_server, tmp_path):
    where = ("-I", f"base_url={image_server.url('good')}", "--size", 80, "--quiet")
    run("fetch", galaxies, *where, "--id", "name", "--export", "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.jpeg", "b.jpeg", "c.jpeg", "e.jpeg"]
    assert (tmp_path / "out/a.jpeg").stat().st_nlink == 2
    run("fetch", galaxies, *where, "--id", "name", "--export", "out")
    table = agnsf.fetch(
        catalogs.read_table(galaxies), images=Folder(path="out", pattern="{name}.jpeg", color="legacysurvey")
    )
    assert table["image_status"].tolist() == ["ok", "ok", "ok", "missing", "ok", "missing"]


def test_export_without_names_says_how_to_name_them(run, galaxies, image_server):
    where = ("-I", f"base_url={image_server.url('good')}", "--size", 80, "--quiet")
    assert "--id" in run("fetch", galaxies, *where, "--export", "out", code=2).stderr


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "a"], "1 name.s. occur more than once, such as 'a'"),
        (["../a", "b"], "'../a' cannot be the name of a file"),
        (["", "b"], "cannot be the name of a file"),
        ([".a", "b"], "cannot be the name of a file"),
    ],
)
def test_names_that_cannot_be_files_are_refused(tmp_path, names, message):
    (tmp_path / "x.jpeg").write_bytes(b"x")
    with pytest.raises(AgnsfError, match=message):
        export_files([str(tmp_path / "x.jpeg")] * 2, names, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_of_nothing_says_why(tmp_path):
    with pytest.raises(AgnsfError, match="no files to export"):
        export_files(np.ma.array(["", ""], mask=True), ["a", "b"], tmp_path / "out")


def test_pack_is_written_and_read_back(run, galaxies, image_server):
    where = ("-I", f"base_url={image_server.url('good')}", "--size", 40, "--quiet")
    run("fetch", galaxies, *where, "--pack", "pack", "-o", "packed.ecsv")
    assert np.load("pack/cutouts.npy").shape == (6, 40, 40, 3)
    run("fetch", "packed.ecsv", "--images", "pack", "-I", "path=pack", "-o", "again.ecsv", "--quiet")
    table = catalogs.read_table("again.ecsv")
    assert table["image_status"].tolist() == ["ok"] * 3 + ["bad_coordinates", "ok", "bad_coordinates"]


def test_contact_sheet_shows_images_and_failures(run, galaxies, image_server):
    where = ("-I", f"base_url={image_server.url('good')}", "--size", 80, "--quiet")
    run("fetch", galaxies, *where, "--id", "name", "--contact-sheet", "sheet.png")
    requests = sum(image_server.counts.values())
    assert requests == 4
    with Image.open("sheet.png") as sheet:
        assert sheet.size == (6 * 166 + 6, 198 + 6)
        pixels = np.asarray(sheet)
    galaxy, failure = pixels[6:166, 6:166], pixels[6:166, 3 * 166 + 6 : 3 * 166 + 166]
    assert galaxy[80, 80].min() > 100
    assert np.median(failure) == 20


def test_contact_sheet_has_no_more_than_64_cutouts(tmp_path):
    (tmp_path / "x.jpeg").write_bytes(picture(60))
    table = Table({"id": ["x"] * 100, "image_status": ["ok"] * 100, "image_message": [""] * 100})
    source = Folder(path=str(tmp_path), color="skyserver")
    assert draw_sheet(table, source, fetched=table).size == (8 * 166 + 6, 8 * 198 + 6)


def test_cache_is_shown_and_cleared(run, galaxies, image_server, tmp_path):
    run("fetch", galaxies, "-I", f"base_url={image_server.url('good')}", "--size", 80, "--quiet")
    assert f"{tmp_path / 'cache'}: 4 cutouts, 0 places known" in run("cache", "info").stdout
    assert "Removed" in run("cache", "clear").stdout
    assert "0 cutouts" in run("cache", "info").stdout
