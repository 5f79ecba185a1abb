# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf plot``."""

from pathlib import Path

import click

from agnsf.cli.options import columns_option, pairs, parse_options, table_argument

__all__ = ["command"]


@click.command("plot", epilog="Example:  agnsf plot bpt galaxies.fits --labeler kewley2006 -o bpt.png")
@click.argument("diagram", type=click.Choice(["bpt", "whan", "mex"]))
@table_argument
@click.option("--labeler", metavar="NAME", help="Rule whose classes to show; default: the one that labeled TABLE.")
@click.option(
    "-L", "options", multiple=True, metavar="KEY=VALUE", callback=pairs, help="Option of the labeler; may be repeated."
)
@click.option("--catalog", metavar="NAME", help="Published catalog that TABLE comes from; default: by its columns.")
@columns_option
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Picture to write: PNG, PDF, SVG.",
)
def command(diagram, table, labeler, options, catalog, columns, output):
    """Draw a diagram of the galaxies in TABLE, with the lines that part its classes."""
    from agnsf import catalogs
    from agnsf.diagrams import diagram_labeler, draw
    from agnsf.files import replacing
    from agnsf.plugins import load_labeler, plugin_class
    from agnsf.roles import Labeler

    galaxies = catalogs.read_table(table)
    if labeler:
        rule = load_labeler(labeler, **parse_options(plugin_class(Labeler, labeler), options, "-L"))
    elif options:
        raise click.UsageError("-L needs the labeler whose option it is: --labeler NAME")
    else:
        rule = diagram_labeler(diagram, galaxies)
    figure = draw(diagram, galaxies, rule, columns=columns, catalog=catalog)
    if output.suffix[1:].lower() not in figure.canvas.get_supported_filetypes():
        raise click.UsageError(f"-o {output}: the name must end in .png, .pdf or .svg")
    with replacing(output) as temporary:
        figure.savefig(temporary)
