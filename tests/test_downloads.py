# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What requests must never do, and when they are made again."""

import email.utils
import gzip
import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from urllib3.response import HTTPResponse

from agnsf import downloads
from agnsf.columns import AgnsfError
from agnsf.downloads import Downloader
from agnsf.downloads._connections import Connections
from agnsf.downloads._once import _seconds
from agnsf.roles import CutoutError


@contextmanager
def _answering(monkeypatch, *answers):
    """Give a downloader whose requests are answered in turn, and the list of what it asked for."""
    asked, left = [], list(answers)

    def get(self, url):
        asked.append(url)
        status, headers, body = left.pop(0)
        return HTTPResponse(body=io.BytesIO(body), status=status, headers=headers, preload_content=False)

    monkeypatch.setattr(Connections, "get", get)
    with downloads.conf.set_temp("pause", 0.001):
        downloader = Downloader()
    yield downloader, asked
    downloader.close()


def test_redirect_from_https_to_http_is_not_followed(monkeypatch):
    with (
        _answering(monkeypatch, (302, {"location": "http://example.org/x"}, b"")) as (downloader, asked),
        pytest.raises(CutoutError, match="which is not https") as caught,
    ):
        downloader.get("https://example.org/x")
    assert caught.value.status == "bad_request"
    assert asked == ["https://example.org/x"]


@pytest.mark.parametrize("target", ["https://example.org/y", "/y", "y"])
def test_redirect_to_https_is_followed(monkeypatch, target):
    with _answering(monkeypatch, (301, {"location": target}, b""), (200, {}, b"image")) as (downloader, asked):
        assert downloader.get("https://example.org/x").data == b"image"
    assert asked[1] == "https://example.org/y"


@pytest.mark.parametrize("target", ["ftp://example.org/x", "file:///etc/passwd", "gopher://x"])
def test_redirect_to_another_scheme_is_not_followed(monkeypatch, target):
    with _answering(monkeypatch, (302, {"location": target}, b"")) as (downloader, asked), pytest.raises(CutoutError):
        downloader.get("http://example.org/x")
    assert len(asked) == 1


@pytest.mark.parametrize("target", ["http://[", "http://x:port/"])
def test_redirect_to_what_is_no_address_is_a_bad_request(monkeypatch, image_server, target):
    get = Connections.get

    def redirect_once(self, url):
        if not url.endswith("/moved"):
            return get(self, url)
        return HTTPResponse(body=io.BytesIO(), status=302, headers={"location": target}, preload_content=False)

    monkeypatch.setattr(Connections, "get", redirect_once)
    with pytest.raises(CutoutError, match="no address") as caught:
        Downloader().get(image_server.url("moved"))
    assert caught.value.status == "bad_request"


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("/jpeg-cutout?ra=1&size=16", "/jpeg-cutout?ra=1&size=16"),
        ("/jpeg-cutout?ra=1&size=16&name=M 31#top", "/jpeg-cutout?ra=1&size=16&name=M%2031"),
        ("/jpeg-cutout?ra=1&size=16&name=%20\u00e9", "/jpeg-cutout?ra=1&size=16&name=%20%C3%A9"),
    ],
)
def test_address_is_sent_quoted_once_and_without_its_fragment(image_server, asked, sent):
    Downloader().get(image_server.url("good") + asked)
    assert list(image_server.counts) == [f"/good{sent}"]


def test_message_shows_no_password_and_no_query(monkeypatch):
    with _answering(monkeypatch, (403, {}, b"no")) as (downloader, _), pytest.raises(CutoutError) as caught:
        downloader.get("https://me:secret@example.org/x?token=secret")
    assert "secret" not in str(caught.value)
    assert "https://example.org/x answered 403" in caught.value.message


@pytest.mark.parametrize(
    ("answers", "requests"),
    [([503, 503, 200], 3), ([429, 200], 2), ([502, 504, 408, 425, 200], 5), ([500, 200], 2)],
)
def test_server_that_may_recover_is_asked_again(monkeypatch, answers, requests):
    with _answering(monkeypatch, *[(status, {}, b"image") for status in answers]) as (downloader, asked):
        assert downloader.get("https://example.org/x").data == b"image"
    assert len(asked) == requests


@pytest.mark.parametrize(
    ("status", "requests", "reported"),
    [
        (400, 1, "bad_request"),
        (401, 1, "bad_request"),
        (404, 1, "missing"),
        (410, 1, "missing"),
        (304, 1, "bad_request"),
        (500, 2, "server_error"),
        (501, 2, "server_error"),
        (503, 5, "server_error"),
    ],
)
def test_each_status_is_tried_as_often_as_it_deserves(monkeypatch, status, requests, reported):
    with _answering(monkeypatch, *[(status, {}, b"")] * 5) as (downloader, asked), pytest.raises(CutoutError) as caught:
        downloader.get("https://example.org/x")
    assert (len(asked), caught.value.status) == (requests, reported)


def test_compressed_answer_cannot_grow_beyond_the_limit(monkeypatch):
    body = gzip.compress(bytes(10**7))
    with (
        _answering(monkeypatch, (200, {"content-encoding": "gzip"}, body)) as (downloader, _),
        pytest.raises(CutoutError, match="the server sends more"),
    ):
        downloader.get("https://example.org/x", max_bytes=10**6)


def test_retry_after_is_read_as_seconds_or_as_a_date():
    assert _seconds("7") == 7
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert 28 < _seconds(date) <= 31
    assert _seconds(None) is None
    assert _seconds("soon") is None
    assert _seconds("-3") == 0


def test_server_is_not_asked_more_often_than_the_user_allows(monkeypatch):
    with (
        downloads.conf.set_temp("requests_per_second", 10.0),
        _answering(monkeypatch, *[(200, {}, b"image")] * 5) as (downloader, _),
    ):
        start = time.monotonic()
        for host in ("example.org", "example.com"):  # each at a pace of its own
            downloader.get(f"https://{host}/x")
        assert time.monotonic() - start < 0.1
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(downloader.get, ["https://example.org/x"] * 3))
    assert 0.3 <= time.monotonic() - start < 1


def test_stopping_ends_a_pause_at_once(monkeypatch):
    with _answering(monkeypatch, (503, {"retry-after": "200"}, b"")) as (downloader, _):
        downloader.stop()
        start = time.monotonic()
        with pytest.raises(CutoutError, match="stopped"):
            downloader.get("https://example.org/x")
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("url", ["ftp://example.org/x", "file:///etc/passwd", "example.org/x", "http://[", "http://"])
def test_what_is_no_web_address_is_a_bad_request(url):
    with pytest.raises(CutoutError) as caught:
        Downloader().get(url)
    assert caught.value.status == "bad_request"


def test_server_that_answered_once_is_not_given_up(image_server):
    with downloads.conf.set_temp("tries", 1):
        downloader = Downloader()
    downloader.get(f"{image_server.url('good')}/jpeg-cutout?ra=1&size=16")
    for _ in range(20):
        with pytest.raises(CutoutError, match="answered 503"):
            downloader.get(f"{image_server.url('always503')}/x?ra=1&size=16")


def test_server_that_never_answers_is_given_up_after_some_requests():
    with downloads.conf.set_temp("tries", 4), downloads.conf.set_temp("pause", 0.001):
        silent = Downloader()
    for _ in range(2):
        with pytest.raises(CutoutError, match=r"no connection to http://127\.0\.0\.1:9/x: .*Connection refused"):
            silent.get("http://127.0.0.1:9/x")
    with pytest.raises(AgnsfError, match="has not answered to any of 12 requests"):
        silent.get("http://127.0.0.1:9/x")
