# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Flux from frames, bricks and HiPS: a simulated galaxy must come out where and as bright as it went in."""

import bz2
import io
from unittest import mock

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from server import ImageServer

from agnsf import downloads
from agnsf.columns import AgnsfError
from agnsf.cutouts import Access, Framing, iter_cutouts
from agnsf.image_sources import bricks
from agnsf.image_sources.bricks import Bricks
from agnsf.image_sources.hips import Hips
from agnsf.image_sources.sdss import Sdss
from agnsf.images import north_up_wcs
from agnsf.testing import check_image_source

RA, DEC, WIDTH = 150.0, 2.0, 3.0  # deg, deg, sigma of the galaxy in arcsec


def _galaxy(wcs, shape, *, total):
    """Return an image of a round Gaussian galaxy at RA, DEC; flux per pixel of the image."""
    y, x = np.indices(shape)
    ra, dec = wcs.wcs_pix2world(x, y, 0)
    east, north = (ra - RA) * np.cos(np.radians(DEC)) * 3600, (dec - DEC) * 3600
    pixel = (wcs.wcs.cdelt[1] * 3600) ** 2
    return total * pixel / (2 * np.pi * WIDTH**2) * np.exp(-(east**2 + north**2) / (2 * WIDTH**2))


def _turned(wcs, angle, *, x, y):
    """Return a WCS turned about its reference, which lies on a pixel."""
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    wcs.wcs.pc, wcs.wcs.crpix = [[cosine, -sine], [sine, cosine]], [x, y]
    return wcs


def _ask(source, table, tmp_path, *, size=64, pixel_scale=0.5, **access):
    framing = Framing(size=size, pixel_scale=pixel_scale)
    access = Access(folder=tmp_path / "cache", **access)
    found = iter_cutouts(table, source, framing=framing, access=access)
    return [cutout for _, cutout in sorted(found, key=lambda pair: pair[0])]


def _middle(plane):
    """Return the center of light of an image in pixels from its middle: x, y."""
    y, x = np.indices(plane.shape) - (np.array(plane.shape).reshape(2, 1, 1) - 1) / 2
    return (plane * x).sum() / plane.sum(), (plane * y).sum() / plane.sum()


GALAXY = Table({"ra": [RA], "dec": [DEC]})
TOTALS = {"g": 100.0, "r": 250.0, "i": 400.0, "z": 500.0}


# -- frames of SDSS --------------------------------------------------------------------------


def _frame(band, *, x, y, shape=(120, 180)):
    wcs = _turned(north_up_wcs(RA, DEC, size=10, pixel_scale=0.396), 70, x=x, y=y)
    file = io.BytesIO()
    image = fits.PrimaryHDU(_galaxy(wcs, shape, total=TOTALS[band]).astype(np.float32), wcs.to_header())
    image.writeto(file)
    return bz2.compress(file.getvalue())


@pytest.fixture
def sdss(tmp_path):
    """Return the source on a server that has two frames; the edge between them goes through the galaxy."""
    folder = tmp_path / "served"
    for band in "gri":
        for number, x in ((101, 175.0), (102, 10.0)):
            run = folder / "dr18/prior-surveys/sdss4-dr17-eboss/photoObj/frames/301/94"
            path = run / f"3/frame-{band}-000094-3-0{number}.fits.bz2"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_frame(band, x=x, y=60.0))
    answer = folder / "dr18/SkyServerWS/SearchTools/SqlSearch"
    answer.parent.mkdir(parents=True)
    answer.write_text("#Table1\nrerun,run,camcol,field\n301,94,3,101\n301,94,3,102\n")
    with ImageServer(folder=folder) as images, downloads.conf.set_temp("pause", 0.01):
        yield Sdss(format="fits", base_url=images.url("files"), frames_url=images.url("files")), images, answer


