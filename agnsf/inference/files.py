# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classify the galaxies of a file, however many: parts that are finished are never done again."""

import hashlib
import json
import time
from collections import deque
from contextlib import closing
from itertools import tee
from pathlib import Path

from agnsf import catalogs
from agnsf.inference.assembly import assemble, try_out
from agnsf.inference.engine import Engine
from agnsf.inference.facts import facts_of
from agnsf.inference.meter import Meter
from agnsf.inference.runs import RunFolder
from agnsf.inference.stream import PATIENCE, classify_chunks
from agnsf.inference.task import make_task

__all__ = ["PART_ROWS", "classify_file"]

#: Rows of a part: what a kill costs at most, for each process.
PART_ROWS = 1024

_POLL = 0.5  # seconds between two looks at what other processes do


class TableFile:
    """
    A table in a file: read piece by piece where its format allows it, else once.

    Parameters
    ----------
    path : path-like
        The file.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._whole = None if catalogs.is_streamed(path) else catalogs.read_table(path)
        self.rows = catalogs.row_count(path) if self._whole is None else len(self._whole)

    def chunks(self, rows, numbers=None):
        """Yield the table a few rows at a time, or some of these chunks; an empty table as one empty chunk."""
        if self._whole is None and self.rows:
            return catalogs.chunks(self.path, rows, numbers=numbers)
        whole = self.whole()
        numbers = range(max(1, -(-len(whole) // rows))) if numbers is None else numbers
        return (whole[number * rows : (number + 1) * rows] for number in numbers)

    def whole(self):
        """Return the whole table."""
        return catalogs.read_table(self.path) if self._whole is None else self._whole

    def digest(self):
        """Return the SHA-256 of the file, hexadecimal."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _claimed(table, run, task, numbers):
    """Yield the parts that this process claims, by our names; note their numbers."""
    missing, wanted = tee(run.missing())
    for number, chunk in zip(missing, table.chunks(run.part_rows, wanted), strict=True):
        if run.claim(number):
            numbers.append(number)
            yield task.view(chunk)


def _work(table, run, task, engine, meter):
    """Do parts until none is missing; wait for those that other processes have claimed."""
    while not run.is_over() and any(True for _ in run.missing()):
        numbers, done = deque(), 0
        parts = _claimed(table, run, task, numbers)
        with closing(classify_chunks(parts, engine, task, meter=meter, patience=PATIENCE)) as found:
            for columns in found:
                with meter.wait("writing"):
                    if not run.write(numbers.popleft(), columns):
                        return
                done += 1
        if not done:
            time.sleep(_POLL)


def _finish(table, run, task, stage, output):
    """Put the parts together, or wait until another process has; return the tally or None."""
    while not run.is_over():
        if run.claim_end() and not run.is_over():
            tally = assemble(table, run, task, stage, output)
            run.remove()
            return tally
        time.sleep(_POLL)
    return None


def _made_since(output, began, name):
    """Return whether another process of the same run has put the output in place since this one began."""
    if not output.is_file() or output.stat().st_mtime < began:
        return False
    stages = catalogs.provenance(next(iter(TableFile(output).chunks(1)))).get("stages", [])
    return any(one.get("run") == name for one in stages)


def _engine(task, frozen, *, device, precision, rows):
    """Return the engine, with the choices that an unfinished run has frozen."""
    if precision == "auto":
        precision = frozen.get("precision", "auto")
    return Engine(task.model, device=device, precision=precision, rows=rows, compiled=frozen.get("compiled"))


def classify_file(path, output, *, device="auto", precision="auto", restart=False, progress=False, **options):
    """
    Classify the galaxies of a file and write them into another.

    Finished parts are kept beside the output, in ``OUTPUT.parts``, until all are there: the same
    call goes on where an earlier one was interrupted. Several processes may make the same call at
    once and share the work. Memory is bounded if the table is FITS or Parquet and the output is
    Parquet; other formats are read and written whole.

    Parameters
    ----------
    path : path-like
        The table.
    output : path-like
        The table to write; an existing one is replaced when the new one is whole.
    device, precision
        As in `Engine`.
    restart : bool, optional
        Throw away what an unfinished run has left.
    progress : bool, optional
        Whether to show the progress on standard error.
    **options
        As in `make_task`.

    Returns
    -------
    tally : `~agnsf.cutouts.Tally` or None
        How the images ended; None if another process that shares the work wrote the output.
    meter : Meter
        How long it took.

    Raises
    ------
    RunError
        If the folder of parts belongs to another command.
    SourceLostError
        If the image source does not answer any more.
    AgnsfError
        If the table, the images and the model do not go together.
    """
    began, output = time.time(), Path(output)
    table = TableFile(path)
    first = next(iter(table.chunks(PART_ROWS)))
    task = make_task(first, **options)
    try_out(first, task, output)
    run = RunFolder(output.with_name(f"{output.name}.parts"), table.rows, part_rows=PART_ROWS)
    if restart:
        run.remove()
    frozen = run.frozen()
    engine = _engine(task, frozen.get("compute") or {}, device=device, precision=precision, rows=table.rows)
    identity = {"sha256": table.digest(), "rows": table.rows, "part_rows": PART_ROWS}
    facts = facts_of(task, table=identity, **{"compute": None, **engine.record()})
    name = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    if not frozen and _made_since(output, began, name):
        return None, Meter()
    with closing(run):
        run.open(facts)
        done = table.rows - sum(run.lengths[number] for number in run.missing())
        with Meter(total=table.rows, done=done, progress=progress) as meter:
            _work(table, run, task, engine, meter)
            with meter.wait("writing"):
                tally = _finish(table, run, task, task.stage(**engine.record(), run=name), output)
    return tally, meter
