# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Services that misbehave, through the whole engine: status, message, retries, and what is kept."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from server import ImageServer, picture

import agnsf
from agnsf import downloads
from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.cutouts import Access, Framing, iter_cutouts
from agnsf.image_sources.legacysurvey import LegacySurvey
from agnsf.image_sources.sdss import Sdss
from agnsf.images import decode


@pytest.fixture(autouse=True)
def _hurry():
    """Retry soon, and do not wait long."""
    with (
        downloads.conf.set_temp("pause", 0.01),
        downloads.conf.set_temp("read_timeout", 0.4),
        downloads.conf.set_temp("total_timeout", 0.8),
        downloads.conf.set_temp("tries", 3),
    ):
        yield


@pytest.fixture
def ask(image_server, tmp_path):
    """Return a function that asks the server for one cutout, and gives it with the number of requests."""

    def ask(behavior, source=LegacySurvey, size=80, ra=150.0, dec=2.0, access=None, **options):
        image_server.forget()
        service = source(base_url=image_server.url(behavior), **options)
        table = Table({"ra": [ra], "dec": [dec], "radius": [8.0]})
        access = access or Access(folder=tmp_path / "cache")
        [(row, cutout)] = iter_cutouts(table, service, framing=Framing(size=size), access=access)
        assert row == 0
        return cutout, sum(image_server.counts.values())

    return ask


def test_good_picture_is_decoded_and_kept_as_it_came(ask, image_server):
    cutout, requests = ask("good")
    assert (cutout.status, cutout.color, requests) == ("ok", "legacysurvey", 1)
    assert cutout.pixel_scale == pytest.approx(8.0 * 3 / 80)
    with Path(cutout.path).open("rb") as file:
        assert file.read() == picture(80, round(150.0 * 1e4) % 16)
    again, requests = ask("good")
    assert requests == 0
    np.testing.assert_array_equal(again.pixels, cutout.pixels)


def test_good_flux_is_per_pixel_of_the_cutout(ask):
    cutout, _ = ask("good", format="fits")
    assert (cutout.status, cutout.bands, cutout.pixels.shape) == ("ok", "grz", (3, 80, 80))
    peak = (1 + 0.01) * (0.3 / 0.262) ** 2
    assert cutout.pixels[0].max() == pytest.approx(peak, rel=0.1)
    assert cutout.wcs.wcs.crval.tolist() == [150.0, 2.0]


def test_single_band_of_flux_has_a_plane_of_its_own(ask):
    cutout, _ = ask("good", format="fits", layer="ls-dr9", bands="r")
    assert (cutout.status, cutout.pixels.shape) == ("ok", (1, 80, 80))


def test_inverse_variance_comes_with_the_flux(ask):
    cutout, _ = ask("good", format="fits", inverse_variance=True)
    assert cutout.inverse_variance.shape == cutout.pixels.shape
    assert cutout.inverse_variance[0, 0, 0] == pytest.approx(4.0 / (0.3 / 0.262) ** 4, rel=1e-4)


WRONG_ANSWERS = [
    # behavior, options, status, part of the message, number of requests
    ("html", {}, "bad_request", "no such layer", 1),
    ("disguised", {}, "corrupt", "expected a JPEG or PNG", 1),
    ("gray", {}, "outside", "flat", 1),
    ("bad400", {}, "bad_request", "Need ra,dec keywords", 1),
    ("gone404", {}, "missing", "answered 404", 1),
    ("always500", {}, "server_error", "answered 500", 2),
    ("always503", {}, "server_error", "answered 503", 3),
    ("muchlater429", {}, "server_error", "answered 429", 1),
    ("circle", {}, "bad_request", "redirects", 6),
    ("tofile", {}, "bad_request", "expected an address of http or https, found file", 1),
    ("truncated", {}, "corrupt", "broke off", 3),
    ("short", {}, "corrupt", "without its end mark", 1),
    ("empty", {}, "corrupt", "0 bytes", 3),
    ("clip", {"size": 200}, "bad_request", "expected 200 x 200 pixels, the server gave 100 x 100", 1),
    ("bomb", {}, "corrupt", "16000 x 16000", 1),
    ("drip", {}, "timeout", "and no end", 3),
    ("silent", {}, "timeout", "did not answer in time", 3),
    ("reset", {}, "server_error", "broke the connection", 3),
    ("endless", {}, "corrupt", "the server sends more", 1),
    ("huge", {}, "corrupt", "the server announces 1000000000000", 1),
    ("zeros", {"format": "fits"}, "outside", "every pixel is 0", 1),
    ("nan", {"format": "fits"}, "corrupt", "finite", 1),
    ("otherbands", {"format": "fits"}, "bad_request", "expected the bands grz, the server gave gri", 1),
    ("elsewhere", {"format": "fits"}, "bad_request", "pixels off", 1),
    ("otherscale", {"format": "fits"}, "bad_request", "arcsec per pixel", 1),
    ("oddlength", {"format": "fits"}, "corrupt", "blocks of 2880", 1),
    ("gray", {"format": "fits"}, "outside", "its picture is all gray", 3),
    ("error500", {"format": "fits"}, "server_error", "answered 500", 3),
    ("gone404", {"source": Sdss}, "outside", "outside the SDSS footprint", 1),
    ("black", {"source": Sdss, "size": 250}, "outside", "a message, not an image", 1),
]


