# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Several models that answer together."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agnsf.hookspecs import hookimpl
from agnsf.models import ModelError, load_model, save_model
from agnsf.roles import Classifier

__all__ = ["Ensemble", "register_classifiers"]

_BLOCK = 1024  # images that are turned at once


def _oriented(images, code, input):
    """Return images in one of the eight orientations of the square; 0 leaves them."""
    y, x = (1, 2) if input == "rgb" else (2, 3)
    if code & 1:
        images = np.flip(images, x)
    if code & 2:
        images = np.flip(images, y)
    return np.ascontiguousarray(np.swapaxes(images, y, x) if code & 4 else images)


@dataclass(frozen=True)
class Ensemble(Classifier):
    """
    Several trained models that answer together: the mean of their p_agn, and its spread.

    It learns nothing itself; ``agnsf train`` calibrates it and keeps copies of its members.

    Parameters
    ----------
    members : tuple of str, optional
        Model folders, or names of models that ship. One is enough with ``symmetries``.
    symmetries : bool, optional
        Show each image to each member in the eight orientations of the square; a galaxy has none.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> load_classifier('ensemble', members=('first', 'second'))
    Ensemble(members=('first', 'second'), symmetries=False)
    """

    members: tuple[str, ...] = ()
    symmetries: bool = False

    name = "ensemble"
    _models = None

    @property
    def input(self):
        """What the members take."""
        return self._first.input

    @property
    def size(self):
        """Width and height of the images that the members take."""
        return self._first.size

    @property
    def columns(self):
        """Columns of the table that any member uses."""
        return tuple(dict.fromkeys(name for model in self._loaded() for name in model.classifier.columns))

    @property
    def _first(self):
        return self._loaded()[0].classifier

    def _loaded(self):
        if self._models is None:
            if not self.members:
                raise ModelError("An ensemble needs members: -C members=MODEL,MODEL,...")
            object.__setattr__(self, "_models", _alike(self.members, [load_model(one) for one in self.members]))
        return self._models

    def fit(self, images, table, *, validation=None):
        """Return the ensemble itself, its members loaded; see `Classifier.fit`."""
        return self._with(_models=self._loaded())

    def predict(self, images, table):
        """Return the mean of the members; see `Classifier.predict`."""
        return self.predict_columns(images, table)["p_agn"]

    def predict_columns(self, images, table):
        """Return ``p_agn`` and ``p_agn_std``; see `Classifier.predict_columns`."""
        blocks = range(0, max(len(images), 1), _BLOCK)
        answers = [self._answers(images[start : start + _BLOCK], table[start : start + _BLOCK]) for start in blocks]
        every = np.concatenate(answers, axis=1)
        return {"p_agn": every.mean(axis=0), "p_agn_std": every.std(axis=0)}

    def _answers(self, images, table):
        """Return the calibrated p_agn of each member and orientation: shape (answers, n)."""
        codes = range(8 if self.symmetries else 1)
        turned = (_oriented(images, code, self.input) for code in codes)
        return np.array([model.predict(one, table)["p_agn"] for one in turned for model in self._loaded()])

    def accelerated(self, wrap):
        """Return a copy whose members' networks are run by somebody else; see `Classifier.accelerated`."""
        models = [replace(one, classifier=one.classifier.accelerated(wrap)) for one in self._loaded()]
        return self._with(_models=models)

    def save(self, folder):
        """Write each member into a folder ``member-0``, ``member-1`` ..."""
        for number, model in enumerate(self._loaded()):
            save_model(model, Path(folder) / f"member-{number}")

    def load(self, folder):
        """Return a copy with the members in the folder."""
        found = [path for path in Path(folder).glob("member-*") if path.name.removeprefix("member-").isdecimal()]
        ordered = sorted(found, key=lambda path: int(path.name.removeprefix("member-")))
        if not ordered:
            raise ModelError(f"The ensemble {folder} has no folder member-0; restore it or make the ensemble again")
        return self._with(_models=_alike(ordered, [load_model(path) for path in ordered]))


def _alike(names, models):
    """Return the models, after looking whether one image suits them all."""
    first = models[0]
    for name, model in zip(names, models, strict=True):
        for what, mine, theirs in (
            ("input", first.classifier.input, model.classifier.input),
            ("size", first.classifier.size, model.classifier.size),
            ("color", first.color, model.color),
        ):
            if mine != theirs:
                raise ModelError(
                    f"The members of an ensemble must take the same images: {names[0]} has {what} {mine!r}, "
                    f"{name} {theirs!r}"
                )
    return models


@hookimpl
def register_classifiers():
    """Provide the classifier."""
    return [Ensemble]
