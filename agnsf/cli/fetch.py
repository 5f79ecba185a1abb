# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf fetch``."""

from pathlib import Path

import click

from agnsf.cli.options import beside, columns_option, id_option, image_options, quiet_option, table_argument

__all__ = ["command"]


@click.command("fetch", epilog="Example:  agnsf fetch galaxies.fits --contact-sheet sheet.png")
@table_argument
@image_options
@columns_option
@id_option
@quiet_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: TABLE with _agnsf before the suffix.",
)
def command(table, images, columns, id_column, quiet, output):
    """Fetch the cutout of each galaxy in TABLE into the cutout cache, and write how it went."""
    from agnsf import catalogs, fetch
    from agnsf.cutouts import require_images, summarize

    galaxies = catalogs.read_table(table)
    fetched = fetch(
        galaxies,
        images=images.source(),
        framing=images.framing(),
        access=images.access(),
        columns={**columns, "id": id_column} if id_column else columns,
        radius_kind=images.radius_kind,
        progress=not quiet,
    )
    catalogs.write_table(fetched, output or beside(table))
    if not quiet:
        click.echo(summarize(fetched["image_status"], messages=fetched["image_message"]), err=True)
    require_images(fetched["image_status"], messages=fetched["image_message"])
