# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One HTTP request: its redirects, its limits, and what its answer means."""

import threading
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from agnsf.downloads._connections import Connections
from agnsf.downloads._settings import conf
from agnsf.roles import CutoutError

__all__ = ["MAX_BYTES", "Answer", "Failure", "NoConnection", "Requester"]

#: Length of the longest answer that is read unless said otherwise.
MAX_BYTES = 64 * 2**20

_CHUNK = 2**16
_REDIRECTS = 5
_ALL = 10**6  # tries; the setting limits them
_TRIES_OF_500 = 2  # and of other answers 5xx that are not passing
_REDIRECTING = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """
    The body of an answer, with its type.

    Parameters
    ----------
    data : bytes
        All of it.
    content_type : str
        As the server gave it, without parameters, in lower case; may be empty.
    """

    data: bytes
    content_type: str


class Failure(Exception):
    """One try that failed: what to report, how many tries it deserves in all, how long the server asks to wait."""

    def __init__(self, status, message, *, tries=1, retry_after=None):
        super().__init__(message)
        self.error = CutoutError(status, message)
        self.tries = tries
        self.retry_after = retry_after


class NoConnection(Failure):
    """The server could not be reached at all."""


def _shown(url):
    """Return a URL as messages show it: without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _redirected(url, location):
    """Return where a redirect leads; one from https to anything else is refused."""
    try:
        target = urljoin(url, location)
        encrypted = urlsplit(target).scheme == "https"
    except ValueError as exc:
        raise Failure("bad_request", f"{_shown(url)} redirects to what is no address: {exc}") from exc
    if urlsplit(url).scheme == "https" and not encrypted:
        raise Failure("bad_request", f"{_shown(url)} redirects to {_shown(target)}, which is not https")
    return target


def _seconds(retry_after):
    """Return what a Retry-After header asks for, in seconds; None if it cannot be read."""
    try:
        return max(0.0, float(retry_after))
    except (TypeError, ValueError):
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


class Requester:
    """Make single requests, from several threads at once; the settings are those at the time when it is made."""

    def __init__(self):
        self._connections, self._total = Connections(), conf.total_timeout
        self.stopped = threading.Event()

    def close(self):
        """Close all connections."""
        self.stopped.set()
        self._connections.close()

    def follow(self, url, max_bytes):
        """Make a request and follow its redirects."""
        for _ in range(_REDIRECTS + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                raise Failure("bad_request", f"expected an address of http or https, found {_shown(url)}")
            response, body = self._ask(url, max_bytes)
            target = response.headers.get("location")
            if response.status not in _REDIRECTING or not target:
                return _accept(url, response, body)
            url = _redirected(url, target)
        raise Failure("bad_request", f"more than {_REDIRECTS} redirects, the last to {_shown(url)}")

    def _ask(self, url, max_bytes):
        """Return the answer to one request, with its body."""
        try:
            response = self._connections.get(url)
            try:
                body = self._read(response, max_bytes if response.status == 200 else _CHUNK)
            except BaseException:
                response.close()  # a connection on which something went wrong is not used again
                raise
            response.release_conn()
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as exc:
            raise _failure(_shown(url), exc) from exc
        return response, body

    def _read(self, response, max_bytes):
        """Return the body, piece by piece, so that neither its length nor its slowness can hurt."""
        deadline, body = time.monotonic() + self._total, bytearray()
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > max_bytes and response.status == 200:
            raise Failure("corrupt", f"expected at most {max_bytes} bytes, the server announces {announced}")
        while piece := response.read1(_CHUNK):
            body += piece
            if len(body) > max_bytes:
                if response.status != 200:
                    response.close()
                    break
                raise Failure("corrupt", f"expected at most {max_bytes} bytes, the server sends more")
            if time.monotonic() > deadline or self.stopped.is_set():
                raise Failure("timeout", f"{len(body)} bytes came in {self._total:.0f} seconds and no end", tries=_ALL)
        return bytes(body)


def _accept(url, response, body):
    """Return the answer, or raise what its status means."""
    status = response.status
    if status == 200 and body:
        return Answer(body, response.headers.get("content-type", "").partition(";")[0].strip().lower())
    where = _shown(url)
    if status == 200:
        raise Failure("corrupt", f"{where} gave 0 bytes", tries=_ALL)
    said = " ".join(body[:400].decode("utf-8", "replace").split())[:120]
    message = f"{where} answered {status} {response.reason or ''}".rstrip() + (f": {said}" if said else "")
    if status in _PASSING or status >= 500:
        tries = _ALL if status in _PASSING else _TRIES_OF_500
        raise Failure("server_error", message, tries=tries, retry_after=_seconds(response.headers.get("retry-after")))
    raise Failure("missing" if status in (404, 410) else "bad_request", message)


def _failure(where, exc):
    """Return the failure that an exception of requests or urllib3 means."""
    if isinstance(exc, urllib3.exceptions.SSLError):
        return Failure("server_error", f"{where} has no valid certificate: {_reason(exc)}")
    if isinstance(exc, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError)):
        return NoConnection("server_error", f"no connection to {where}: {_reason(exc)}", tries=_ALL)
    if isinstance(exc, urllib3.exceptions.TimeoutError):
        kind = NoConnection if isinstance(exc, urllib3.exceptions.ConnectTimeoutError) else Failure
        return kind("timeout", f"{where} did not answer in time", tries=_ALL)
    if isinstance(exc, (requests.exceptions.RequestException, urllib3.exceptions.LocationValueError, UnicodeError)):
        return Failure("bad_request", f"{where} is no address: {exc}")
    if isinstance(_innermost(exc), urllib3.exceptions.IncompleteRead):
        return Failure("corrupt", f"{where} broke off its answer: {_innermost(exc)}", tries=_ALL)
    return Failure("server_error", f"{where} broke the connection: {_reason(exc)}", tries=_ALL)


def _innermost(exc):
    """Return the exception that a chain of exceptions is about."""
    while (inner := getattr(exc, "reason", None) or (exc.args and exc.args[-1])) and isinstance(inner, Exception):
        exc = inner
    return exc


def _reason(exc):
    """Return what an exception is about in words that name no object and no address."""
    exc = _innermost(exc)
    return getattr(exc, "strerror", None) or str(exc).rpartition(": ")[2] or type(exc).__name__
