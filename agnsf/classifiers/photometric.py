# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A small rule on what can be measured on the image, or on columns of the table."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

import agnsf
from agnsf.classifiers.familiarity import Familiarity
from agnsf.classifiers.rules import RULES
from agnsf.columns import AgnsfError, ColumnError, float_values, require_columns
from agnsf.images import RECIPES
from agnsf.measure import (
    PICTURE_RINGS,
    picture_color_names,
    picture_colors,
    picture_feature_names,
    picture_features,
)

__all__ = ["Photometric"]

_FILE = "photometric.json"


@dataclass(frozen=True)
class Photometric(agnsf.Classifier):
    """
    Classify by the color profile, concentration, elongation and clumpiness of the picture.

    Host color carries most of what an image tells about the class, and a few hundred labelled
    galaxies suffice to learn it. With ``features``, columns of the table take the place of the
    picture: the catalog-only baseline that belongs beside every result from images. With
    ``recipe``, only the galaxy's colors in magnitudes are measured, so that the rule may come from a catalog.

    It can also hold a rule for ``p_lines`` and the familiar look of pictures, for ``novelty`` and
    ``unfamiliar``: see its method ``knowing``.

    Parameters
    ----------
    rings : tuple of float, optional
        Outer radii of the rings of the color profile, in units of half the frame.
    features : tuple of str, optional
        Columns to use instead of the picture; values may be missing.
    recipe : str, optional
        The invertible color recipe of the pictures (``agnsf.images.RECIPES``), whose colors in magnitudes
        are to be used instead of rings: ``legacysurvey`` or ``viewer-sdss``.
    learner : {"logistic", "kernel", "boosting"}, optional
        What is fitted to the features: a logistic regression, for which a missing value counts as
        the mean; the same on the likeness to each galaxy learned from, for a few hundred of them; or
        gradient-boosted trees, which want some thousand galaxies.
    strength : float, optional
        Inverse of the strength of the regularization: ``C`` of either logistic regression, or the inverse of
        the trees' ``l2_regularization``.
    balanced : bool, optional
        Whether to weight both classes alike.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.table import Table
    >>> from agnsf.classifiers.photometric import Photometric
    >>> images = np.random.default_rng(0).integers(0, 99, (20, 64, 64, 3), dtype=np.uint8)
    >>> table = Table({'label': ['AGN', 'SF'] * 10, 'mag_u': [19.0, 18.0] * 10, 'mag_r': [16.0] * 20})
    >>> catalog_only = Photometric(features=('mag_u', 'mag_r')).fit(images, table)
    >>> (catalog_only.predict(images, table) > 0.5).tolist()[:4]
    [True, False, True, False]
    """

    rings: tuple[float, ...] = PICTURE_RINGS
    features: tuple[str, ...] = ()
    recipe: str = ""
    learner: Literal["logistic", "kernel", "boosting"] = "logistic"
    strength: float = 0.1
    balanced: bool = False

    name = "photometric"
    _rule = None
    _lines = None
    _familiarity = None

    def __post_init__(self):
        if self.recipe and (self.features or self.recipe not in RECIPES or not RECIPES[self.recipe].invertible):
            known = ", ".join(name for name, recipe in RECIPES.items() if recipe.invertible)
            raise AgnsfError(
                f"Classifier {self.name!r} takes one of the recipes {known}, without features; not {self.recipe!r}"
            )
        if self.learner not in RULES:
            raise AgnsfError(f"Classifier {self.name!r} knows the learners {', '.join(RULES)}, not {self.learner!r}")

    @property
    def columns(self):
        """The columns of the table that it uses."""
        return self.features

    @property
    def feature_names(self):
        """What is measured or read of each galaxy, in its order."""
        if self.recipe:
            return picture_color_names(self.recipe)
        return list(self.features) or picture_feature_names(self.rings)

    def measure(self, images, table):
        """
        Return the features of each galaxy.

        Parameters
        ----------
        images, table
            As for `fit`.

        Returns
        -------
        values : `~numpy.ndarray` of float64, shape (n, k)
            In the order of ``feature_names``; NaN where a column has no value.
        """
        if self.recipe:
            return picture_colors(images, recipe=self.recipe)
        if not self.features:
            return picture_features(images, rings=self.rings)
        require_columns(table, self.features, who=f"Classifier {self.name!r}")
        values = np.column_stack([float_values(table, name) for name in self.features])
        return np.where(np.isfinite(values), values, np.nan)

    def fit(self, images, table, *, validation=None):
        """Return a copy that has learned; see `agnsf.Classifier.fit`. Validation is not used."""
        values = self.measure(images, table)
        is_agn = np.asarray(table["label"]) == "AGN"
        if is_agn.all() or not is_agn.any():
            only = "AGN" if is_agn.any() else "SF"
            raise ValueError(f"Classifier {self.name!r} needs galaxies of both classes; all {len(table)} are {only}")
        if np.isnan(values).all(axis=0).any():
            gone = [name for name, empty in zip(self.feature_names, np.isnan(values).all(axis=0), strict=True) if empty]
            raise ColumnError(f"Classifier {self.name!r} finds no value in the column(s) {', '.join(gone)}")
        rule = RULES[self.learner].fit(values, is_agn, strength=self.strength, balanced=self.balanced)
        return self._with(_rule=rule)

    def predict(self, images, table):
        """Return the probability of ``AGN``; see `agnsf.Classifier.predict`."""
        return self._learned().predict(self.measure(images, table))

    def knowing(self, *, rule=None, lines=None, familiarity=None):
        """
        Return a copy that knows more, or something else.

        Parameters
        ----------
        rule, lines : rule or None, optional
            On the features of ``feature_names``: the probability of AGN, and that of having the lines
            by which the labeler tells.
        familiarity : Familiarity or None, optional
            What pictures it is for.

        Returns
        -------
        classifier : Photometric
            With what was given; the rest is kept.
        """
        given = {"_rule": rule, "_lines": lines, "_familiarity": familiarity}
        return self._with(**{name: value for name, value in given.items() if value is not None})

    def predict_columns(self, images, table):
        """Return ``p_agn``, and ``p_lines``, ``novelty`` and ``unfamiliar`` where it knows them."""
        values = self.measure(images, table)
        columns = {"p_agn": self._learned().predict(values)}
        if self._lines is not None:
            columns["p_lines"] = self._lines.predict(values)
        if self._familiarity is not None:
            same = not (self.features or self.recipe) and self._familiarity.rings == self.rings
            columns["novelty"] = self._familiarity.novelty(images, features=values if same else None)
            columns["unfamiliar"] = (columns["novelty"] > 1).astype(np.int8)
        return columns

    def _learned(self):
        if self._rule is None:
            raise ValueError(f"Classifier {self.name!r} has learned nothing yet; fit or load it first")
        return self._rule

    def save(self, folder):
        """Write ``photometric.json``: the features, the rules and the familiar look."""
        content = {"features": self.feature_names, **self._learned().as_dict()}
        if self._lines is not None:
            content["lines"] = self._lines.as_dict()
        if self._familiarity is not None:
            content["familiarity"] = self._familiarity.as_dict()
        (Path(folder) / _FILE).write_text(json.dumps(content) + "\n", encoding="utf-8")

    def load(self, folder):
        """Return a copy with what ``photometric.json`` holds."""
        content = json.loads((Path(folder) / _FILE).read_text(encoding="utf-8"))
        if content["features"] != self.feature_names:
            raise ValueError(f"{_FILE} has the features {content['features']}, not {self.feature_names}")
        rule, count = RULES[self.learner], len(self.feature_names)
        return self.knowing(
            rule=rule.from_dict(content, count),
            lines=rule.from_dict(content["lines"], count) if "lines" in content else None,
            familiarity=Familiarity.from_dict(content["familiarity"]) if "familiarity" in content else None,
        )


@agnsf.hookimpl
def register_classifiers():
    """Return the classifier."""
    return [Photometric]
