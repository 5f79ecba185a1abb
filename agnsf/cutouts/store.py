# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Answers to requests: from the cache where they are there, else from the server."""

import threading

from agnsf.cache import CutoutCache, NotKeptError
from agnsf.downloads import MAX_BYTES, Downloader
from agnsf.roles import CutoutError

__all__ = ["Store"]

_STRIPES = 1024


class Store:
    """
    The cutout cache with the servers behind it, for several threads.

    Parameters
    ----------
    access : Access
        Which cache, and whether to use it, the servers, or both.
    connections : int
        How many requests may be under way at once, however many threads there are: while one
        thread decodes an answer, another one can ask.
    """

    def __init__(self, access, connections):
        self._cache = CutoutCache(access.folder)
        self._offline, self._refresh = access.offline, access.refresh
        self._downloader, self._slots = Downloader(), threading.Semaphore(connections)
        self._fresh = set()  # requests that this run has made already, when it is to refresh
        self._locks = [threading.Lock() for _ in range(_STRIPES)]

    def fetch(self, url, accept, *, why=None, max_bytes=MAX_BYTES):
        """
        Return what an answer means, asking the server only where the cache has none.

        Two threads that want the same answer ask for it once.

        Parameters
        ----------
        url : str
            The request.
        accept : callable
            From the bytes of an answer and its content type (None for a kept one) to what it
            means; raises `CutoutError` for an answer that is not to be kept.
        why : callable or None, optional
            From the `CutoutError` of a failed request to the one to report.
        max_bytes : int, optional
            Length of the longest answer that can be right.

        Returns
        -------
        meaning : object
            What ``accept`` returned.
        path : `~pathlib.Path`
            The file in which the answer is kept.

        Raises
        ------
        CutoutError
            If there is no answer, or it is not accepted. One that is ``outside`` is remembered.
        """
        with self._locks[hash(url) % _STRIPES]:
            if not self._refresh or url in self._fresh:
                found = self._from_cache(url, accept)
                if found is not None:
                    return found
            if self._offline:
                raise NotKeptError
            try:
                with self._slots:
                    answer = self._downloader.get(url, max_bytes=max_bytes)
            except CutoutError as exc:
                failure = exc
            else:
                return self._from_answer(url, answer, accept)
        # Outside the lock, because the source may ask for something else to find out.
        failure = why(failure) if why is not None else failure
        if failure.status == "outside":
            self._cache.keep_outside(url, failure.message)
        raise failure

    def get(self, url, *, check=None):
        """
        Return the bytes of an answer; what a source's ``download`` is.

        Parameters
        ----------
        url : str
            The request.
        check : callable or None, optional
            Raises `CutoutError` for bytes that are not to be kept.

        Returns
        -------
        data : bytes
            The answer.
        """

        def accept(data, content_type):
            if check is not None:
                check(data)
            return data

        return self.fetch(url, accept)[0]

    def _from_cache(self, url, accept):
        """Return what a kept answer means; None if there is none that is still accepted."""
        kept = self._cache.find(url)
        if kept is None:
            return None
        if kept.data is None:
            raise CutoutError("outside", kept.outside)
        try:
            return accept(kept.data, None), kept.path
        except CutoutError as exc:  # it was kept by a version of agnsf that accepted it
            if self._offline or exc.status == "outside":
                raise
            return None

    def _from_answer(self, url, answer, accept):
        try:
            meaning = accept(answer.data, answer.content_type)
        except CutoutError as exc:
            if exc.status == "outside":
                self._cache.keep_outside(url, exc.message)
            raise
        path = self._cache.keep(url, answer.data)
        if self._refresh:
            self._fresh.add(url)
        return meaning, path

    def stop(self):
        """Let requests that are under way end soon."""
        self._downloader.stop()

    def close(self):
        """Close the connections."""
        self._downloader.close()
