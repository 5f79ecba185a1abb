# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf evaluate``."""

import shlex
import sys
from pathlib import Path

import click

from agnsf.cli.options import columns_option, id_option, image_options, quiet_option, seed_option

__all__ = ["command"]

_SHARE = click.FloatRange(0, 1, min_open=True)


def _split(ctx, param, values):
    """Take columns that are joined by commas apart."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _names(paths):
    """Return what to call the tables: the stem of the file, or the whole path where stems are the same."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]


def _provenance(tables, classifier):
    """Return what the page and ``metrics.json`` tell of this command."""
    from agnsf import catalogs
    from agnsf.models import model_hash

    words = ["agnsf", *sys.argv[1:]]
    found = {"command": catalogs.without_credentials(" ".join(shlex.quote(word) for word in words))}
    for name, table in tables.items():
        found[f"SHA-256 of {name}"] = catalogs.table_hash(table, table.colnames)
    if classifier:
        found["model"] = str(classifier)
        found["SHA-256 of the model"] = model_hash(classifier)
    return found


@click.command("evaluate", epilog="Example:  agnsf evaluate galaxies_agnsf.fits --by z --match g_r -o evaluation")
@click.argument("paths", metavar="TABLE...", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@image_options
@click.option("--classifier", metavar="MODEL", help="Model to explain; needs --images.")
@click.option("--composites", type=click.Choice(["agn", "sf", "drop"]), help="What composites count as; default: AGN.")
@click.option(
    "--by",
    multiple=True,
    callback=_split,
    metavar="COLUMN",
    help="Group by it; default: label_source, z, radius, mag_r.",
)
@click.option("--match", multiple=True, callback=_split, metavar="COLUMN", help="Compare galaxies alike in it.")
@click.option("--baseline", metavar="COLUMN", help="Probabilities of a catalog-only classifier, to compare with.")
@click.option("--weight", metavar="COLUMN", help="Weight of each galaxy.")
@click.option("--purity", type=_SHARE, default=0.9, help="What one of the operating points is to reach.")
@click.option("--completeness", type=_SHARE, default=0.9, help="What one of the operating points is to reach.")
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, help="Of intervals.")
@click.option("--resamples", type=click.IntRange(20), default=2000, help="Of the bootstrap.")
@seed_option
@columns_option
@id_option
@quiet_option
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write."
)
def command(paths, images, classifier, columns, id_column, quiet, output, **options):
    """
    Compare p_agn with label in TABLE: metrics with intervals, figures, and report.html to look at.

    Thresholds are chosen on the rows whose split is validation, and all else is of those of test. Several
    tables are the same galaxies row by row, with the p_agn of several classifiers; the first is compared
    with the others.
    """
    from agnsf import catalogs, evaluate, report
    from agnsf.evaluation import Bootstrap, Questions
    from agnsf.models import load_model

    if images.name is None and (classifier or images.is_asked_for):
        raise click.UsageError("--classifier and what says how cutouts are fetched need --images")
    model = load_model(classifier) if classifier else None
    recipe = model.recipe if model else {}
    source, framing = images.source(recipe) if images.name else None, images.framing(recipe)
    tables = dict(zip(_names(paths), map(catalogs.read_table, paths), strict=True))
    (name, first), *others = tables.items()
    evaluation = evaluate(
        first,
        others=dict(others),
        name=name,
        composites=options["composites"],
        weight=options["weight"],
        questions=Questions(
            by=options["by"] or None,
            match=options["match"],
            baseline=options["baseline"],
            purity=options["purity"],
            completeness=options["completeness"],
        ),
        bootstrap=Bootstrap(level=options["level"], resamples=options["resamples"], seed=options["seed"]),
        keep=framing.wanted_columns(source) if source else (),
        columns={**columns, "id": id_column} if id_column else columns,
        radius_kind=images.radius_kind,
    )
    path = report.write_evaluation(
        evaluation,
        output,
        images=source,
        framing=framing,
        access=images.access(),
        model=model,
        provenance=_provenance(tables, classifier),
        progress=not quiet,
    )
    if not quiet:
        click.echo(f"{evaluation.summary()}\nWrote {path}", err=True)
