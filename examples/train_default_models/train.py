# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train the two models that ship with agnsf.

    python examples/train_default_models/train.py DATA agnsf/models

DATA is a folder with ``sdss/labelled.ecsv`` and the pictures that it names in ``sdss/images``.
Every number in a model.json comes from galaxies that the classifier had not seen: the SDSS model is
judged by cross-validation on its 200 galaxies, stratified by class and by the source of the labels,
the Legacy Surveys model on simulated galaxies of another seed.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

import agnsf
from agnsf import catalogs
from agnsf.cutouts import Framing
from agnsf.datasets import binary_labels, pack
from agnsf.evaluation import apply_calibration, within_auc
from agnsf.models import Model, save_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import simulate
from agnsf.training.judging import calibrate, measure, write_validation
from agnsf.training.recording import labels_record, versions

COMPOSITES = "agn"


def judged(is_agn, p_agn):
    """Return what model.json says of galaxies that were not learned from, and the table of them."""
    info, validation = calibrate(is_agn, p_agn, method="temperature")
    calibrated = apply_calibration(p_agn, info["calibration"])
    return {**info, "metrics": measure(is_agn, calibrated, threshold=info["threshold"])}, validation


def write(folder, classifier, table, is_agn, recipe, p_agn, seen, about):
    """Write the model folder of a trained classifier, judged by galaxies that were not learned from."""
    info, validation = judged(seen, p_agn)
    info |= {
        "default": True,
        "about": about,
        "recipe": recipe,
        "labels": labels_record(table, is_agn, COMPOSITES),
        "table_hash": catalogs.table_hash(table, table.colnames),
        "versions": versions(),
    }
    save_model(Model(classifier, info), folder)
    write_validation(validation, folder)
    for name in ("roc_auc", "accuracy", "brier"):
        one = info["metrics"][name]
        print(f"{folder.name}: {name} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})")


def both_classes(packed):
    """Return images, table and class of the galaxies that have all three."""
    is_agn = binary_labels(packed.table, composites=COMPOSITES)
    rows = np.flatnonzero(np.isfinite(is_agn) & np.isin(packed.table["image_status"], ["ok", "partial"]))
    table = packed.table[rows]
    table["label"] = np.where(is_agn[rows] == 1, "AGN", "SF")
    return np.asarray(packed.images[rows]), table, is_agn[rows]


def sdss(data, models):
    """Train on the pictures of 200 galaxies from the SkyServer, which show about ten Petrosian radii."""
    classifier = load_classifier("photometric", rings=(0.02, 0.05, 0.1, 0.15, 0.2))
    source = load_image_source("folder", path=str(data / "sdss" / "images"), pattern="{image}", color="skyserver")
    original = catalogs.read_table(data / "sdss" / "labelled.ecsv")
    framing = Framing(field_of_view=10.0)  # what the pictures show; other sources are asked for the same
    packed = pack(original, source, input=classifier.input, size=classifier.size, framing=framing)
    images, table, is_agn = both_classes(packed)
    p_agn = np.empty(len(table))
    old = ["MPA" in source for source in original["label_source"]]
    strata = [f"{label}, {one}" for label, one in zip(original["label"], old, strict=True)]
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(images, strata):
        p_agn[test] = classifier.fit(images[train], table[train]).predict(images[test], table[test])
    within = within_auc(is_agn, p_agn, np.array(old, dtype=int))
    print(f"sdss: roc_auc within both sources of labels {within.value:.3f} ({within.low:.3f} to {within.high:.3f})")
    fitted = classifier.fit(images, table)
    # The folder is where the pictures lie; they came from the SkyServer, which others ask for them.
    recipe = {key: value for key, value in packed.recipe.items() if key not in ("source", "options")}
    about = "200 SDSS galaxies at z < 0.12, pictures of the SkyServer ten Petrosian radii wide"
    write(models / "sdss", fitted, original, is_agn, recipe, p_agn, is_agn, about)


def legacysurvey(models):
    """Train on simulated galaxies as the Legacy Surveys would show them."""
    classifier = load_classifier("photometric")
    source = load_image_source("simulated")
    sets = []
    for n, seed in ((3000, 1), (1500, 2)):
        labeled = agnsf.label(simulate(n, seed=seed), labeler="bpt-nii")
        packed = pack(labeled, source, input=classifier.input, size=classifier.size, framing=Framing())
        sets.append((*both_classes(packed), labeled, packed.recipe))
    (images, table, _, labeled, recipe), (new_images, new_table, new_is_agn, *_) = sets
    fitted = classifier.fit(images, table)
    is_agn = binary_labels(labeled, composites=COMPOSITES)
    p_agn = fitted.predict(new_images, new_table)
    about = "3,000 simulated galaxies as the Legacy Surveys would show them: no evidence about nature"
    write(models / "legacysurvey", fitted, labeled, is_agn, recipe, p_agn, new_is_agn, about)


if __name__ == "__main__":
    data, models = map(Path, sys.argv[1:])
    sdss(data, models)
    legacysurvey(models)
