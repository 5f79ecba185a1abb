# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From the table and the finished parts to the output."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow import parquet

from agnsf import catalogs
from agnsf.cutouts import Tally
from agnsf.files import replacing

__all__ = ["assemble", "try_out"]

_STRETCH = 64  # parts that are put together at a time, where the output is streamed


def try_out(first, task, output):
    """
    Write the first rows in the format of the output: what cannot be written is to be known before the work.

    Parameters
    ----------
    first : `~astropy.table.Table`
        The first rows of the user's table.
    task : Task
        What will be done.
    output : path-like
        The output; it is not touched.

    Raises
    ------
    TableFileError
        If the output's format cannot hold the table.
    FileNotFoundError
        If there is no folder to write it in.
    """
    folder = output.resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"Cannot write {str(output)!r}: there is no folder {str(folder)!r}")
    found = {"image_status": np.full(len(first), "ok"), "p_agn": np.ma.masked_all(len(first))}
    table = catalogs.add_columns(first, task.finished(found), stage=task.stage())
    with TemporaryDirectory() as scratch:
        catalogs.write_table(table, Path(scratch) / output.name)


def _joined(run, numbers, kinds, tally):
    """Return the columns of consecutive parts as one; count their statuses."""
    parts = [(run.lengths[number], run.read(number)) for number in numbers]
    columns = {}
    for name, kind in kinds.items():
        pieces = [part.get(name, np.ma.masked_all(length, dtype=kind)) for length, part in parts]
        columns[name] = np.ma.concatenate(pieces) if pieces else np.ma.masked_all(0, dtype=kind)
    columns["image_status"] = columns["image_status"].filled("")
    tally.add(columns["image_status"], messages=columns.pop("image_message", None))
    return columns


def _stream(table, run, finish, output):
    """Write the output piece by piece: each as `agnsf.catalogs` writes it, then all into one file."""
    count = len(run.lengths)
    with replacing(output) as temporary, TemporaryDirectory(prefix=".joining-", dir=run.path) as scratch:
        piece, writer = Path(scratch) / "piece.parquet", None
        for start, chunk in zip(range(0, count, _STRETCH), table.chunks(run.part_rows * _STRETCH), strict=True):
            catalogs.write_table(finish(chunk, range(start, min(start + _STRETCH, count))), piece)
            arrow = parquet.read_table(piece)
            writer = writer or parquet.ParquetWriter(temporary, arrow.schema)
            writer.write_table(arrow.cast(writer.schema))
        writer.close()


def assemble(table, run, task, stage, output):
    """
    Put the finished parts together with the table, and put the output in place.

    Parameters
    ----------
    table : TableFile
        The user's table.
    run : RunFolder
        None of its parts is missing.
    task : Task
        What was done.
    stage : dict
        For the provenance.
    output : path-like
        The table to write; Parquet is written in bounded memory, other formats as a whole.

    Returns
    -------
    tally : `~agnsf.cutouts.Tally`
        How the images ended.
    """
    tally, kinds = Tally(), {"image_status": np.dtype("U1"), "p_agn": np.dtype(float), **run.column_types()}

    def finish(chunk, numbers):
        columns = task.finished(_joined(run, numbers, kinds, tally))
        return catalogs.add_columns(chunk, columns, stage=stage)

    if run.lengths and catalogs.format_of_name(output) == "parquet":
        _stream(table, run, finish, output)
    else:
        catalogs.write_table(finish(table.whole(), range(len(run.lengths))), output)
    return tally
