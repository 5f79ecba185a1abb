# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The threads that ask an image source for many cutouts."""

import queue
import threading
from contextlib import closing

import numpy as np

from agnsf.columns import AgnsfError, float_values, require_columns
from agnsf.cutouts.asking import asker
from agnsf.cutouts.framing import Access, Framing
from agnsf.roles import Cutout

__all__ = ["iter_cutouts"]

_NO_PLACE = "expected ra between 0 and 360 and dec between -90 and 90 degrees, found {} and {}"
_BLOCK = 256  # rows whose columns are turned into plain values at a time
_LOOK_AHEAD = 8  # finished cutouts that may wait for the caller, per thread
_PATIENCE = 2.0  # seconds to wait for threads that are to stop


def iter_cutouts(table, source, *, framing=None, access=None, finish=None):
    """
    Ask an image source for the cutouts of all galaxies, several at once.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, by our column names and units (`agnsf.catalogs.translate`).
    source : ImageSource
        Where the cutouts come from.
    framing : Framing or None, optional
        How they are framed.
    access : Access or None, optional
        How they are asked for.
    finish : callable or None, optional
        From `~agnsf.Cutout` to `~agnsf.Cutout`, called in the thread that got a usable cutout:
        `agnsf.images.fit_input` with its options, for instance.

    Yields
    ------
    row : int
        Each row exactly once, in the order in which the cutouts come.
    cutout : Cutout
        Where there is no image, its pixels are None, and its status and message say why.

    Raises
    ------
    ColumnError
        If the table lacks a column that the image source needs.

    Notes
    -----
    A few cutouts more than the caller has taken are held in memory, and no more. Closing the
    generator stops the threads.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.cutouts import iter_cutouts
    >>> from agnsf.plugins import load_image_source
    >>> table = Table({'id': ['M 31']})
    >>> [cutout.status for row, cutout in iter_cutouts(table, load_image_source('folder'))]
    ['missing']
    """
    require_columns(table, source.needs, who=f"Image source {source.name!r}")
    access = access or Access()
    _connections(source, access)
    return _generate(table, source.prepare(table), framing or Framing(), access, finish)


def _generate(table, source, framing, access, finish):
    bad = np.zeros(len(table), dtype=bool)
    if {"ra", "dec"} <= set(source.needs):
        ra, dec = float_values(table, "ra"), float_values(table, "dec")
        bad = ~((ra >= 0) & (ra <= 360) & (np.abs(dec) <= 90))
        for row in np.flatnonzero(bad).tolist():
            yield row, Cutout(None, status="bad_coordinates", message=_NO_PLACE.format(ra[row], dec[row]))
    tasks = _tasks(table, np.flatnonzero(~bad), framing.pixel_scales(table), source.group(table))
    ask = asker(source, size=framing.size, access=access, connections=_connections(source, access))
    if framing.radius == "measure" and framing.pixel_scale is None:
        from agnsf.cutouts.sizing import SizingAsker  # not on top: photutils takes long to import

        ask = SizingAsker(ask, framing, source.color)
    with (
        closing(ask),
        closing(_Threads(tasks, ask, finish)) as threads,
    ):
        yield from threads.results(int(np.count_nonzero(~bad)))


def _connections(source, access):
    """Return how many questions may be under way at once; a public server is not to be asked by too many."""
    count = access.connections or source.connections
    most = getattr(source, "most_connections", None)
    fields = getattr(source, "__dataclass_fields__", {})
    public = "base_url" in fields and source.base_url == fields["base_url"].default
    if most is not None and public and count > most:
        raise AgnsfError(
            f"Image source {source.name!r} allows at most {most} connections, not {count}; "
            "a server of your own, named by the option base_url, has no such limit"
        )
    return count


def _plain(column, rows):
    """Return some values of a column as plain Python values, None where masked."""
    values = column[rows]
    mask = getattr(values, "mask", None)
    values = getattr(values, "unmasked", values)
    values = np.ma.getdata(getattr(values, "value", values)).tolist()
    if mask is not None and np.any(mask):
        values = [None if masked else value for value, masked in zip(values, mask, strict=True)]
    return [value.decode() if isinstance(value, bytes) else value for value in values]


def _tasks(table, rows, pixel_scales, keys):
    """Yield lists of (row number, row, pixel scale): one row each, or the rows of one group."""
    if keys is not None:
        keys = np.asarray(keys)[rows]
        order = np.argsort(keys, kind="stable")
        rows, keys = rows[order], keys[order]
    names = [name for name in table.colnames if hasattr(table[name], "dtype") and table[name].ndim == 1]
    columns = [table[name] for name in names]
    task = []
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        values = zip(*(_plain(column, block) for column in columns), strict=True) if names else [()] * len(block)
        for place, (row, plain) in enumerate(zip(block.tolist(), values, strict=True), start):
            task.append((row, dict(zip(names, plain, strict=True)), float(pixel_scales[row])))
            last = place + 1 == len(rows)
            if keys is None or last or keys[place + 1] != keys[place] or len(task) == _BLOCK:
                yield task
                task = []


class _Threads:
    """Some threads that take tasks and put cutouts into a queue of limited length."""

    def __init__(self, tasks, ask, finish):
        self._tasks, self._ask, self._finish = tasks, ask, finish
        self._lock, self._stop = threading.Lock(), threading.Event()
        count = ask.threads
        self._done, self._room = queue.SimpleQueue(), threading.Semaphore(_LOOK_AHEAD * count)
        self._batch = _LOOK_AHEAD * count // 2
        self._threads = [
            threading.Thread(target=self._work, name=f"agnsf-cutouts-{number}", daemon=True) for number in range(count)
        ]

    def results(self, expected):
        """Yield what the threads find, until every row has come."""
        for thread in self._threads[: expected or 0]:
            thread.start()
        for taken in range(1, expected + 1):
            found = self._done.get()
            if isinstance(found, BaseException):
                raise found
            if not taken % self._batch:  # not each by itself, which would wake a thread for each
                self._room.release(self._batch)
            yield found

    def close(self):
        """Stop the threads; one that is stuck in the network is left behind, and stops when it wakes."""
        self._stop.set()
        self._ask.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_PATIENCE)

    def _work(self):
        try:
            while not self._stop.is_set():
                with self._lock:
                    task = next(self._tasks, None)
                if task is None:
                    return
                for row, plain, pixel_scale in task:
                    if self._stop.is_set():
                        return
                    cutout = self._ask(plain, pixel_scale)
                    if self._finish is not None and cutout.pixels is not None:
                        cutout = self._finish(cutout)
                    self._put((row, cutout))
        except BaseException as exc:  # to be raised where the cutouts are asked for
            self._put(exc)

    def _put(self, found):
        while not self._stop.is_set():
            if self._room.acquire(timeout=0.2):
                self._done.put(found)
                return
