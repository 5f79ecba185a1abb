# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf train``."""

from dataclasses import replace
from pathlib import Path

import click

from agnsf.cli.options import (
    columns_option,
    device_option,
    id_option,
    image_options,
    pairs,
    parse_options,
    quiet_option,
    seed_option,
    table_argument,
)

__all__ = ["command"]

_SHOWN = ("roc_auc", "accuracy", "balanced_accuracy", "mcc")


def _preset(name):
    """Return the preset of a name, None if there is no name."""
    from agnsf.training import PRESETS

    if name is not None and name not in PRESETS:
        raise click.UsageError(f"--preset {name}: there is no such preset; there are {', '.join(PRESETS)}")
    return PRESETS.get(name)


def _classifier(name, texts, start, preset):
    """Return the classifier to train: a new one, as a preset has it where there is one, or that of a model."""
    from agnsf.models import load_model
    from agnsf.plugins import load_classifier, plugin_class
    from agnsf.roles import Classifier

    if start is not None:
        if name or texts:
            raise click.UsageError("--from takes the classifier of the model; leave out --classifier and -C")
        return load_model(start).classifier
    cls = plugin_class(Classifier, name or (preset.classifier if preset else "cnn"))
    published = preset.options if preset and preset.classifier == cls.name else {}
    return load_classifier(cls.name, **{**published, **parse_options(cls, texts, "-C")})


def _options(preset, texts, epochs):
    """Return the training options: those of a preset, and what is said otherwise."""
    from agnsf.training import TrainingOptions

    chosen = preset.training if preset else TrainingOptions()
    changes = parse_options(TrainingOptions, texts, "-T")
    return replace(chosen, **changes, **({} if epochs is None else {"epochs": epochs}))


def _interval(one):
    value, low, high = (float("nan") if one[key] is None else one[key] for key in ("value", "low", "high"))
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _summary(folder):
    """Return what there is to say of a trained model."""
    from agnsf.columns import SPLITS
    from agnsf.models import load_model

    info = load_model(folder).info
    counts = info["training"]["counts"]
    lines = [f"{name}: {counts[name]['AGN']} AGN, {counts[name]['SF']} SF" for name in SPLITS]
    lines.append(f"threshold {info['threshold']:.3f}, base rate {info['base_rate'] or float('nan'):.3f} (validation)")
    results = {"test": info["metrics"]}
    if "baseline" in info:
        results[f"test, {', '.join(info['baseline']['features'])} alone"] = info["baseline"]["metrics"]
    for of, metrics in results.items():
        lines += [f"{name} {_interval(metrics[name])} ({of})" for name in _SHOWN if name in metrics]
    return "\n".join([*lines, f"Wrote {folder}"])


@click.command("train", epilog="Example:  agnsf train labeled.fits --images legacysurvey --classifier cnn -o model")
@table_argument
@image_options
@click.option("--classifier", metavar="NAME", help="What learns; default: cnn.")
@click.option(
    "-C",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs,
    help="Option of the classifier; may be repeated.",
)
@click.option("--from", "start", type=click.Path(path_type=Path), metavar="MODEL", help="Model to go on from.")
@click.option("--preset", metavar="NAME", help="Recipe of a paper, network and training: xu2023.")
@click.option("--epochs", type=click.IntRange(1), help="How often every galaxy is seen; default: 30.")
@click.option(
    "-T",
    "training",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs,
    help="Option of the training (agnsf.training.TrainingOptions); may be repeated.",
)
@click.option(
    "--split",
    type=click.Choice(["random", "sky"]),
    help="How galaxies are divided; default: by the column split, else at random.",
)
@click.option(
    "--composites",
    type=click.Choice(["agn", "sf", "drop"]),
    help="What composites count as; default: what the labeler says, else AGN.",
)
@click.option(
    "--calibration",
    type=click.Choice(["none", "temperature", "logistic", "isotonic"]),
    default="temperature",
    help="How the output is turned into probabilities.",
)
@columns_option
@id_option
@seed_option
@device_option
@click.option("--resume", is_flag=True, help="Go on with the training begun in MODEL.")
@quiet_option
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="MODEL",
    help="Model folder to write.",
)
def command(
    table,
    images,
    classifier,
    options,
    start,
    preset,
    epochs,
    training,
    split,
    composites,
    calibration,
    columns,
    id_column,
    seed,
    device,
    resume,
    quiet,
    output,
):
    """Train a classifier on the galaxies of TABLE that have a label, and write the folder MODEL."""
    from agnsf import catalogs, train
    from agnsf.training import Sampling
    from agnsf.training.folders import is_finished
    from agnsf.training.parallel import is_first

    recipe = _preset(preset)
    if resume and is_finished(output):
        click.echo(f"{output} is finished; there is nothing to resume", err=True)
        return
    trained = train(
        catalogs.read_table(table),
        output=output,
        images=images.source(),
        classifier=_classifier(classifier, options, start, recipe),
        framing=images.framing(),
        access=images.access(),
        columns={**columns, "id": id_column} if id_column else columns,
        radius_kind=images.radius_kind,
        sampling=Sampling(split=split, composites=composites),
        options=_options(recipe, training, epochs),
        calibration=calibration,
        seed=seed,
        device=device,
        resume=resume,
        progress=not quiet and is_first(),
    )
    if is_first():
        catalogs.write_table(trained, output / "table.parquet")
    if is_first() and not quiet:
        click.echo(_summary(output), err=True)
