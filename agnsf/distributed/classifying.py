# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classify a HATS catalog on a Dask cluster, through LSDB."""

import hashlib
import json
import secrets
import shutil
import warnings
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from astropy.table import Table
from pyarrow.parquet import ParquetFile

from agnsf import catalogs
from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.cutouts import Tally
from agnsf.distributed.clusters import cluster_client
from agnsf.distributed.extra import import_lsdb
from agnsf.distributed.frames import from_frame
from agnsf.distributed.making import PROVENANCE
from agnsf.distributed.worker import Work, add_results, classify_partition
from agnsf.inference import Meter, RunFolder, make_task
from agnsf.inference.facts import facts_of
from agnsf.inference.parts import read_part
from agnsf.models import model_hash

__all__ = ["classify_catalog", "is_catalog"]

_FIRST = 64  # rows by which the task is settled


def is_catalog(path):
    """
    Return whether a path is a HATS catalog.

    Parameters
    ----------
    path : path-like
        Perhaps a folder.

    Returns
    -------
    found : bool
        By the file ``hats.properties``, or that of a collection.
    """
    return any((Path(path) / name).is_file() for name in ("hats.properties", "collection.properties"))


def _digest(path):
    """Return a hash of a catalog: of its properties, and of the names and sizes of its files."""
    digest = hashlib.sha256()
    for file in sorted(Path(path).rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(path)}\0{file.stat().st_size}\0".encode())
            if file.suffix == ".properties":
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _kinds(model):
    """Return which columns the model gives, and their types: by a blank image."""
    classifier = model.classifier
    bands = len(model.recipe.get("bands") or "grz")
    blank = {
        "rgb": np.zeros((1, classifier.size, classifier.size, 3), dtype=np.uint8),
        "flux": np.zeros((1, bands, classifier.size, classifier.size), dtype=np.float32),
    }[classifier.input]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.predict(blank, Table({name: [np.nan] for name in classifier.columns}))
    return {"image_status": "U16", **{name: np.asarray(values).dtype.str for name, values in found.items()}}


def _kept(catalog, names, before):
    """Return the columns of the catalog that agnsf did not write and would hide, with their new names."""
    ours = {name for stage in before.get("stages", []) for name in stage.get("columns", [])}
    kept = {name: f"{name}_input" for name in names if name in catalog.columns and name not in ours}
    for name, new in kept.items():
        if new in catalog.columns:
            raise AgnsfError(f"The catalog has the columns {name!r} and {new!r}; rename the first")
        message = f"The catalog already has a column {name!r}, which agnsf did not write; it is kept as {new!r}"
        warnings.warn(message, AgnsfWarning, stacklevel=3)
    return kept


def _first_rows(catalog):
    """Return some rows of a catalog as a table, without the whole partition."""
    import pandas as pd  # not on top: it comes with the extra hats

    folder = Path(str(catalog.hc_structure.catalog_base_dir))
    file = min(folder.glob("dataset/Norder=*/**/*.parquet"))
    batch = next(ParquetFile(file).iter_batches(batch_size=_FIRST))
    return from_frame(
        pa.Table.from_batches([batch]).select(list(catalog.columns)).to_pandas(types_mapper=pd.ArrowDtype)
    )


def _empty_table(catalog):
    """Return a table without rows that has the catalog's provenance."""
    found = catalog.hc_structure.catalog_info.extra_dict().get(PROVENANCE)
    return Table(meta={"AGNSF": found} if found else None)


def _tally(run):
    """Return how the images ended, by the finished partitions."""
    tally = Tally()
    for path in sorted(run.path.glob("part-*.parquet")):
        columns = read_part(path)
        tally.add(columns["image_status"].filled(""), messages=columns["image_message"])
    return tally


@contextmanager
def _plain_errors():
    """Raise what went wrong in a worker as it was raised there; LSDB wraps it up."""
    try:
        yield
    except RuntimeError as exc:
        if isinstance(exc.__cause__, AgnsfError):
            raise exc.__cause__ from None
        raise


