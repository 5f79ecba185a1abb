# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Write a model that ships, with everything that was measured of it."""

import numpy as np
from astropy.table import Table
from judging import calibrated_across, share

from agnsf.evaluation import apply_calibration
from agnsf.models import Model, save_model
from agnsf.training.judging import calibrate, measure, write_validation
from agnsf.training.recording import versions


def write(folder, classifier, *, is_agn, p_agn, recipe, about, measured, population, ranges, table_hash=""):
    """Write the model folder of a classifier, judged by ``p_agn`` of galaxies that were not learned from."""
    info, validation = calibrate(is_agn, p_agn, method="logistic")
    population["p_agn"] = apply_calibration(population["p_agn"], info["calibration"])
    chosen = population["p_agn"] >= info["threshold"]
    for among, rows in (("lines", chosen & (population["has_lines"] == 1)), ("or without lines", chosen)):
        measured |= {
            f"purity of the galaxies called AGN, of those with {among}": share(population["is_agn"][rows] == 1)
        }
    info |= {
        "default": True,
        "about": about,
        "recipe": {key: value for key, value in recipe.items() if key not in ("source", "options")},
        "labels": {"positive": ["AGN", "composite"], "composites": "agn"},
        "ranges": ranges,
        "metrics": measure(is_agn, calibrated_across(is_agn, p_agn), threshold=info["threshold"]),
        "measured": {name: one.as_dict() for name, one in measured.items()},
        "table_hash": table_hash,
        "versions": versions(),
    }
    save_model(Model(classifier, info), folder)
    write_validation(validation, folder)
    formats = dict.fromkeys(("p_agn", "p_lines"), "%.4g")
    population.write(folder / "population.ecsv", format="ascii.ecsv", formats=formats, overwrite=True)


def population_of(is_agn, has_lines, p_agn, p_lines):
    """Return the table by which a purity among all galaxies is chosen."""
    return Table(
        {
            "is_agn": np.asarray(is_agn & has_lines, dtype=np.int8),
            "has_lines": np.asarray(has_lines, dtype=np.int8),
            "p_agn": p_agn,
            "p_lines": p_lines,
        }
    )