@pytest.mark.parametrize(
    ("behavior", "options", "status", "message", "requests"),
    WRONG_ANSWERS,
    ids=[f"{case[0]}-{'-'.join(str(value) for value in case[1].values())}" for case in WRONG_ANSWERS],
)
def test_wrong_answer_has_its_status_and_says_why(ask, behavior, options, status, message, requests):
    cutout, made = ask(behavior, **options)
    assert cutout.status == status, cutout.message
    assert message in cutout.message
    assert cutout.pixels is None
    assert made == requests


@pytest.mark.parametrize(("behavior", "requests"), [("once500", 2), ("twice503", 3), ("moved", 2)])
def test_server_that_recovers_or_moved_gives_its_image(ask, behavior, requests):
    cutout, made = ask(behavior)
    assert (cutout.status, made) == ("ok", requests)


def test_retry_after_is_waited_for(ask):
    start = time.monotonic()
    cutout, _ = ask("later429")
    assert cutout.status == "ok"
    assert time.monotonic() - start > 0.95


@pytest.mark.parametrize("options", [{}, {"format": "fits"}], ids=["jpeg", "fits"])
def test_half_covered_cutout_is_partial(ask, options):
    cutout, _ = ask("half", **options)
    assert cutout.status == "partial"
    assert cutout.pixels is not None
    assert "% of the" in cutout.message


def test_place_outside_the_footprint_is_remembered(ask, tmp_path):
    assert ask("gray")[1] == 1
    cutout, requests = ask("gray")
    assert (cutout.status, requests) == ("outside", 0)
    cutout, requests = ask("gray", access=Access(folder=tmp_path / "cache", offline=True))
    assert (cutout.status, requests) == ("outside", 0)


@pytest.mark.parametrize("behavior", ["always503", "truncated", "html"])
def test_failure_is_not_remembered(ask, behavior):
    first = ask(behavior)[1]
    assert ask(behavior)[1] == first


def test_offline_asks_no_server(ask, tmp_path):
    offline = Access(folder=tmp_path / "cache", offline=True)
    cutout, requests = ask("good", access=offline)
    assert (cutout.status, requests) == ("missing", 0)
    assert "--offline" in cutout.message
    ask("good")
    cutout, requests = ask("good", access=offline)
    assert (cutout.status, requests) == ("ok", 0)


def test_offline_does_not_call_a_place_outside_that_was_never_asked_for(ask, tmp_path):
    cutout, _ = ask("gone404", source=Sdss, access=Access(folder=tmp_path / "cache", offline=True))
    assert cutout.status == "missing"


def test_refresh_asks_again_and_keeps_the_new_answer(ask, tmp_path):
    before, _ = ask("good")
    with Path(before.path).open("rb+") as file:  # a damaged file must not matter either
        file.write(b"x")
    after, requests = ask("good", access=Access(folder=tmp_path / "cache", refresh=True))
    assert requests == 1
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert len(list((tmp_path / "cache").rglob("*.jpeg"))) == 1


def test_damaged_file_is_fetched_again(ask):
    cutout, _ = ask("good")
    with Path(cutout.path).open("rb+") as file:
        file.seek(700)
        file.write(b"damage")
    again, requests = ask("good")
    assert (again.status, requests) == ("ok", 1)
    np.testing.assert_array_equal(again.pixels, cutout.pixels)


def test_rows_with_one_request_are_fetched_once(image_server, tmp_path):
    source = LegacySurvey(base_url=image_server.url("good"), connections=4)
    table = Table({"ra": [10.0] * 30, "dec": [1.0] * 30})
    found = list(iter_cutouts(table, source, framing=Framing(size=64), access=Access(folder=tmp_path)))
    assert sorted(row for row, _ in found) == list(range(30))
    assert sum(image_server.counts.values()) == 1


def test_no_more_connections_are_used_than_allowed(tmp_path):
    table = Table({"ra": np.arange(60.0), "dec": np.zeros(60)})
    with ImageServer(latency=0.01) as images:
        source = LegacySurvey(base_url=images.url("good"), connections=3)
        list(iter_cutouts(table, source, framing=Framing(size=64), access=Access(folder=tmp_path)))
        assert images.busiest == 3


def test_public_server_is_not_asked_by_too_many():
    table = Table({"ra": [1.0], "dec": [1.0]})
    with pytest.raises(AgnsfError, match="at most 4 connections, not 5"):
        iter_cutouts(table, LegacySurvey(), access=Access(connections=5))


