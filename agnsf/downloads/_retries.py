# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Requests that are tried again, at a pace that the server can bear."""

import random
import threading
import time
from urllib.parse import urlsplit

from agnsf.columns import AgnsfError
from agnsf.downloads._once import MAX_BYTES, Failure, NoConnection, Requester
from agnsf.downloads._settings import conf
from agnsf.roles import CutoutError

__all__ = ["Downloader"]

_LONGEST_PAUSE = 60.0  # seconds
_LONGEST_RETRY_AFTER = 300.0  # seconds; a server that asks for more is given up
_SILENT_TRIES = 12  # after so many, a server that never answered is given up


class Downloader:
    """
    Make GET requests, from several threads at once.

    Connection errors, answers that break off or come too slowly, and the answers 408, 425, 429, 502,
    503 and 504 are tried again after pauses that double and vary by chance; 500 and its other
    relatives are tried once more, other answers are not. ``Retry-After`` and the setting
    ``requests_per_second`` are honored for each server, by all threads together. Redirects are
    followed on http and https, and never from https to http. An answer is read no further than the
    caller allows.

    Its settings are those of `conf` at the time when it is made.
    """

    def __init__(self):
        self._tries, self._pause = conf.tries, conf.pause
        self._gap = 1 / conf.requests_per_second if conf.requests_per_second > 0 else 0.0
        self._requester = Requester()
        self._lock, self._not_before = threading.Lock(), {}
        self._answered, self._silent = set(), {}

    def get(self, url, *, max_bytes=MAX_BYTES):
        """
        Return the answer to a request.

        Parameters
        ----------
        url : str
            Of http or https.
        max_bytes : int, optional
            Refuse a longer answer, before it is read.

        Returns
        -------
        answer : Answer
            The body of an answer 200.

        Raises
        ------
        CutoutError
            ``missing`` for 404 and 410, ``bad_request`` for other answers 4xx, ``server_error``
            for 5xx and where no connection was possible, ``timeout``, ``corrupt`` for an answer
            that broke off, was empty or too long.
        AgnsfError
            If the URL is none, or the server has never answered to a number of requests.
        """
        try:
            host = urlsplit(url).hostname or ""
        except ValueError as exc:
            raise CutoutError("bad_request", f"expected an address, found {url[:40]!r}: {exc}") from exc
        for attempt in range(1, self._tries + 1):
            self._wait(self._turn(host))
            try:
                answer = self._requester.follow(url, max_bytes)
            except Failure as failure:
                self._count_silence(host, failure)
                last = attempt >= min(self._tries, failure.tries)
                if last or (failure.retry_after or 0) > _LONGEST_RETRY_AFTER:
                    raise failure.error from failure
                self._back_off(host, attempt, failure.retry_after)
            else:
                self._answered.add(host)
                return answer
        raise AssertionError("the last try has returned or raised")

    def stop(self):
        """Let every request that is under way, or begins later, end soon."""
        self._requester.stopped.set()

    def close(self):
        """Close all connections."""
        self._requester.close()

    def _turn(self, host):
        """Take the next turn at a server; return how many seconds it is away."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._not_before.get(host, now))
            self._not_before[host] = turn + self._gap
        return turn - now

    def _wait(self, seconds):
        stopped = self._requester.stopped
        if stopped.wait(seconds) if seconds > 0 else stopped.is_set():
            raise CutoutError("timeout", "stopped before the server was asked")

    def _back_off(self, host, attempt, retry_after):
        """Pause this thread before its next try, or all of them as long as the server asks for."""
        if retry_after is not None:
            with self._lock:
                self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + retry_after)
        else:
            self._wait(min(_LONGEST_PAUSE, self._pause * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5))

    def _count_silence(self, host, failure):
        """Give up on a server that never answered: a network may recover, a wrong address will not."""
        if not isinstance(failure, NoConnection):
            self._answered.add(host)
        if host in self._answered:
            return
        with self._lock:
            self._silent[host] = self._silent.get(host, 0) + 1
            silent = self._silent[host]
        if silent >= _SILENT_TRIES:
            raise AgnsfError(
                f"{host} has not answered to any of {silent} requests ({failure}); check the address and the network, "
                "or use the option --offline"
            ) from failure
