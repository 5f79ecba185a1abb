# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Explanations of a model on some galaxies of each class."""

import math
from dataclasses import dataclass

import numpy as np

from agnsf.columns import AgnsfError
from agnsf.evaluation import Estimate
from agnsf.report.explanations.gradcam import grad_cam
from agnsf.report.explanations.occlusion import occlusion
from agnsf.roles import TorchClassifier

__all__ = ["Explanation", "explain"]

_PER_CLASS = 60
_CLASSES = ("AGN", "SF")


@dataclass(frozen=True, eq=False)
class Explanation:
    """
    What was found out about a model.

    Parameters
    ----------
    changes : dict of str to dict of str to Estimate
        By class and region: mean change of ``p_agn`` when the region is covered.
    maps : dict of str to `~numpy.ndarray` of float32, shape (size, size)
        Mean Grad-CAM map by class; empty where the classifier is no network.
    """

    changes: dict
    maps: dict

    def as_dict(self):
        """Return the changes for JSON: by class, then by region."""
        return {name: {region: one.as_dict() for region, one in found.items()} for name, found in self.changes.items()}


def _some_of_each(sample, seed):
    """Return the places of some galaxies of each class in the sample, drawn at random."""
    rng = np.random.default_rng(seed)
    chosen = [np.flatnonzero(sample.is_agn == is_agn) for is_agn in (True, False)]
    return np.sort(np.concatenate([rng.permutation(places)[:_PER_CLASS] for places in chosen]))


def _images(table, model, source, framing, access):
    """Return the images that can be had, as the model takes them, and their rows."""
    from agnsf.cutouts import iter_cutouts
    from agnsf.images import fit_input

    classifier, color = model.classifier, model.recipe.get("color", source.color)

    def finish(cutout):
        return fit_input(cutout, input=classifier.input, size=classifier.size, color=cutout.color or color)

    found = iter_cutouts(table, source, framing=framing, access=access, finish=finish)
    by_row = {row: cutout.pixels for row, cutout in found if cutout.pixels is not None}
    rows = sorted(by_row)
    if not rows:
        raise AgnsfError("None of the galaxies chosen for the explanations has an image")
    return np.stack([by_row[row] for row in rows]), np.array(rows)


def _mean(values, level):
    """Return a mean with its normal interval."""
    from statistics import NormalDist

    if not len(values):
        return Estimate(math.nan, math.nan, math.nan, 0, math.nan)
    value = float(np.mean(values))
    half = (
        NormalDist().inv_cdf((1 + level) / 2) * np.std(values, ddof=1) / math.sqrt(len(values))
        if len(values) > 1
        else math.nan
    )
    return Estimate(value, value - half, value + half, len(values), math.nan)


def explain(evaluation, model, source, *, framing, access=None):
    """
    Explain a model on some galaxies of each class.

    Parameters
    ----------
    evaluation : Evaluation
        The galaxies, and the level of the intervals.
    model : `~agnsf.models.Model`
        The model.
    source : ImageSource
        Where the cutouts come from.
    framing : Framing
        How they are framed. Where it fixes the pixel scale, the field is taken to be three radii.
    access : Access or None, optional
        How they are asked for.

    Returns
    -------
    explanation : Explanation
        Of at most 60 galaxies of each class.

    Raises
    ------
    AgnsfError
        If none of the galaxies has an image.
    """
    sample = evaluation.sample
    places = _some_of_each(sample, evaluation.bootstrap.seed)
    table = sample.table[sample.rows[places]]
    images, rows = _images(table, model, source, framing, access)
    table, is_agn = table[rows], sample.is_agn[places[rows]]
    radius = model.classifier.size / (framing.field_of_view if framing.pixel_scale is None else 3.0)
    changes = occlusion(lambda images: model.predict(images, table)["p_agn"], images, radius=radius)
    members = dict(zip(_CLASSES, (is_agn, ~is_agn), strict=True))
    level = evaluation.bootstrap.level
    maps = grad_cam(model.classifier, images) if isinstance(model.classifier, TorchClassifier) else None
    return Explanation(
        changes={
            name: {region: _mean(change[inside], level) for region, change in changes.items()}
            for name, inside in members.items()
        },
        maps={}
        if maps is None
        else {name: maps[inside].mean(axis=0) for name, inside in members.items() if inside.any()},
    )