def test_frames_conserve_the_flux_of_a_galaxy_on_their_edge(sdss, tmp_path):
    source, images, _ = sdss
    [cutout] = _ask(source, GALAXY, tmp_path)
    assert (cutout.status, cutout.bands, source.color) == ("ok", "gri", "viewer-sdss")
    for plane, band in zip(cutout.pixels, "gri", strict=True):
        assert plane.sum() == pytest.approx(TOTALS[band], rel=0.01)
        assert _middle(plane) == pytest.approx((0, 0), abs=0.05)
    assert len(images.counts) == 7
    [again] = _ask(source, GALAXY, tmp_path, offline=True)
    np.testing.assert_array_equal(again.pixels, cutout.pixels)


def test_half_a_cutout_of_frames_is_partial(sdss, tmp_path):
    source, _, answer = sdss
    answer.write_text("#Table1\nrerun,run,camcol,field\n301,94,3,101\n")
    [cutout] = _ask(source, GALAXY, tmp_path)
    assert cutout.status == "partial"
    assert np.isfinite(cutout.pixels).all()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("#Table1\nrerun,run,camcol,field\n", "outside"),
        ("<html>Maximum 60 queries per minute</html>", "server_error"),
        ("rerun,run,camcol,field\n301,94,3\n", "server_error"),
        ("rerun,run,camcol,field\n" + "301,94,3,101\n" * 40, "bad_request"),
        ("rerun,run,camcol,field\n301,94,3,999\n", "missing"),
    ],
)
def test_strange_list_of_frames_has_a_status(sdss, tmp_path, answer, status):
    source, _, file = sdss
    file.write_text(answer)
    assert _ask(source, GALAXY, tmp_path)[0].status == status


@pytest.mark.parametrize("damage", [b"", b"BZh9", b"no frame", bz2.compress(b"SIMPLE  =")])
def test_damaged_frame_is_corrupt_and_not_kept(sdss, tmp_path, damage):
    source, images, _ = sdss
    for path in images.folder.rglob("frame-r*"):
        path.write_bytes(damage)
    assert _ask(source, GALAXY, tmp_path)[0].status == "corrupt"
    assert len(list((tmp_path / "cache").rglob("*.bz2"))) == 2


def test_frames_group_galaxies_by_the_frame_they_were_measured_on():
    table = Table({"run": [94, 94, 94], "camcol": [3, 4, 3], "field": [101, 101, 101]})
    keys = Sdss(format="fits").group(table)
    assert keys[0] == keys[2] != keys[1]
    assert Sdss(format="jpeg").group(table) is None


# -- bricks ----------------------------------------------------------------------------------


@pytest.fixture
def brick_folder(tmp_path):
    """Return a folder of two bricks that meet at the galaxy, with a margin that both have, and their table."""
    names = ["1499p020", "1501p020"]
    table = Table(
        {"BRICKNAME": names, "RA1": [149.8, 150.0], "RA2": [150.0, 150.2], "DEC1": [1.9] * 2, "DEC2": [2.1] * 2}
    )
    table.write(tmp_path / "survey-bricks.fits.gz")
    for name, x in zip(names, (25, 175), strict=True):
        for band in "grz":
            wcs = _turned(north_up_wcs(RA, DEC, size=10, pixel_scale=0.262), 0, x=x, y=100)
            flux = _galaxy(wcs, (200, 200), total=TOTALS[band]).astype(np.float32)
            path = tmp_path / f"coadd/{name[:3]}/{name}/legacysurvey-{name}-image-{band}.fits.fz"
            path.parent.mkdir(parents=True, exist_ok=True)
            hdu = fits.CompImageHDU(flux, wcs.to_header(), compression_type="GZIP_2", quantize_level=0)
            fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return tmp_path


@pytest.mark.parametrize("pixel_scale", [0.22, 0.262, 0.6])
def test_bricks_conserve_the_flux_of_a_galaxy_on_their_edge(brick_folder, tmp_path, pixel_scale):
    source = Bricks(path=str(brick_folder))
    [cutout] = _ask(source, GALAXY, tmp_path, size=round(28 / pixel_scale), pixel_scale=pixel_scale)
    assert (cutout.status, cutout.bands, source.color) == ("ok", "grz", "legacysurvey")
    for plane, band in zip(cutout.pixels, "grz", strict=True):
        assert plane.sum() == pytest.approx(TOTALS[band], rel=0.01)
        assert _middle(plane) == pytest.approx((0, 0), abs=0.05)


