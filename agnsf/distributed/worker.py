# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What a Dask worker does with one partition."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agnsf.columns import AgnsfError
from agnsf.cutouts import Access, Framing
from agnsf.distributed.frames import from_frame, to_frame
from agnsf.inference import Decision, Engine, Task, classify_chunks
from agnsf.inference.parts import part_is_done, read_part, write_part
from agnsf.inference.stream import PATIENCE
from agnsf.models import load_model, model_hash
from agnsf.roles import ImageSource

__all__ = ["Work", "add_results", "classify_partition"]

_CHUNK = 1024  # rows whose cutouts are asked for together

_engines = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Work:
    """
    What is to be done to every partition, small enough to be sent along with each.

    Parameters
    ----------
    model : str
        Name of a model that ships, or a folder that every worker sees.
    digest : str
        Hash of the model, so that no worker takes another one.
    source, framing, access, decision, columns, radius_kind
        As in `~agnsf.inference.Task`.
    device, precision : str
        As in `~agnsf.inference.Engine`.
    rows : int
        Galaxies of the whole catalog.
    parts : str
        Folder of the finished partitions, which every worker sees.
    run : str
        Unlike that of every other run, and of the same run when it is continued.
    kinds : dict of str to str
        The new columns and their NumPy types.
    kept : dict of str to str
        Columns of the catalog that the new ones would hide, and under which name they are kept.
    """

    model: str
    digest: str
    source: ImageSource
    framing: Framing
    access: Access
    decision: Decision
    columns: dict[str, str]
    radius_kind: str | None
    device: str
    precision: str
    rows: int
    parts: str
    run: str
    kinds: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def part(self, pixel):
        """Return the file that keeps the result of a partition."""
        return Path(self.parts) / f"part-{pixel.order}-{pixel.pixel}.parquet"


def _device(name):
    """Return the GPU of this worker: one each, in turn, where the cluster has not divided them already."""
    if name != "auto":
        return name
    import torch
    from distributed import get_worker

    count = torch.cuda.device_count()
    number = get_worker().name
    return f"cuda:{number % count}" if count > 1 and isinstance(number, int) else name


def _task_and_engine(work):
    """Return task and engine; the model is loaded once in a process."""
    key = (work.model, work.digest, work.device, work.precision)
    with _lock:
        if key not in _engines:
            if model_hash(work.model) != work.digest:
                raise AgnsfError(
                    f"A worker finds another model {work.model!r} than the client; put it on a shared disk"
                )
            model = load_model(work.model)
            device = _device(work.device) if _has_network(model) else work.device
            engine = Engine(model, device=device, precision=work.precision, rows=work.rows, threads=1)
            _engines.clear()  # a worker works at one job at a time
            _engines[key] = engine
        engine = _engines[key]
    parts = (work.source, work.framing, work.access, work.decision, work.columns, work.radius_kind)
    return Task(work.model, engine.model, *parts), engine


def _has_network(model):
    found = []
    model.classifier.accelerated(found.append)
    return bool(found)


def _classified(frame, work):
    """Return what is known of a partition: ``image_status``, ``image_message``, and what the model knows."""
    task, engine = _task_and_engine(work)
    table = from_frame(frame)
    chunks = (task.view(table[start : start + _CHUNK]) for start in range(0, len(table), _CHUNK))
    found = list(classify_chunks(chunks, engine, task, patience=PATIENCE))
    kinds = {**work.kinds, "image_message": object}
    return {name: np.ma.concatenate([_column(one, name, kind) for one in found]) for name, kind in kinds.items()}


def _column(columns, name, kind):
    return columns.get(name, np.ma.masked_all(len(columns["image_status"]), dtype=kind))


def _known(frame, pixel, work):
    """Return what is known of a partition, from its file if it was done before."""
    if not len(frame):
        return {name: np.ma.masked_all(0, dtype=kind) for name, kind in work.kinds.items()}
    path = work.part(pixel)
    if not part_is_done(path, rows=len(frame), by=work.run):
        write_part(_classified(frame, work), path, by=work.run)
    return read_part(path)


def add_results(frame, columns, work):
    """
    Return a frame with the new columns.

    Parameters
    ----------
    frame : `pandas.DataFrame`
        The partition, or an empty one of its types.
    columns : dict of str to array-like of shape (n,)
        What is known of it.
    work : Work
        How it is decided what is an AGN, and which columns are kept under another name.

    Returns
    -------
    frame : `pandas.DataFrame`
        The same rows and index.
    """
    columns = {name: np.ma.asarray(columns[name]).astype(kind) for name, kind in work.kinds.items()}
    new = to_frame(work.decision.apply(columns)).set_index(frame.index)
    return frame.rename(columns=work.kept).assign(**{name: new[name] for name in new.columns})


def classify_partition(frame, pixel, work):
    """
    Return a partition with the new columns; one that was done before is not done again.

    Parameters
    ----------
    frame : `pandas.DataFrame`
        The partition.
    pixel : `hats.pixel_math.HealpixPixel`
        Its place on the sky.
    work : Work
        What to do.

    Returns
    -------
    frame : `pandas.DataFrame`
        The same rows and index, with the new columns behind.
    """
    return add_results(frame, _known(frame, pixel, work), work)
