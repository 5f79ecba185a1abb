# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf measure``."""

from pathlib import Path

import click

from agnsf.cli.options import beside, columns_option, id_option, image_options, quiet_option, table_argument

__all__ = ["command"]


@click.command("measure", epilog="Example:  agnsf measure galaxies.fits --images legacysurvey -I format=fits")
@table_argument
@image_options
@columns_option
@id_option
@click.option(
    "--fwhm",
    type=click.FloatRange(0, min_open=True),
    default=1.3,
    help="Full width at half maximum of the point-spread function, in arcsec.",
)
@quiet_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: TABLE with _agnsf before the suffix.",
)
def command(table, images, columns, id_column, fwhm, quiet, output):
    """Measure each galaxy in TABLE on its image: size, magnitudes, colors, concentration, shape.

    Cutouts are six radii wide unless --field-of-view or --pixel-scale says otherwise.
    """
    from agnsf import catalogs
    from agnsf.cutouts import require_images, summarize
    from agnsf.pipeline import measure

    measured = measure(
        catalogs.read_table(table),
        images=images.source(),
        framing=images.framing({"field_of_view": 6.0}),
        access=images.access(),
        columns={**columns, "id": id_column} if id_column else columns,
        radius_kind=images.radius_kind,
        fwhm=fwhm,
        progress=not quiet,
    )
    catalogs.write_table(measured, output or beside(table))
    if not quiet:
        click.echo(summarize(measured["image_status"]), err=True)
    require_images(measured["image_status"])