def test_each_brick_is_opened_once_for_all_its_galaxies(brick_folder, tmp_path):
    table = Table({"ra": RA + np.tile([-0.004, 0.004], 4), "dec": np.full(8, DEC)})
    bricks._open_files.__dict__.clear()
    with mock.patch.object(bricks, "_Image", wraps=bricks._Image) as opened:
        found = _ask(Bricks(path=str(brick_folder)), table, tmp_path, size=8, connections=1)
    assert {cutout.status for cutout in found} == {"ok"}
    assert opened.call_count == 6


def test_bricks_far_away_and_missing_files_are_outside(brick_folder, tmp_path):
    source = Bricks(path=str(brick_folder))
    table = Table({"ra": [10.0, 149.9], "dec": [-50.0, 2.0]})
    for path in brick_folder.glob("coadd/149/*/*"):
        path.unlink()
    assert [cutout.status for cutout in _ask(source, table, tmp_path)] == ["outside", "outside"]


def test_brick_without_one_band_is_partial(brick_folder, tmp_path):
    for path in brick_folder.rglob("*-image-z.fits.fz"):
        path.unlink()
    [cutout] = _ask(Bricks(path=str(brick_folder)), GALAXY, tmp_path)
    assert cutout.status == "partial"
    assert cutout.pixels[2].max() == 0


def test_damaged_brick_is_corrupt(brick_folder, tmp_path):
    for path in brick_folder.rglob("*-image-g.fits.fz"):
        path.write_bytes(b"not a brick")
    assert _ask(Bricks(path=str(brick_folder)), GALAXY, tmp_path)[0].status == "corrupt"


def test_table_of_bricks_that_is_missing_is_named(tmp_path):
    with pytest.raises(AgnsfError, match="cannot read the table of bricks"):
        iter_cutouts(GALAXY, Bricks(path=str(tmp_path)))


def test_bricks_are_found_across_the_zero_of_right_ascension():
    ra1 = np.arange(0, 360, 0.25)
    names = np.array([f"b{number}" for number in range(len(ra1) * 2)])
    sky = bricks._Sky(names, np.tile(ra1, 2), np.repeat([-0.125, 0.125], len(ra1)))
    assert sorted(sky.around(0.0, 0.12, 0.02)) == ["b0", "b1439", "b1440", "b2879"]
    assert sky.around(10.1, 0.0, 0.001) == ["b40"]
    assert len(sky.around(10.125, 0.0, 0.9)) == 10
    assert sky.containing(np.array([359.9, 0.1, 10.0]), np.array([0.0, 0.0, -5.0])).tolist() == [1439, 0, -1]


def test_bricks_keep_the_contract(brick_folder):
    check_image_source(Bricks(path=str(brick_folder)), GALAXY)


# -- HiPS ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hips_folder(tmp_path_factory):
    """Return a folder with a HiPS for each of two bands, made by reproject."""
    from reproject import reproject_interp
    from reproject.hips import reproject_to_hips

    folder = tmp_path_factory.mktemp("hips")
    wcs = north_up_wcs(RA, DEC, size=160, pixel_scale=0.5)
    for band in "gr":
        reproject_to_hips(
            (_galaxy(wcs, (160, 160), total=TOTALS[band]), wcs),
            coord_system_out="equatorial",
            level=12,
            tile_size=128,
            output_directory=str(folder / band),
            reproject_function=reproject_interp,
        )
    return folder


HIPS = {"bands": "gr", "native_scale": 0.5}


