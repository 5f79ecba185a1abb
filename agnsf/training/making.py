# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From a labeled table to a model folder."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from agnsf import catalogs
from agnsf.columns import AgnsfError
from agnsf.cutouts import Framing, image_recipe, summarize
from agnsf.datasets import Selection, binary_labels, given_split, open_pack, pack, split
from agnsf.datasets.reuse import pack_in_place
from agnsf.evaluation import apply_calibration
from agnsf.models import Model, load_model, save_model
from agnsf.plugins import option_fields
from agnsf.training.baseline import catalog_baseline
from agnsf.training.fitting import fit
from agnsf.training.folders import begin, is_finished
from agnsf.training.judging import calibrate, measure, write_validation
from agnsf.training.options import TrainingError, TrainingOptions
from agnsf.training.parallel import processes
from agnsf.training.predicting import predict
from agnsf.training.recording import labels_record, starting_weights, versions

__all__ = ["Sampling", "make_model"]


@dataclass(frozen=True)
class Sampling:
    """
    Which galaxies of a table are for what.

    Parameters
    ----------
    split : {'random', 'sky'} or None, optional
        How the table is divided (`agnsf.datasets.split`); by default its own column ``split``
        holds, or, if it has none, galaxies are drawn at random.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What composites count as (`agnsf.datasets.binary_labels`).
    fractions : tuple of 3 floats, optional
        Shares of train, validation and test.
    """

    split: str | None = None
    composites: str | None = None
    fractions: tuple[float, float, float] = (0.75, 0.15, 0.10)

    def divide(self, table, seed):
        """Return class and part of every galaxy: 1, 0 or NaN, and train, validation, test or nothing."""
        is_agn = binary_labels(table, composites=self.composites)
        if self.split is None and "split" in table.colnames:
            return is_agn, given_split(table)
        how = self.split or "random"
        return is_agn, split(table, how=how, fractions=self.fractions, seed=seed, composites=self.composites)


def _plan(table, classifier, source, framing, *, sampling, options, seed, calibration):
    """Return what decides the result, as JSON holds it."""
    return {
        "table_hash": catalogs.table_hash(table, table.colnames),
        "classifier": classifier.name,
        "classifier_options": {name: getattr(classifier, name) for name in option_fields(type(classifier))},
        "starting_weights": starting_weights(classifier),
        "images": image_recipe(source, framing),
        "sampling": asdict(sampling),
        "options": asdict(options),
        "calibration": calibration,
        "seed": seed,
    }


def _usable_pack(table, source, classifier, *, framing, access, radius_kind, folder, joined, progress):
    """Return the pack of the galaxies: one that is there, or one that the first process makes and the others open."""
    made = pack_in_place(table, source, input=classifier.input, size=classifier.size)
    if made is None and joined.first:
        made = pack(
            table,
            source,
            input=classifier.input,
            size=classifier.size,
            framing=framing,
            access=access,
            radius_kind=radius_kind,
            folder=folder,
            progress=progress,
        )
    joined.wait()
    made = made or open_pack(folder)
    if not made.usable.any():
        raise AgnsfError(f"No galaxy has an image to learn from; {summarize(made.table['image_status'])}")
    return made


def make_model(
    table,
    classifier,
    source,
    *,
    folder,
    framing=None,
    access=None,
    radius_kind=None,
    sampling=None,
    options=None,
    calibration="temperature",
    seed=0,
    device="auto",
    resume=False,
    progress=False,
):
    """
    Train a classifier on the labeled galaxies of a table, and write the model folder.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``label`` and what the image source and the classifier need, by our names.
    classifier : Classifier
        To train; one that holds a network goes on from it.
    source : ImageSource
        Where the images come from.
    folder : path-like
        The model folder. While the training goes on it also holds the pack of the images.
    framing, access, radius_kind
        As in `agnsf.datasets.pack`.
    sampling : Sampling or None, optional
        Which galaxies are for what.
    options : TrainingOptions or None, optional
        How a network is trained.
    calibration : str, optional
        One of `agnsf.evaluation.CALIBRATION_METHODS`.
    seed, device, resume, progress
        As in `agnsf.training.fit`.

    Returns
    -------
    model : Model
        As it stands in the folder.
    parts : `~numpy.ndarray` of str, shape (n,)
        The part of the sample that each row belongs to, labeled or not.

    Raises
    ------
    TrainingError
        If the folder holds something else, or there is nothing to learn from.
    """
    folder, framing, options = Path(folder), framing or Framing(), options or TrainingOptions()
    sampling = sampling or Sampling()
    is_agn, parts = sampling.divide(table, seed)
    with processes(device) as joined:
        if is_finished(folder) and resume:
            return load_model(folder), parts
        source = source.prepare(table)
        if joined.first:
            plan = _plan(
                table,
                classifier,
                source,
                framing,
                sampling=sampling,
                options=options,
                seed=seed,
                calibration=calibration,
            )
            begin(folder, plan, resume=resume)
        chosen = np.flatnonzero(np.isfinite(is_agn) & (parts != ""))
        packed = _usable_pack(
            table[chosen],
            source,
            classifier,
            framing=framing,
            access=access,
            radius_kind=radius_kind,
            folder=folder / "pack",
            joined=joined,
            progress=progress,
        )
        sets = _sets(packed, is_agn[chosen], parts[chosen])
        fitted = fit(
            classifier,
            *sets["train"],
            validation=sets["validation"] if len(sets["validation"][1]) else None,
            options=options,
            device=joined,
            seed=seed,
            folder=folder,
            resume=resume,
            progress=progress,
        )
        scores = {
            name: predict(fitted, *one, processes=joined, precision=options.precision) for name, one in sets.items()
        }
        info, validation = _judge(sets, scores, calibration)
        if joined.first:
            info |= {
                "recipe": packed.recipe,
                "labels": labels_record(table, is_agn, sampling.composites),
                "training": {
                    "options": asdict(options),
                    "seed": seed,
                    "sampling": asdict(sampling),
                    "counts": _counts(sets),
                },
                "table_hash": catalogs.table_hash(table, table.colnames),
                "versions": versions(),
            }
            info |= {"baseline": found} if (found := catalog_baseline(sets)) else {}
            write_validation(validation, folder)
            save_model(Model(fitted, info), folder)
            del packed, sets  # with the memory map of what is removed now
            shutil.rmtree(folder / "pack", ignore_errors=True)
        joined.wait()
        return load_model(folder), parts


def _judge(sets, scores, calibration):
    """Return what ``model.json`` says of the validation and test galaxies, and the validation table."""
    is_agn = {name: binary_labels(table) for name, (_, table) in sets.items()}
    info, validation = calibrate(is_agn["validation"], scores["validation"], method=calibration)
    p_agn = scores["test"]
    if info["calibration"]:
        p_agn = apply_calibration(p_agn, info["calibration"])
    return {**info, "metrics": measure(is_agn["test"], p_agn, threshold=info["threshold"])}, validation


def _counts(sets):
    return {name: {one: int((part["label"] == one).sum()) for one in ("AGN", "SF")} for name, (_, part) in sets.items()}


def _sets(packed, is_agn, parts):
    """Return images and table of train, validation and test: galaxies with an image, labeled AGN or SF."""
    found = {}
    for name in ("train", "validation", "test"):
        rows = np.flatnonzero(packed.usable & (parts == name))
        table = packed.table[rows]
        table["label"] = np.where(is_agn[rows] > 0, "AGN", "SF")
        found[name] = Selection(packed.images, rows), table
    if not len(found["train"][1]):
        raise TrainingError("No galaxy to learn from: none of those that are labeled and have an image is for training")
    return found