def _put_in_place(written, output):
    """Rename the finished catalog to its final name; an earlier one goes when the new one is whole."""
    if output.exists():
        old = written.with_name("replaced")
        output.replace(old)
        written.replace(output)
        shutil.rmtree(old)
    else:
        written.replace(output)


def classify_catalog(
    path, output, *, scheduler, device="auto", precision="auto", restart=False, progress=False, **options
):
    """
    Classify the galaxies of a HATS catalog on a Dask cluster.

    Each partition that is done is kept beside the output, in ``OUTPUT.parts``, until all are: a
    worker that dies costs the partition at which it worked, and the same call goes on where an
    earlier one was interrupted.

    Parameters
    ----------
    path : path-like
        The catalog, on a disk that every worker sees, as ``output`` and the model.
    output : path-like
        The catalog to write; an existing one is replaced when the new one is whole.
    scheduler : str
        ``tcp://HOST:PORT``, or ``local:N`` for N workers on this machine.
    device, precision
        As in `~agnsf.inference.Engine`, for each worker.
    restart : bool, optional
        Throw away what an unfinished run has left.
    progress : bool, optional
        Whether to show the progress on standard error.
    **options
        As in `~agnsf.inference.make_task`. Each thread of a worker asks for one cutout at a time
        unless ``access`` says otherwise.

    Returns
    -------
    tally : `~agnsf.cutouts.Tally`
        How the images ended.
    meter : `~agnsf.inference.Meter`
        How long it took.

    Raises
    ------
    RunError
        If the folder of parts belongs to another command.
    AgnsfError
        If the catalog, the images and the model do not go together, or no scheduler answers.
    """
    lsdb, path, output = import_lsdb(), Path(path).resolve(), Path(output).resolve()
    if output.exists() and not is_catalog(output):
        raise AgnsfError(f"{output} exists and is no HATS catalog; remove it or name another folder")
    catalog = lsdb.open_catalog(path, columns="all")
    catalog.margin = None  # else the galaxies in it would be classified twice
    task = make_task(_first_rows(catalog), **options)
    rows = int(catalog.hc_structure.catalog_info.total_rows)
    run = RunFolder(output.with_name(f"{output.name}.parts"), rows)
    if restart:
        run.remove()
    kinds, before = _kinds(task.model), _empty_table(catalog)
    nothing = {name: np.ma.masked_all(0, dtype=kind) for name, kind in kinds.items()}
    after = catalogs.add_columns(before, task.decision.apply(nothing), stage=task.stage(precision=precision))
    with closing(run), Meter() as meter:
        identity = {"sha256": _digest(path), "rows": rows}
        run.open(facts_of(task, table=identity, compute={"device": device, "precision": precision}))
        work = Work(
            model=str(Path(task.name).resolve()) if Path(task.name).exists() else task.name,
            digest=model_hash(task.name),
            source=task.source,
            framing=task.framing,
            access=replace(task.access, connections=task.access.connections or 1),
            decision=task.decision,
            columns=task.columns,
            radius_kind=task.radius_kind,
            device=device,
            precision=precision,
            rows=rows,
            parts=str(run.path),
            run=secrets.token_hex(8),
            kinds=kinds,
            kept=_kept(catalog, [*kinds, "predicted"], catalogs.provenance(before)),
        )
        with cluster_client(scheduler), _plain_errors():
            meta = add_results(catalog.meta, nothing, work)
            done = catalog.map_partitions(classify_partition, work, include_pixel=True, meta=meta)
            done.write_catalog(
                run.path / "catalog",
                catalog_name=catalog.name,
                as_collection=False,
                overwrite=True,
                progress_bar=progress,
                addl_hats_properties={PROVENANCE: json.dumps(catalogs.provenance(after))},
            )
        tally = _tally(run)
        _put_in_place(run.path / "catalog", output)
        run.remove()
        meter.count(rows)
    return tally, meter