@pytest.mark.parametrize("pixel_scale", [0.4, 0.5, 1.0])
def test_hips_gives_the_galaxy_where_it_is(hips_folder, tmp_path, pixel_scale):
    source = Hips(base_url=str(hips_folder / "{band}"), **HIPS)
    [cutout] = _ask(source, GALAXY, tmp_path, size=round(40 / pixel_scale), pixel_scale=pixel_scale)
    assert (cutout.status, cutout.bands) == ("ok", "gr")
    for plane, band in zip(cutout.pixels, "gr", strict=True):
        assert plane.sum() == pytest.approx(TOTALS[band], rel=0.02)
        assert _middle(plane) == pytest.approx((0, 0), abs=0.1)
        truth = _galaxy(cutout.wcs, plane.shape, total=TOTALS[band])
        assert np.abs(plane - truth).max() < 0.03 * truth.max()


def test_hips_over_http_is_the_same_and_kept(hips_folder, tmp_path):
    local = _ask(Hips(base_url=str(hips_folder / "{band}"), **HIPS), GALAXY, tmp_path)[0]
    with ImageServer(folder=hips_folder) as images:
        source = Hips(base_url=images.url("files/{band}"), **HIPS)
        [remote] = _ask(source, GALAXY, tmp_path)
        np.testing.assert_array_equal(remote.pixels, local.pixels)
        images.forget()
        [kept] = _ask(source, GALAXY, tmp_path, offline=True)
        np.testing.assert_array_equal(kept.pixels, local.pixels)
        assert not images.counts


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("always503", "server_error"), ("html", "corrupt"), ("truncated", "corrupt"), ("empty", "corrupt")],
)
def test_failing_server_of_tiles_is_not_taken_for_empty_sky(hips_folder, tmp_path, behavior, status):
    """The properties are there and the tiles fail; a 404 alone means that there is no tile."""

    with ImageServer(folder=hips_folder) as images, downloads.conf.set_temp("pause", 0.01):
        handler = images._server.RequestHandlerClass
        files = handler.do_files

        def do_files(self, rest, query, count):
            if "Npix" in rest:
                return getattr(self, f"do_{behavior}")(rest, {"size": 32}, count)
            return files(self, rest, query, count)

        with mock.patch.object(handler, "do_files", do_files):
            [cutout] = _ask(Hips(base_url=images.url("files/{band}"), **HIPS), GALAXY, tmp_path)
    assert cutout.status == status


def test_hips_without_a_tile_is_outside_and_offline_is_missing(hips_folder, tmp_path):
    far = Table({"ra": [10.0], "dec": [-50.0]})
    with ImageServer(folder=hips_folder) as images:
        source = Hips(base_url=images.url("files/{band}"), **HIPS)
        assert _ask(source, far, tmp_path)[0].status == "outside"
        assert _ask(source, GALAXY, tmp_path / "other", offline=True)[0].status == "missing"


@pytest.mark.parametrize(
    "properties",
    [
        "",
        "hips_order = 3\n",
        "hips_order = x\nhips_frame = equatorial\n",
        "hips_order=3\nhips_frame=equatorial\nhips_tile_format=png",
    ],
)
def test_what_is_no_hips_of_fits_tiles_is_a_bad_request(tmp_path, properties):
    (tmp_path / "hips").mkdir()
    (tmp_path / "hips" / "properties").write_text(properties)
    [cutout] = _ask(Hips(base_url=str(tmp_path / "hips"), bands="r"), GALAXY, tmp_path)
    assert cutout.status == "bad_request"


@pytest.mark.parametrize(
    ("options", "message"), [({}, "needs the option base_url"), ({"base_url": "https://x.org/hips"}, "needs {band}")]
)
def test_hips_says_what_it_needs(options, message):
    with pytest.raises(AgnsfError, match=message):
        iter_cutouts(GALAXY, Hips(**options))


def test_hips_keeps_the_zero_point(hips_folder, tmp_path):
    plain = _ask(Hips(base_url=str(hips_folder / "{band}"), **HIPS), GALAXY, tmp_path)[0]
    faint = _ask(Hips(base_url=str(hips_folder / "{band}"), zero_point=25.0, **HIPS), GALAXY, tmp_path)[0]
    np.testing.assert_allclose(faint.pixels, plain.pixels / 10, rtol=1e-5)
