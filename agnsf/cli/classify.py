# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf classify``."""

from pathlib import Path

import click

from agnsf.cli.options import (
    beside,
    columns_option,
    device_option,
    id_option,
    image_options,
    quiet_option,
)

__all__ = ["command"]

_SHARE = click.FloatRange(0, 1)
_OPEN_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


def _task_options(images, classifier, columns, id_column):
    """Return what the command line says of images and model."""
    from agnsf.models import load_model

    recipe = load_model(classifier).recipe if classifier else {}
    return {
        "images": images.source(recipe),
        "framing": images.framing,
        "access": images.access(),
        "radius_kind": images.radius_kind,
        "classifier": classifier,
        "columns": {**columns, "id": id_column} if id_column else columns,
    }


def _classify(table, output, scheduler, options):
    """Classify a table, or a HATS catalog on a cluster; return the tally, and the time that it took."""
    if scheduler is None and not table.is_dir():
        from agnsf.inference import classify_file

        return classify_file(table, output, **options)
    from agnsf.distributed import classify_catalog, is_catalog

    if scheduler is None:
        hint = "give --scheduler local:2" if is_catalog(table) else "it is no HATS catalog"
        raise click.UsageError(f"{table} is a folder: {hint}")
    if not is_catalog(table):
        raise click.UsageError(f"--scheduler works on HATS catalogs: agnsf hats {table} -o {table.stem}.hats makes one")
    return classify_catalog(table, output, scheduler=scheduler, **options)


def _write_report(table, path, task, progress):
    """Write the page of a classification beside the table."""
    from agnsf import catalogs, report
    from agnsf.cutouts import Framing

    found = catalogs.read_table(table)
    stage = catalogs.provenance(found)["stages"][-1]
    known = {name: stage["images"].get(name) for name in ("size", "field_of_view", "pixel_scale", "radius")}
    framing = Framing(**{name: value for name, value in known.items() if value is not None})
    source = task["images"]
    wanted = (*framing.wanted_columns(source), "ra", "dec")
    report.write_classification(
        catalogs.translate(found, wanted, columns=task["columns"], radius_kind=task["radius_kind"]),
        path,
        threshold=stage["threshold"],
        images=source,
        framing=framing,
        access=task["access"],
        provenance={"Table": str(table), "Model": stage["model"], "Images": source.name},
        progress=progress,
    )


@click.command("classify", epilog="Example:  agnsf classify galaxies.fits --images legacysurvey --prior 0.2")
@click.argument("table", type=click.Path(path_type=Path))
@image_options
@click.option("--classifier", metavar="MODEL", help="Model folder or name; default: by the color of the images.")
@click.option("--threshold", type=_SHARE, help="Call AGN from this p_agn on; default: the model's threshold.")
@click.option("--purity", type=_SHARE, help="Choose the threshold that gives this purity.")
@click.option("--completeness", type=_SHARE, help="Choose the threshold that gives this completeness.")
@click.option("--of", type=click.Choice(["AGN", "SF"]), default="AGN", help="Class of that purity or completeness.")
@click.option("--prior", type=_OPEN_SHARE, help="Share of AGN among the galaxies; default: as in the training.")
@click.option("--drop-unfamiliar", is_flag=True, help="Leave out p_agn where the model says that it does not apply.")
@device_option
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    help="Arithmetic of the network; auto: bfloat16 where the processor has units for it.",
)
@click.option(
    "--scheduler", metavar="URL", help="Dask cluster for a HATS catalog: tcp://HOST:PORT, or local:N for N processes."
)
@click.option("--restart", is_flag=True, help="Begin anew, whatever an unfinished run has left.")
@click.option("--report", is_flag=True, help="Write a page to look at, too: OUTPUT with the suffix .html.")
@columns_option
@id_option
@quiet_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write; default: TABLE with _agnsf before the suffix.",
)
def command(table, images, classifier, columns, id_column, quiet, output, scheduler, report, **options):
    """
    Give each galaxy in TABLE the probability that it is an AGN, by its image.

    Finished parts are kept in OUTPUT.parts: after an interruption the same command goes on, and several
    processes may run it at once to share the work. FITS and Parquet are read piece by piece and Parquet
    is written so; other formats are held in memory.
    """
    if report and scheduler:
        raise click.UsageError("--report is for tables, not for HATS catalogs")
    task = _task_options(images, classifier, columns, id_column)
    output = output or beside(table)
    tally, meter = _classify(table, output, scheduler, {**task, **options, "progress": not quiet})
    if not quiet:
        click.echo(tally or f"{output} was put in place by another process of this run", err=True)
        click.echo(meter.describe(), err=True)
    if tally is not None:
        tally.require_images()
    if report and tally is not None:
        page = output.with_suffix(".html")
        _write_report(output, page, task, not quiet)
        if not quiet:
            click.echo(f"Wrote {page}", err=True)
