# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A regularized logistic regression on what can be measured on the image."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

import agnsf
from agnsf.columns import ColumnError, float_values, require_columns
from agnsf.measure import PICTURE_RINGS, picture_feature_names, picture_features

__all__ = ["Photometric"]

_FILE = "photometric.json"


@dataclass(frozen=True)
class Photometric(agnsf.Classifier):
    """
    Classify by the color profile, concentration, elongation and clumpiness of the picture.

    Host color carries most of what an image tells about the class, and a few hundred labelled
    galaxies suffice to learn it. With ``features``, columns of the table take the place of the
    picture: the catalog-only baseline that belongs beside every result from images.

    Parameters
    ----------
    rings : tuple of float, optional
        Outer radii of the rings of the color profile, in units of half the frame.
    features : tuple of str, optional
        Columns to use instead of the picture; a value that is missing counts as the mean.
    strength : float, optional
        Inverse of the strength of the regularization (``C`` of `sklearn.linear_model.LogisticRegression`).
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
    strength: float = 0.1
    balanced: bool = False

    name = "photometric"
    _weights = None

    @property
    def columns(self):
        """The columns of the table that it uses."""
        return self.features

    @property
    def feature_names(self):
        """What the coefficients belong to, in their order."""
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
        if not self.features:
            return picture_features(images, rings=self.rings)
        require_columns(table, self.features, who=f"Classifier {self.name!r}")
        values = np.column_stack([float_values(table, name) for name in self.features])
        return np.where(np.isfinite(values), values, np.nan)

    def fit(self, images, table, *, validation=None):
        """Return a copy that has learned; see `agnsf.Classifier.fit`. Validation is not used."""
        from sklearn.linear_model import LogisticRegression

        values = self.measure(images, table)
        is_agn = np.asarray(table["label"]) == "AGN"
        if is_agn.all() or not is_agn.any():
            only = "AGN" if is_agn.any() else "SF"
            raise ValueError(f"Classifier {self.name!r} needs galaxies of both classes; all {len(table)} are {only}")
        if np.isnan(values).all(axis=0).any():
            gone = [name for name, empty in zip(self.feature_names, np.isnan(values).all(axis=0), strict=True) if empty]
            raise ColumnError(f"Classifier {self.name!r} finds no value in the column(s) {', '.join(gone)}")
        mean, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        scale[scale == 0] = 1.0
        learner = LogisticRegression(
            C=self.strength, class_weight="balanced" if self.balanced else None, max_iter=5000, tol=1e-8
        )
        learner.fit(_standardized(values, mean, scale), is_agn)
        return self._with(_weights=(mean, scale, learner.coef_[0], float(learner.intercept_[0])))

    def predict(self, images, table):
        """Return the probability of ``AGN``; see `agnsf.Classifier.predict`."""
        if self._weights is None:
            raise ValueError(f"Classifier {self.name!r} has learned nothing yet; fit or load it first")
        mean, scale, coefficients, intercept = self._weights
        standardized = _standardized(self.measure(images, table), mean, scale)
        # Summed row by row, so that a galaxy's value does not depend on its batch.
        return expit((standardized * coefficients).sum(axis=1) + intercept)

    def save(self, folder):
        """Write ``photometric.json``: features, their mean and scale, coefficients, intercept."""
        if self._weights is None:
            raise ValueError(f"Classifier {self.name!r} has learned nothing yet; fit or load it first")
        mean, scale, coefficients, intercept = self._weights
        content = {
            "features": self.feature_names,
            "mean": mean.tolist(),
            "scale": scale.tolist(),
            "coefficients": coefficients.tolist(),
            "intercept": intercept,
        }
        (Path(folder) / _FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def load(self, folder):
        """Return a copy with the coefficients of ``photometric.json``."""
        content = json.loads((Path(folder) / _FILE).read_text(encoding="utf-8"))
        if content["features"] != self.feature_names:
            raise ValueError(f"{_FILE} has the features {content['features']}, not {self.feature_names}")
        arrays = [np.array(content[name], dtype=np.float64) for name in ("mean", "scale", "coefficients")]
        if any(one.shape != (len(self.feature_names),) or not np.isfinite(one).all() for one in arrays):
            raise ValueError(f"{_FILE} needs {len(self.feature_names)} finite values of mean, scale and coefficients")
        return self._with(_weights=(*arrays, float(content["intercept"])))


def _standardized(values, mean, scale):
    return np.nan_to_num((values - mean) / scale)


@agnsf.hookimpl
def register_classifiers():
    """Return the classifier."""
    return [Photometric]
