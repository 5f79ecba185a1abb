# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf evaluate``."""

from pathlib import Path

import click

from agnsf.cli.options import columns_option, quiet_option

__all__ = ["command"]


@click.command("evaluate", epilog="Example:  agnsf evaluate galaxies_agnsf.fits --by z --by label_source -o evaluation")
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--composites",
    type=click.Choice(["agn", "sf", "drop"]),
    help="What composites count as; default: what the labeler says, else AGN.",
)
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write."
)
@columns_option
@quiet_option
def command(tables, composites, output, columns, quiet):
    """Compare p_agn with label: metrics with intervals, figures and a page to look at, in a folder."""
    from agnsf import catalogs, pipeline, report

    evaluation = pipeline.evaluate(catalogs.read_table(tables[0]), composites=composites, columns=columns)
    path = report.write_metrics(evaluation.as_dict(), output)
    if not quiet:
        click.echo(f"Wrote {path}", err=True)