def test_server_that_never_answers_is_given_up(tmp_path):
    source = LegacySurvey(base_url="http://127.0.0.1:9", connections=2)
    table = Table({"ra": np.arange(1000.0) / 3, "dec": np.zeros(1000)})
    with pytest.raises(AgnsfError, match="has not answered to any of"):
        list(iter_cutouts(table, source, access=Access(folder=tmp_path)))


def test_server_knows_who_asks(ask, image_server):
    ask("good")
    assert image_server.headers["User-Agent"].startswith("agnsf/")
    assert "https://" in image_server.headers["User-Agent"]
    with downloads.conf.set_temp("contact", "ada@example.org"):
        ask("good", ra=151.0)
    assert "ada@example.org" in image_server.headers["User-Agent"]


def test_request_has_coordinates_to_a_ten_millionth_of_a_degree():
    url = LegacySurvey().url({"ra": 360.0 + 1.23456785, "dec": -0.00000004}, size=250, pixel_scale=0.15)
    assert "ra=1.2345678&" in url or "ra=1.2345679&" in url
    assert url.startswith("https://www.legacysurvey.org/viewer/jpeg-cutout?")
    assert url.endswith("dec=-0.0000000&layer=ls-dr10-grz&pixscale=0.15&size=250")


def test_small_picture_of_sdss_is_asked_for_at_64_pixels(ask, image_server):
    cutout, _ = ask("good", source=Sdss, size=40)
    assert cutout.pixels.shape == (40, 40, 3)
    assert cutout.pixel_scale == pytest.approx(8.0 * 3 / 40)
    [path] = image_server.counts
    assert "width=64&height=64&opt=" in path
    assert f"scale={8 * 3 / 64:.7g}&" in path


def test_size_that_the_service_would_clip_in_silence_is_refused(ask):
    with pytest.raises(AgnsfError, match="at most 2048 pixels"):
        ask("good", source=Sdss, size=2100)


def test_layer_with_two_kinds_of_color_is_warned_of(image_server, tmp_path):
    source = LegacySurvey(base_url=image_server.url("good"), layer="ls-dr10", bands="grz")
    with pytest.warns(AgnsfWarning, match="mixes its colors differently"):
        list(iter_cutouts(Table({"ra": [1.0], "dec": [1.0]}), source, access=Access(folder=tmp_path)))


@pytest.mark.parametrize(
    ("options", "color"),
    [
        ({}, "legacysurvey"),
        ({"layer": "ls-dr9"}, "legacysurvey"),
        ({"layer": "ls-dr9-north"}, "legacysurvey"),
        ({"layer": "ls-dr10"}, "legacysurvey-griz"),
        ({"layer": "ls-dr10", "format": "fits"}, "legacysurvey"),
        ({"layer": "ls-dr10", "format": "fits", "bands": "griz"}, "legacysurvey-griz"),
        ({"layer": "sdss"}, "viewer-sdss"),
        ({"layer": "galex"}, "unknown"),
    ],
)
def test_color_of_a_layer_is_that_of_the_viewer(options, color):
    assert LegacySurvey(**options).color == color


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (LegacySurvey, {"format": "png"}, "jpeg and fits, not 'png'"),
        (LegacySurvey, {"inverse_variance": True}, "format=fits only"),
        (LegacySurvey, {"layer": "unwise-neo7", "format": "fits"}, "flux scale of layer"),
        (Sdss, {"format": "png"}, "jpeg and fits, not 'png'"),
        (Sdss, {"bands": "ug"}, "is for format=fits"),
        (Sdss, {"format": "fits", "bands": "grx"}, "bands ugriz"),
        (Sdss, {"data_release": 12}, "from 16 on"),
    ],
)
def test_options_that_make_no_sense_are_refused(source, options, message):
    with pytest.raises(AgnsfError, match=message):
        source(**options)


@dataclass(frozen=True)
class _Minimal(agnsf.CutoutService):
    """A survey as a plugin author writes it first."""

    name = "minimal"

    def url(self, row, *, size, pixel_scale):
        return f"{self.base_url}/x?ra={row['ra']}&size={size}"


def test_service_of_three_lines_is_enough(ask):
    cutout, requests = ask("good", source=_Minimal)
    assert (cutout.status, cutout.color, requests) == ("ok", "unknown", 1)
    np.testing.assert_array_equal(cutout.pixels, decode(picture(80, round(150.0 * 1e4) % 16)))


@dataclass(frozen=True)
class _Broken(_Minimal):
    """A survey whose url fails."""

    name = "broken"

    def url(self, row, *, size, pixel_scale):
        return row["no such column"]


def test_error_in_a_service_names_the_service(ask):
    with pytest.raises(KeyError) as caught:
        ask("good", source=_Broken)
    assert f"raised by image source 'broken' ({__name__}._Broken)" in caught.value.__notes__
