# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the photometry of real galaxies tells of their class."""

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Ridge

import agnsf
from agnsf import catalogs
from agnsf.classifiers.rules import LogisticRule
from agnsf.columns import float_values

_SURE = 5.0  # no log-odds beyond these are taught
_BANDS = "ugriz"


@dataclass(frozen=True)
class Photometry:
    """
    Magnitudes and classes of a catalog.

    ``colors`` are u-r, g-r, r-i, r-z in magnitudes, one column each; ``lines`` tells whether the galaxy has a
    class, ``is_agn`` whether it is composite or AGN.
    """

    colors: np.ndarray
    lines: np.ndarray
    is_agn: np.ndarray
    z: np.ndarray

    def only(self, rows):
        """Return that of some galaxies."""
        return Photometry(self.colors[rows], self.lines[rows], self.is_agn[rows], self.z[rows])


@dataclass(frozen=True)
class Schawinski(Photometry):
    """47,549 galaxies at 0.02 < z < 0.05, half of them without a class (2010ApJ...711..284S)."""

    coordinates: SkyCoord
    log_mass: np.ndarray

    @classmethod
    def read(cls, path):
        """Return the catalog of a file."""
        table = catalogs.read_table(path)
        classes = np.asarray(table["BPT_CLASS"])
        return cls(
            _colors([float_values(table, band.upper()) for band in _BANDS]),
            classes > 0,
            classes > 1,
            float_values(table, "REDSHIFT"),
            SkyCoord(table["RA"], table["DEC"], unit="deg"),
            float_values(table, "LOG_MSTELLAR"),
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


def emission_line_galaxies(path):
    """Return the photometry of MPA-JHU galaxies at 0.10 < z < 0.12 (2004MNRAS.351.1151B) that their fluxes class."""
    table = agnsf.label(catalogs.read_table(path), labeler="schawinski2007")
    table = table[np.sort(np.unique(np.asarray(table["objid"]), return_index=True)[1])]  # one spectrum each
    label = np.ma.filled(table["label"], "").astype(str)
    magnitudes = [float_values(table, band) for band in _BANDS]
    found = Photometry(
        _colors([np.where(one > 0, one, np.nan) for one in magnitudes]),
        label != "",
        np.isin(label, ["AGN", "composite"]),
        float_values(table, "redshift"),
    )
    return found.only(found.lines)


def _colors(magnitudes):
    ultraviolet, green, red, infrared, far = magnitudes
    return np.column_stack([ultraviolet - red, green - red, red - infrared, red - far])


def distilled(features, log_odds):
    """Return the linear rule that comes nearest to given log-odds, from the features of the same galaxies."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    learner = Ridge(alpha=10.0).fit((features - mean) / scale, log_odds)
    return LogisticRule(mean, scale, learner.coef_, float(learner.intercept_))
