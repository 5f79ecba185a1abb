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
    table_argument,
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


@click.command("classify", epilog="Example:  agnsf classify galaxies.fits --images legacysurvey --purity 0.9")
@table_argument
@image_options
@click.option("--classifier", metavar="MODEL", help="Model folder or name; default: by the color of the images.")
@click.option("--threshold", type=_SHARE, help="Call AGN from this p_agn on; default: the model's threshold.")
@click.option("--purity", type=_SHARE, help="Choose the threshold that gives this purity.")
@click.option("--completeness", type=_SHARE, help="Choose the threshold that gives this completeness.")
@click.option("--prior", type=_OPEN_SHARE, help="Share of AGN among the galaxies; default: as in the training.")
@device_option
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    help="Arithmetic of the network; auto: bfloat16 where the processor has units for it.",
)
@click.option("--restart", is_flag=True, help="Begin anew, whatever an unfinished run has left.")
@columns_option
@id_option
@quiet_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: TABLE with _agnsf before the suffix.",
)
def command(table, images, classifier, columns, id_column, quiet, output, **options):
    """
    Give each galaxy in TABLE the probability that it is an AGN, by its image.

    Finished parts are kept in OUTPUT.parts: after an interruption the same command goes on, and several
    processes may run it at once to share the work. FITS and Parquet are read piece by piece and Parquet
    is written so; other formats are held in memory.
    """
    from agnsf.inference import classify_file

    task = _task_options(images, classifier, columns, id_column)
    output = output or beside(table)
    tally, meter = classify_file(table, output, progress=not quiet, **task, **options)
    if not quiet:
        click.echo(tally or f"{output} was put in place by another process of this run", err=True)
        click.echo(meter.describe(), err=True)
    if tally is not None:
        tally.require_images()
