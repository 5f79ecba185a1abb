# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the photometry of 47,549 real galaxies tells of their class (2010ApJ...711..284S)."""

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Ridge

from agnsf import catalogs
from agnsf.classifiers.rules import LogisticRule

_SURE = 5.0  # no log-odds beyond these are taught


@dataclass(frozen=True)
class Photometry:
    """
    Magnitudes, masses and classes of a catalog.

    ``colors`` are u-r, g-r, r-i, r-z in magnitudes, one column each; ``lines`` tells whether the galaxy has a
    class, ``is_agn`` whether it is composite or AGN.
    """

    coordinates: SkyCoord
    colors: np.ndarray
    log_mass: np.ndarray
    lines: np.ndarray
    is_agn: np.ndarray

    @classmethod
    def read(cls, path):
        """Return the catalog of a file."""
        table = catalogs.read_table(path)
        ultraviolet, green, red, infrared, far = (np.asarray(table[band], dtype=np.float64) for band in "UGRIZ")
        classes = np.asarray(table["BPT_CLASS"])
        return cls(
            SkyCoord(table["RA"], table["DEC"], unit="deg"),
            np.column_stack([ultraviolet - red, green - red, red - infrared, red - far]),
            np.asarray(table["LOG_MSTELLAR"], dtype=np.float64),
            classes > 0,
            classes > 1,
        )

    def rows_of(self, table):
        """Return the row of each galaxy of a table within 3 arcsec; -1 where there is none."""
        rows = np.full(len(table), -1)
        known = np.flatnonzero(~np.ma.getmaskarray(table["ra"]))
        places = SkyCoord(np.asarray(table["ra"][known]) * u.deg, np.asarray(table["dec"][known]) * u.deg)
        nearest, distance, _ = places.match_to_catalog_sky(self.coordinates)
        rows[known[distance < 3 * u.arcsec]] = nearest[distance < 3 * u.arcsec]
        return rows

    def log_odds(self, *, without):
        """Return what colors and mass tell of every galaxy, learned from those that are not in ``without``."""
        values = np.column_stack([self.colors[:, :3], self.log_mass])
        complete = np.isfinite(values).all(axis=1)
        taught = complete & self.lines
        taught[without] = False
        learner = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=15, early_stopping=False, random_state=0
        ).fit(values[taught], self.is_agn[taught])
        return np.where(complete, np.clip(learner.decision_function(values), -_SURE, _SURE), np.nan)


def distilled(features, log_odds):
    """Return the linear rule that comes nearest to given log-odds, from the features of the same galaxies."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    learner = Ridge(alpha=10.0).fit((features - mean) / scale, log_odds)
    return LogisticRule(mean, scale, learner.coef_, float(learner.intercept_))
