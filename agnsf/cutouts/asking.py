# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One question to an image source, whatever kind of source it is."""

import inspect
from dataclasses import replace

from agnsf.columns import AgnsfError
from agnsf.cutouts.acceptance import accept_answer
from agnsf.cutouts.store import Store
from agnsf.images import fit_input
from agnsf.plugins import blame
from agnsf.roles import Cutout, CutoutError, CutoutService

__all__ = ["asker"]

_OVERHEAD = 2**20  # bytes that an answer may have beside its pixels
_SPARE_THREADS = 2  # to decode and keep answers while all connections are busy
_BYTES_PER_PIXEL = 64  # eight planes of float32, each with its inverse variance


def asker(source, *, size, access, connections):
    """
    Return a callable from a row and a pixel scale to a `Cutout`.

    Parameters
    ----------
    source : ImageSource
        Whom to ask.
    size : int
        Width and height of the cutouts in pixels.
    access : Access
        How to ask.
    connections : int
        How many questions may be under way at once.

    Returns
    -------
    ask : callable
        Its ``threads`` says from how many threads it is to be called. Its method ``stop`` makes
        questions that are under way end early, ``close`` frees what it holds.
    """
    if isinstance(source, CutoutService) and source.one_request:
        return _ServiceAsker(source, size, access, connections)
    if "download" in inspect.signature(source.cutout).parameters:
        return _DownloadAsker(source, size, access, connections)
    return _Asker(source, size, connections)


class _Asker:
    """Ask a source that finds its cutouts by itself."""

    def __init__(self, source, size, threads):
        self._source, self._size, self.threads = source, size, threads

    def __call__(self, row, pixel_scale):
        try:
            cutout = self._find(row, pixel_scale)
        except CutoutError as exc:
            return Cutout(None, status=exc.status, message=exc.message)
        if not isinstance(cutout, Cutout) or cutout.pixels is None:
            raise TypeError(f"Image source {self._source.name!r} must return a Cutout with pixels, not {cutout!r}")
        return cutout

    def _find(self, row, pixel_scale):
        with blame(self._source):
            return self._source.cutout(row, size=self._size, pixel_scale=pixel_scale)

    def stop(self):
        """Nothing is under way for long."""

    def close(self):
        """Nothing is held."""


class _DownloadAsker(_Asker):
    """Ask a source that downloads what it needs through us."""

    def __init__(self, source, size, access, connections):
        super().__init__(source, size, connections + _SPARE_THREADS)
        self._store = Store(access, connections)

    def _find(self, row, pixel_scale):
        with blame(self._source):
            return self._source.cutout(row, size=self._size, pixel_scale=pixel_scale, download=self._store.get)

    def stop(self):
        self._store.stop()

    def close(self):
        self._store.close()


class _ServiceAsker(_DownloadAsker):
    """Ask a service, which answers one request with one cutout."""

    def _find(self, row, pixel_scale):
        source, wanted = self._source, self._size
        smallest, largest = source.sizes
        if wanted > largest:
            raise AgnsfError(
                f"Image source {source.name!r} gives at most {largest} pixels; --size {wanted} is too large"
            )
        # A cutout smaller than the service can give is asked for at its smallest size, and resampled.
        size = max(wanted, smallest)
        asked = {"size": size, "pixel_scale": pixel_scale * wanted / size}

        def accept(data, content_type):
            with blame(source):
                return accept_answer(data, content_type, source=source, row=row, **asked)

        def why(error):
            with blame(source):
                return source.explain(error, row, download=self._store.get, **asked)

        with blame(source):
            url = source.url(row, **asked)
        cutout, path = self._store.fetch(url, accept, why=why, max_bytes=_OVERHEAD + _BYTES_PER_PIXEL * size**2)
        if size != wanted:
            kind = "rgb" if cutout.is_picture else "flux"
            cutout = fit_input(cutout, input=kind, size=wanted, color=source.color)
        return replace(cutout, path=str(path))
