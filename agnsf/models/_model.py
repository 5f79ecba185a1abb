# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A trained classifier, and everything recorded about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agnsf.columns import AgnsfError, float_values
from agnsf.evaluation import apply_calibration
from agnsf.roles import Classifier

__all__ = ["Model", "ModelError"]


class ModelError(AgnsfError):
    """A model folder cannot be used."""


@dataclass(frozen=True)
class Model:
    """
    A trained classifier, and everything recorded about it.

    Parameters
    ----------
    classifier : Classifier
        Trained.
    info : dict
        What ``model.json`` holds beside the classifier's name and options: ``recipe`` (the image
        recipe), ``labels`` (labeler, positive classes, signal-to-noise ratio, aperture),
        ``base_rate``, ``threshold``, ``calibration``, ``metrics``, ``ranges`` (lowest and highest value of columns),
        ``versions``, ``table_hash``.
    """

    classifier: Classifier
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def threshold(self):
        """Galaxies whose ``p_agn`` reaches it are called AGN."""
        return float(self.info.get("threshold", 0.5))

    @property
    def recipe(self):
        """The image recipe that it was trained on, as a dict."""
        return self.info.get("recipe", {})

    @property
    def color(self):
        """The color recipe of the pictures that it was trained on."""
        return self.recipe.get("color", "unknown")

    @property
    def ranges(self):
        """Lowest and highest value, by column of ours, of the galaxies that it was trained on, where recorded."""
        return {name: (float(low), float(high)) for name, (low, high) in self.info.get("ranges", {}).items()}

    def predict(self, images, table):
        """
        Return the columns that the model gives, ``p_agn`` calibrated.

        Parameters
        ----------
        images : array-like, n images
            As the classifier takes them (`agnsf.Classifier.predict`).
        table : `~astropy.table.Table`
            With a row for each image and the classifier's columns; those of ``ranges`` are used if they are there.

        Returns
        -------
        columns : dict of str to `~numpy.ndarray` of shape (n,)
            ``"p_agn"``, and whatever else the classifier knows. A galaxy outside ``ranges`` is ``"unfamiliar"``.
        """
        columns = dict(self.classifier.predict_columns(images, table))
        calibration = self.info.get("calibration")
        if calibration:
            raw, spread = columns["p_agn"], columns.get("p_agn_std")
            columns["p_agn"] = apply_calibration(raw, calibration)
            if spread is not None:
                low, high = np.clip(raw - spread, 0, 1), np.clip(raw + spread, 0, 1)
                columns["p_agn_std"] = (apply_calibration(high, calibration) - apply_calibration(low, calibration)) / 2
        for name, (low, high) in self.ranges.items():
            known = name in table.colnames and table[name].dtype.kind in "iuf"  # text is no redshift
            values = float_values(table, name) if known else np.full(len(images), np.nan)
            outside = (values < low) | (values > high)  # false where nothing is known
            columns["unfamiliar"] = (outside | columns.get("unfamiliar", False)).astype(np.int8)
        return columns
