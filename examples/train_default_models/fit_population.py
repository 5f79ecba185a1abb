# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Fit the population of simulated galaxies to real catalogs.

    python examples/train_default_models/fit_population.py DATA agnsf/simulate/population.json

DATA is a folder with ``catalogs/schawinski2010.fits`` (2010ApJ...711..284S) and
``catalogs/mpajhu_fluxes.csv``. For each class, the photometry and the mass of the galaxies, and the
ratios and strength of their lines, are described by a mixture of two Gaussians each.
"""

import json
import sys
from pathlib import Path

import numpy as np
from astropy.cosmology import Planck18
from astropy.table import Table
from sklearn.mixture import GaussianMixture

from agnsf.plugins import load_labeler

LINES = ("h_alpha", "h_beta", "oiii_5007", "nii_6584")
CLASSES = {0: "weak", 1: "SF", 2: "composite", 3: "Seyfert", 4: "LINER"}


def mixture(values, seed=0):
    """Return a mixture of two Gaussians, fitted to the rows of an array, as plain lists."""
    fitted = GaussianMixture(2, random_state=seed, n_init=3).fit(values)
    return {
        "weights": np.round(fitted.weights_, 4).tolist(),
        "means": np.round(fitted.means_, 4).tolist(),
        "covariances": np.round(fitted.covariances_, 6).tolist(),
    }


def hosts(path):
    """Return u-r, g-r, r-i, i-z, log mass and absolute r magnitude of the galaxies of each class."""
    table = Table.read(path)
    band = {name: np.asarray(table[name], dtype=float) for name in "UGRIZ"}
    absolute = band["R"] - Planck18.distmod(np.asarray(table["REDSHIFT"], dtype=float)).value
    mass = np.asarray(table["LOG_MSTELLAR"], dtype=float)
    values = np.column_stack(
        [band["U"] - band["R"], band["G"] - band["R"], band["R"] - band["I"], band["I"] - band["Z"], mass, absolute]
    )
    low, high = np.nanpercentile(values, [0.5, 99.5], axis=0)
    good = np.all((values > low) & (values < high), axis=1)
    code = np.asarray(table["BPT_CLASS"])
    return {name: values[good & (code == number)] for number, name in CLASSES.items()}


def lines(path):
    """Return both line ratios, log H-alpha and the log Balmer decrement of the galaxies of each class."""
    table = Table.read(path)[[f"{name}_flux" for name in LINES]]
    table = table[np.all([np.asarray(table[name]) > 10 for name in table.colnames], axis=0)]
    found = load_labeler("schawinski2007").label(table)
    balmer = np.log10(table["h_alpha_flux"] / table["h_beta_flux"])
    values = np.ma.column_stack([found["log_nii_ha"], found["log_oiii_hb"], np.log10(table["h_alpha_flux"]), balmer])
    label, subclass = (np.ma.filled(found[name], "") for name in ("label", "subclass"))
    kind = np.where(label == "AGN", subclass, label)
    return {name: values[kind == name] for name in ("SF", "composite", "Seyfert", "LINER")}


def main(data, output):
    """Write the population that the catalogs in a folder show."""
    catalogs = Path(data) / "catalogs"
    host, line = hosts(catalogs / "schawinski2010.fits"), lines(catalogs / "mpajhu_fluxes.csv")
    population = {name: {"host": mixture(host[name])} for name in CLASSES.values()}
    for name, values in line.items():
        population[name]["lines"] = mixture(values)
    Path(output).write_text(json.dumps(population, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
