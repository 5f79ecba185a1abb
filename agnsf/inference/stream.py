# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From chunks of a table to columns: cutouts come in while the network computes."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from astropy.table import Table

from agnsf.columns import IMAGE_STATUSES, AgnsfError, float_values
from agnsf.inference.meter import Meter
from agnsf.inference.parts import PASSING

__all__ = ["PATIENCE", "SourceLostError", "classify_chunk", "classify_chunks"]

#: Cutouts in a row that fail in passing, after which server or network are taken for lost.
PATIENCE = 64

_BLOCK = 256  # rows that are handed to the network at once: a multiple of every batch size
_CHUNKS_AHEAD = 2  # chunks that may be computed while an earlier one is not done
_STATUS_DTYPE = f"U{max(map(len, IMAGE_STATUSES))}"


class SourceLostError(AgnsfError):
    """An image source does not answer any more."""


class _Chunk:
    """The columns of one chunk while they come to be."""

    def __init__(self, table, model):
        self.status, self.message = [""] * len(table), [""] * len(table)
        self.columns = {}
        self.futures = []
        names = {*model.classifier.columns, *model.ranges} & set(table.colnames)
        self.inputs = Table({name: float_values(table, name) for name in sorted(names)}, copy=False)

    def note(self, row, cutout):
        """Keep how the fetch of a row's cutout went."""
        self.status[row], self.message[row] = cutout.status, cutout.message

    def done(self):
        return all(future.done() for future in self.futures)

    def result(self):
        """Return the columns, masked where there is no image."""
        for future in self.futures:
            rows, found = future.result()
            for name, values in found.items():
                if name not in self.columns:
                    empty = np.ma.masked_all(len(self.status), dtype=np.asarray(values).dtype)
                    self.columns[name] = empty
                self.columns[name][rows] = values
        self.columns.setdefault("p_agn", np.ma.masked_all(len(self.status)))
        status, message = np.array(self.status, dtype=_STATUS_DTYPE), np.array(self.message, dtype=object)
        return {"image_status": status, "image_message": np.ma.array(message, mask=message == ""), **self.columns}


class _Blocks:
    """The images of a chunk as they come, in blocks of consecutive rows."""

    def __init__(self, length, take):
        self._take = take
        self._left = [min(_BLOCK, length - start) for start in range(0, length, _BLOCK)]
        self._open = {}

    def add(self, row, pixels):
        """Note one row; return (rows, images, buffer) when its block is whole and has images, else None."""
        number = row // _BLOCK
        if pixels is not None:
            if number not in self._open:
                self._open[number] = (self._take(pixels), np.zeros(_BLOCK, dtype=bool))
            buffer, usable = self._open[number]
            if pixels.shape != buffer.shape[1:]:
                raise AgnsfError(
                    f"The image source gives images of different shapes, {buffer.shape[1:]} and {pixels.shape} (row "
                    f"{row} of its chunk); the classifier takes one: name the bands that every galaxy has"
                )
            buffer[row % _BLOCK] = pixels
            usable[row % _BLOCK] = True
        self._left[number] -= 1
        if self._left[number] or number not in self._open:
            return None
        buffer, usable = self._open.pop(number)
        places = np.flatnonzero(usable)
        whole = len(places) == places[-1] + 1
        return number * _BLOCK + places, buffer[: len(places)] if whole else buffer[places], buffer


def classify_chunks(chunks, engine, task, *, meter=None, patience=None):
    """
    Classify the galaxies of one chunk of a table after the other.

    While the network computes one chunk, the cutouts of the next come in. Memory is bounded by
    a few blocks of images and a few chunks, however many there are.

    Parameters
    ----------
    chunks : iterable of `~astropy.table.Table`
        The galaxies, by our column names and units (`Task.view`).
    engine : Engine
        The model, ready to predict.
    task : Task
        Where the cutouts come from, and how.
    meter : Meter or None, optional
        Told how long each stage takes, and of each galaxy that is done.
    patience : int or None, optional
        How many cutouts in a row may fail in passing (server error, timeout) before the image
        source is given up.

    Yields
    ------
    columns : dict of str to array-like of shape (n,)
        One for each chunk, in their order: ``image_status`` of every row; ``image_message``, masked
        where there is nothing to say; ``p_agn`` and what else the model knows, masked where there
        is no usable image.

    Raises
    ------
    SourceLostError
        If the image source is given up.
    """
    meter = meter or Meter()
    free, waiting, pending = deque(), deque(), deque()
    failures, warm = 0, False
    limit = engine.threads + 1 if engine.threads > 1 else 0

    def take(pixels):
        return free.pop() if free else engine.buffer(_BLOCK, pixels.shape, pixels.dtype)

    def compute(rows, images, buffer, inputs):
        found = engine.predict(images, inputs[rows])
        free.append(buffer)
        return rows, found

    with engine.running(), ThreadPoolExecutor(engine.threads, "agnsf-network") as pool:
        try:
            for table in meter.waiting("table", chunks):
                chunk = _Chunk(table, engine.model)
                blocks = _Blocks(len(table), take)
                with closing(task.cutouts(table, engine.fit_input)) as cutouts:
                    for row, cutout in meter.waiting("images", cutouts):
                        chunk.note(row, cutout)
                        meter.count()
                        failures = failures + 1 if cutout.status in PASSING else 0
                        if patience is not None and failures > patience:
                            raise SourceLostError(
                                f"Image source {task.source.name!r} is lost: the last {failures} cutouts failed "
                                f"({cutout.status}: {cutout.message}); the finished parts are kept, and the same "
                                "command goes on with them"
                            )
                        block = blocks.add(row, cutout.pixels)
                        if block is None:
                            continue
                        if not warm:
                            with meter.wait("network"):
                                engine.warm_up(block[1], chunk.inputs[block[0]])
                            warm = True
                        chunk.futures.append(pool.submit(compute, *block, chunk.inputs))
                        pending.append(chunk.futures[-1])
                        with meter.wait("network"):
                            while len(pending) > limit:
                                pending.popleft().result()
                waiting.append(chunk)
                while waiting and (len(waiting) > _CHUNKS_AHEAD or waiting[0].done()):
                    yield _result(waiting.popleft(), meter)
            while waiting:
                yield _result(waiting.popleft(), meter)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _result(chunk, meter):
    with meter.wait("network"):
        return chunk.result()


def classify_chunk(table, engine, task, *, meter=None):
    """
    Classify the galaxies of one table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, by our column names and units (`Task.view`).
    engine : Engine
        The model, ready to predict.
    task : Task
        Where the cutouts come from, and how.
    meter : Meter or None, optional
        Told how long each stage takes, and of each galaxy that is done.

    Returns
    -------
    columns : dict of str to array-like of shape (n,)
        As `classify_chunks` yields them.
    """
    with closing(classify_chunks([table], engine, task, meter=meter)) as found:
        return next(found)
