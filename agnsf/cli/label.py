# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf label``."""

from pathlib import Path

import click

from agnsf.cli.options import beside, columns_option, pairs, parse_options, quiet_option, seed_option, table_argument

__all__ = ["command"]


def _labelers(names, texts):
    """Return the labelers, each with the options that it has."""
    from agnsf.plugins import load_labeler, option_fields, plugin_class
    from agnsf.roles import Labeler

    classes = [plugin_class(Labeler, name) for name in names]
    for key in texts:
        if not any(key in option_fields(cls) for cls in classes):
            parse_options(classes[0], {key: texts[key]}, "-L")
    own = [{key: text for key, text in texts.items() if key in option_fields(cls)} for cls in classes]
    options = [parse_options(cls, one, "-L") for cls, one in zip(classes, own, strict=True)]
    return [load_labeler(name, **one) for name, one in zip(names, options, strict=True)]


@click.command("label", epilog="Example:  agnsf label galaxies.fits --labeler kauffmann2003 -o labeled.fits")
@table_argument
@click.option(
    "--labeler",
    "names",
    multiple=True,
    default=["kewley2001-cut"],
    metavar="NAME",
    help="Rule that gives the class; may be repeated.",
)
@click.option(
    "-L",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs,
    help="Option of the labelers, for each that has it; may be repeated.",
)
@click.option(
    "--monte-carlo", type=click.IntRange(min=1), metavar="N", help="Draw measurements N times from their errors."
)
@seed_option
@click.option("--repeats", metavar="COLUMN", help="Column that tells the galaxy: print how its spectra disagree.")
@click.option("--catalog", metavar="NAME", help="Published catalog that TABLE comes from; default: by its columns.")
@columns_option
@quiet_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; default: TABLE with _agnsf before the suffix.",
)
def command(table, names, options, monte_carlo, seed, repeats, catalog, columns, quiet, output):
    """Add the class of each galaxy to TABLE, from its emission lines."""
    from agnsf import catalogs, label
    from agnsf.columns import require_columns
    from agnsf.labelers.combine import wanted_columns
    from agnsf.labelers.repeats import label_noise
    from agnsf.labelers.summary import summarize

    labelers = _labelers(names, options)
    galaxies = catalogs.read_table(table)
    require_columns(galaxies, [repeats] if repeats else [], who="--repeats")
    labeled = label(
        galaxies, labeler=labelers, columns=columns, catalog=catalog, monte_carlo=monte_carlo or 0, seed=seed
    )
    catalogs.write_table(labeled, output or beside(table))
    if not quiet:
        view = catalogs.translate(galaxies, wanted_columns(labelers), columns=columns, catalog=catalog)
        click.echo(summarize(labeled, labelers, view), err=True)
    if repeats:
        click.echo(label_noise(galaxies[repeats], labeled["label"]))
