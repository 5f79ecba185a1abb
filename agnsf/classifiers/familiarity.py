# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Whether a picture looks like those that a classifier was trained on."""

from dataclasses import dataclass

import numpy as np

from agnsf.classifiers.rules import BoostedTrees
from agnsf.measure import picture_feature_names, picture_features, picture_sky

__all__ = ["Familiarity"]

_BLOCK = 128  # pictures at a time
_FAINTEST = 6.0  # sum of red, green and blue: what is fainter counts as that


@dataclass(frozen=True, eq=False)
class Familiarity:
    """
    Two tests of a picture, of which the stronger objection counts.

    One is the Mahalanobis distance from the training pictures, which speaks of what nobody thought of.
    The other are trees that learned to tell them from pictures known to be wrong.

    Parameters
    ----------
    rings : tuple of float
        As for `agnsf.measure.picture_features`.
    mean : `~numpy.ndarray` of float64, shape (k,)
        Of the training pictures.
    precision : `~numpy.ndarray` of float64, shape (k, k)
        Inverse of their covariance.
    trees : BoostedTrees
        Give the probability that a picture is wrong.
    limits : tuple of float
        The distance, and the probability, from which a picture is unfamiliar.
    """

    rings: tuple[float, ...]
    mean: np.ndarray
    precision: np.ndarray
    trees: BoostedTrees
    limits: tuple[float, float]

    @classmethod
    def fit(cls, pictures, wrong, *, rings, false_alarms=0.02, seed=0):
        """
        Return what is familiar.

        Parameters
        ----------
        pictures : array-like of uint8, shape (n, size, size, 3)
            What the classifier is for.
        wrong : array-like of uint8, shape (m, size, size, 3)
            What it is not for.
        rings : tuple of float
            As for `agnsf.measure.picture_features`.
        false_alarms : float, optional
            Share of ``pictures`` that exceeds the limit of each of the two tests.
        seed : int, optional
            For the choice of the half of the pictures by which the limits are set.

        Returns
        -------
        familiarity : Familiarity
            With limits that half of ``pictures``, which it did not learn from, have set.
        """
        good, bad = (_appearance(some, picture_features(some, rings=rings), rings) for some in (pictures, wrong))
        order = np.random.default_rng(seed).permutation(len(good))
        learned, held_out = good[order[::2]], good[order[1::2]]
        mean, precision = _spread(learned)
        distance = _distance(learned, mean, precision)
        mean, precision = _spread(learned[distance <= np.quantile(distance, 0.95)])  # a few are strange themselves
        values = np.concatenate([learned, bad])
        trees = BoostedTrees.fit(values, np.arange(len(values)) >= len(learned), strength=1.0, balanced=True)
        limits = (
            float(np.quantile(_distance(held_out, mean, precision), 1 - false_alarms)),
            float(np.quantile(trees.predict(held_out), 1 - false_alarms)),
        )
        return cls(tuple(rings), mean, precision, trees, limits)

    def novelty(self, pictures, *, features=None):
        """
        Return how unlike the training pictures each is.

        Parameters
        ----------
        pictures : array-like of uint8, shape (n, size, size, 3)
            To be judged.
        features : `~numpy.ndarray` or None, optional
            What `agnsf.measure.picture_features` says of them, if it has been asked with the same rings.

        Returns
        -------
        novelty : `~numpy.ndarray` of float64, shape (n,)
            In units of the limit: a picture above 1 is unfamiliar.
        """
        features = picture_features(pictures, rings=self.rings) if features is None else features
        values = _appearance(pictures, features, self.rings)
        distance = _distance(values, self.mean, self.precision)
        return np.maximum(distance / self.limits[0], self.trees.predict(values) / self.limits[1])

    def as_dict(self):
        """Return everything as plain values."""
        return {
            "rings": list(self.rings),
            "mean": self.mean.tolist(),
            "precision": self.precision.tolist(),
            "limits": list(self.limits),
            "trees": self.trees.as_dict(),
        }

    @classmethod
    def from_dict(cls, content):
        """Return what `as_dict` told; raise ValueError if the values are none."""
        mean, precision = (np.array(content[name], dtype=np.float64) for name in ("mean", "precision"))
        limits, rings = (tuple(float(one) for one in content[name]) for name in ("limits", "rings"))
        count = _count(rings)
        if mean.shape != (count,) or precision.shape != (count, count) or len(limits) != 2:
            raise ValueError("the shapes of mean, precision and limits do not fit each other")
        if not (np.isfinite(mean).all() and np.isfinite(precision).all() and min(limits) > 0):
            raise ValueError("mean, precision and limits must be finite, and the limits above 0")
        trees = BoostedTrees.from_dict(content["trees"], len(mean))
        return cls(rings, mean, precision, trees, limits)


def _count(rings):
    """Return how many values `_appearance` gives."""
    return len(picture_feature_names(rings)) + 6


def _appearance(pictures, features, rings):
    """Return brightness and hue of the rings, shape, clumpiness, sky and dark corners of each picture."""
    blocks = (np.asarray(pictures[start : start + _BLOCK]) for start in range(0, len(pictures), _BLOCK))
    sky = [np.column_stack([picture_sky(block), _darkest_corner(block)]) for block in blocks]
    profile = features[:, : 3 * len(rings)].reshape(len(features), len(rings), 3)
    light = np.maximum(profile.sum(axis=2), 0)
    hues = (profile[:, :, :2] - profile[:, :, 1:]) / (light + 10)[:, :, None]
    others = features[:, 3 * len(rings) :]
    hues = hues.reshape(len(features), 2 * len(rings))
    return np.column_stack(
        [np.log(light + _FAINTEST), hues, others, np.log1p(np.concatenate([np.empty((0, 6)), *sky]))]
    )


def _darkest_corner(pictures):
    """Return the lowest mean red, green and blue of a corner: the sky, also where a galaxy crosses the border."""
    near, far = slice(None, side := max(1, pictures.shape[1] // 8)), slice(-side, None)
    corners = [pictures[:, y, x].mean(axis=(1, 2)) for y in (near, far) for x in (near, far)]
    return np.min(corners, axis=0)


def _spread(values):
    covariance = np.cov(values.T) + 1e-6 * np.eye(values.shape[1])
    return values.mean(axis=0), np.linalg.inv(covariance)


def _distance(values, mean, precision):
    """Return the Mahalanobis distance of each row, whatever rows stand beside it."""
    away = values - mean
    return np.sqrt([max(one @ precision @ one, 0) for one in away])
