# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One question to an image source, whatever kind of source it is."""

from contextlib import contextmanager

from agnsf.columns import AgnsfError
from agnsf.roles import Cutout, CutoutError

__all__ = ["asker"]


@contextmanager
def asker(source, *, size, access):
    """
    Give a function from a row and a pixel scale to a `Cutout`, and close what it needs.

    Parameters
    ----------
    source : ImageSource
        Whom to ask.
    size : int
        Width and height of the cutouts in pixels.
    access : Access
        How to ask.

    Yields
    ------
    ask : callable
        Its method ``stop`` makes questions that are under way end early.
    """
    yield _Asker(source, size)


class _Asker:
    """Ask a source that finds its cutouts by itself."""

    def __init__(self, source, size):
        self._source, self._size = source, size

    def __call__(self, row, pixel_scale):
        try:
            cutout = self._find(row, pixel_scale)
        except CutoutError as exc:
            return Cutout(None, status=exc.status, message=exc.message)
        if not isinstance(cutout, Cutout) or cutout.pixels is None:
            raise TypeError(f"Image source {self._source.name!r} must return a Cutout with pixels, not {cutout!r}")
        return cutout

    def _find(self, row, pixel_scale):
        with blamed_on(self._source):
            return self._source.cutout(row, size=self._size, pixel_scale=pixel_scale)

    def stop(self):
        """Nothing is under way for long."""


@contextmanager
def blamed_on(source):
    """Note on an exception that it was raised by an image source."""
    try:
        yield
    except AgnsfError:
        raise
    except Exception as exc:
        exc.add_note(f"raised by image source {source.name!r} ({type(source).__module__}.{type(source).__qualname__})")
        raise
