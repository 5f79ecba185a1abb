# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train the two models that ship with agnsf.

    python examples/train_default_models/train.py DATA agnsf/models

DATA is a folder with ``catalogs/schawinski2010.fits``, ``sdss/galaxies.ecsv`` and the pictures that it names in
``sdss/images``. Every number in a model.json comes from galaxies that the classifier had not seen.
"""

import sys
from pathlib import Path

import numpy as np
from astropy.table import Table
from judging import calibrated_across, fixed_color, leakage, paired_gain, share, within
from photometry import Photometry, distilled
from sklearn.model_selection import StratifiedKFold, train_test_split
from strange import recolored, rendered, surroundings

from agnsf import catalogs
from agnsf.classifiers.familiarity import Familiarity
from agnsf.classifiers.rules import BoostedTrees, KernelRule, LogisticRule
from agnsf.cutouts import Framing
from agnsf.datasets import binary_labels, pack
from agnsf.evaluation import apply_calibration, estimate, shift_prior
from agnsf.measure import PICTURE_RINGS
from agnsf.models import Model, save_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.training.judging import calibrate, measure, write_validation
from agnsf.training.recording import versions

RINGS = (0.02, 0.05, 0.1, 0.15, 0.2)  # of half a frame that is ten Petrosian radii wide
STRENGTH = 4.0  # of the kernel: two in log-odds, what a class tells of one galaxy
FOLDS, REPEATS = 5, 5  # of the cross-validation


def write(folder, classifier, *, is_agn, p_agn, positive, recipe, about, measured, population, table_hash):
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
        "recipe": recipe,
        "labels": {"positive": positive, "composites": "agn"},
        "metrics": measure(is_agn, calibrated_across(is_agn, p_agn), threshold=info["threshold"]),
        "measured": {name: one.as_dict() for name, one in measured.items()},
        "table_hash": table_hash,
        "versions": versions(),
    }
    save_model(Model(classifier, info), folder)
    write_validation(validation, folder)
    formats = dict.fromkeys(("p_agn", "p_lines"), "%.4g")
    population.write(folder / "population.ecsv", format="ascii.ecsv", formats=formats, overwrite=True)
    return info


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


def out_of_fold(rows, strata, answer):
    """Return the mean of what ``answer(train, test)`` says of each of ``rows`` when it is in the part under test."""
    p = np.zeros(len(rows))
    for seed in range(REPEATS):
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, strata):
            p[test] += answer(rows[train], rows[test]) / REPEATS
    return p


def sdss(data, models, photometry):
    """Train on pictures of the SkyServer, which show about ten Petrosian radii."""
    classifier = load_classifier("photometric", rings=RINGS, learner="kernel", strength=STRENGTH)
    source = load_image_source("folder", path=str(data / "sdss" / "images"), pattern="{image}", color="skyserver")
    framing = Framing(field_of_view=10.0)  # what the pictures show; other sources are asked for the same
    galaxies = catalogs.read_table(data / "sdss" / "galaxies.ecsv")
    packed = pack(galaxies, source, input=classifier.input, size=classifier.size, framing=framing)
    pictures = np.asarray(packed.images[:])
    features = classifier.measure(pictures, galaxies)
    entry = photometry.rows_of(galaxies)
    taught = photometry.log_odds(without=entry[entry >= 0])[entry]
    taught[entry < 0] = np.nan
    is_agn = binary_labels(galaxies, composites="agn")
    origin = np.ma.filled(galaxies["label_source"], "").astype(str)

    def judge(train, test, *, kernel=True, photometry=True):
        rule = KernelRule.fit(features[train], is_agn[train] == 1, strength=STRENGTH, balanced=False)
        linear = LogisticRule.fit(features[train], is_agn[train] == 1, strength=0.1, balanced=False)
        # Nothing of the galaxies under test: neither class nor magnitudes.
        known = np.setdiff1d(np.flatnonzero(np.isfinite(taught)), test)
        teacher = distilled(features[known], taught[known])
        if not photometry:
            return (rule if kernel else linear).predict(features[test])
        return (rule.plus(teacher) if kernel else teacher).predict(features[test])

    def rings(train, test):
        colors = features[:, : 3 * len(RINGS)]
        rule = LogisticRule.fit(colors[train], is_agn[train] == 1, strength=1.0, balanced=False)
        return rule.predict(colors[test])

    red, _, blue = features[:, 3:6].T  # around the nucleus
    hue = (red - blue) / np.maximum(red + blue, 1)
    rows = np.flatnonzero(np.isfinite(is_agn))
    seen, where = is_agn[rows], np.unique(origin[rows], return_inverse=True)[1]
    # Two kinds of sources, fluxes and catalogs: of the three, some hold fewer than five galaxies of a class.
    strata = [f"{label}, {one[:3] == 'MPA'}" for label, one in zip(galaxies["label"][rows], origin[rows], strict=True)]
    p_agn = out_of_fold(rows, strata, judge)
    routes = {
        "ring colors alone": out_of_fold(rows, strata, rings),
        "linear on all features": out_of_fold(
            rows, strata, lambda *parts: judge(*parts, kernel=False, photometry=False)
        ),
        "kernel on all features": out_of_fold(rows, strata, lambda *parts: judge(*parts, photometry=False)),
        "photometry of other galaxies alone": out_of_fold(rows, strata, lambda *parts: judge(*parts, kernel=False)),
    }
    named = galaxies["label"][rows].filled("") != "composite"
    measured = {"ROC AUC within the sources of labels": within(seen, p_agn, where)}
    measured |= {f"  {name}": within(seen, other, where) for name, other in routes.items()}
    ringed = routes["ring colors alone"]
    measured |= {
        "  gain over ring colors, 68 % interval": paired_gain(seen, p_agn, ringed, where),
        "ROC AUC of AGN against SF": estimate(seen[named], p_agn[named], names=("roc_auc",))["roc_auc"],
        "ROC AUC at fixed color of the picture": fixed_color(seen, p_agn, hue[rows]),
        "ROC AUC for the source of labels, of SF galaxies": leakage(features[rows], seen, origin[rows]),
    }

    def fit_lines(which):
        return KernelRule.fit(features[which], photometry.lines[entry[which]], strength=STRENGTH, balanced=False)

    known = np.flatnonzero(entry >= 0)
    lines = photometry.lines[entry[known]]
    p_lines = out_of_fold(known, lines, lambda train, test: fit_lines(train).predict(features[test]))
    # Whether it has a class or not, what is said of a galaxy comes from others.
    p_known = out_of_fold(known, lines, lambda train, test: judge(np.setdiff1d(rows, test), test))
    population = population_of(photometry.is_agn[entry[known]], lines, p_known, p_lines)
    measured["ROC AUC of p_lines"] = estimate(lines, p_lines, names=("roc_auc",))["roc_auc"]

    old, new = train_test_split(np.arange(len(pictures)), test_size=0.3, random_state=0)
    wrong, new_wrong = (wrong_pictures(part, galaxies, data, pictures, seed) for seed, part in ((1, old), (2, new)))
    familiarity = Familiarity.fit(pictures[old], np.concatenate(list(wrong.values())), rings=RINGS)
    measured["flagged, of galaxies not learned from"] = share(familiarity.novelty(pictures[new]) > 1)
    for name, one in new_wrong.items():
        measured[f"  of {name}"] = share(familiarity.novelty(one) > 1)

    taught_rows = np.flatnonzero(np.isfinite(taught))
    rule = KernelRule.fit(features[rows], seen == 1, strength=STRENGTH, balanced=False)
    rule = rule.plus(distilled(features[taught_rows], taught[taught_rows]))
    classifier = classifier.knowing(rule=rule, lines=fit_lines(known), familiarity=familiarity)
    info = write(
        models / "sdss",
        classifier,
        is_agn=seen,
        p_agn=p_agn,
        positive=["AGN", "composite"],
        recipe={key: value for key, value in packed.recipe.items() if key not in ("source", "options")},
        about="200 SDSS galaxies at z < 0.12 and the photometry of others, pictures ten Petrosian radii wide",
        measured=measured | by_type(galaxies[rows], seen, p_agn),
        population=population,
        table_hash=catalogs.table_hash(galaxies, galaxies.colnames),
    )
    return info, rule, features, entry


def by_type(table, is_agn, p_agn):
    """Return the ROC AUC within each type of Galaxy Zoo that has five galaxies of either class."""
    kinds = np.char.partition(table["gz1"].astype(str), "-")[:, 0]
    kinds = np.where(kinds == "edge", "edge-on", kinds)
    found = {}
    for kind in np.unique(kinds):
        chosen = kinds == kind
        if min(is_agn[chosen].sum(), (1 - is_agn[chosen]).sum()) >= 5:
            found[f"ROC AUC of type {kind}"] = estimate(is_agn[chosen], p_agn[chosen], names=("roc_auc",))["roc_auc"]
    return found


def wrong_pictures(rows, galaxies, data, pictures, seed):
    """Return by name pictures that the model is not for, made of some of the galaxies."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    chosen, more = rng.choice(rows, 400, replace=False), rng.choice(rows, 1900, replace=False)
    size = pictures.shape[1]

    def large(some):
        return (np.asarray(Image.open(data / "sdss" / "images" / galaxies["image"][row])) for row in some)

    return {
        "stars": surroundings(large(more), star=True, size=size),
        "empty sky": surroundings(large(chosen), star=False, size=size),
        **recolored(pictures[chosen], rng),
        "the recipe of the Legacy Surveys": rendered("legacysurvey", n=150, seed=seed, size=size, fields=(4, 12)),
        "the recipe of the viewer for SDSS": rendered("sdss", n=150, seed=seed, size=size, fields=(4, 12)),
    }


def legacysurvey(data, models, photometry):
    """Train on the photometry of real galaxies, for colors that are measured on pictures of the Legacy Surveys."""
    classifier = load_classifier("photometric", recipe="legacysurvey", learner="boosting", strength=1.0)
    colors = photometry.colors[:, [1, 3]]
    complete = np.isfinite(colors).all(axis=1)
    learned, held_out = train_test_split(np.flatnonzero(complete), test_size=0.2, random_state=0)
    classed = learned[photometry.lines[learned]]
    rule = BoostedTrees.fit(colors[classed], photometry.is_agn[classed], strength=1.0, balanced=False)
    lines = BoostedTrees.fit(colors[learned], photometry.lines[learned], strength=1.0, balanced=False)
    new = held_out[photometry.lines[held_out]]
    is_agn, p_agn = photometry.is_agn[new].astype(float), rule.predict(colors[new])
    has_lines, p_lines = photometry.lines[held_out], lines.predict(colors[held_out])

    pictures, others = (
        rendered("legacysurvey", n=n, seed=seed, size=128, fields=(2, 8)) for n, seed in ((1500, 3), (500, 4))
    )
    rng = np.random.default_rng(0)
    wrong, new_wrong = (
        recolored(some, rng)
        | {"the recipe of the viewer for SDSS": rendered("sdss", n=len(some) // 4, seed=seed, size=128, fields=(2, 8))}
        for some, seed in ((pictures[::3], 5), (others, 6))
    )
    familiarity = Familiarity.fit(
        pictures, np.concatenate(list(wrong.values())), rings=PICTURE_RINGS, false_alarms=0.01
    )
    measured = {
        "ROC AUC of p_lines, by photometry": estimate(has_lines, p_lines, names=("roc_auc",))["roc_auc"],
        "flagged, of simulated galaxies not learned from": share(familiarity.novelty(others) > 1),
        **{f"  of {name}": share(familiarity.novelty(one) > 1) for name, one in new_wrong.items()},
    }
    galaxies = catalogs.read_table(data / "legacysurvey" / "galaxies.ecsv")
    source = load_image_source("folder", path=str(data / "legacysurvey"), pattern="{image}", color="legacysurvey")
    packed = pack(galaxies, source, input="rgb", size=128, framing=Framing(field_of_view=3.0))
    measured["flagged, of ten real galaxies"] = share(familiarity.novelty(np.asarray(packed.images[:])) > 1)
    classifier = classifier.knowing(rule=rule, lines=lines, familiarity=familiarity)
    info = write(
        models / "legacysurvey",
        classifier,
        is_agn=is_agn,
        p_agn=p_agn,
        positive=["AGN", "composite"],
        recipe={key: value for key, value in packed.recipe.items() if key not in ("source", "options")},
        about="g-r and r-z of 19,000 SDSS galaxies at 0.02 < z < 0.05; judged by SDSS photometry, not by pictures",
        measured=measured,
        population=population_of(photometry.is_agn[held_out], has_lines, rule.predict(colors[held_out]), p_lines),
        table_hash="",
    )
    return info, rule, colors


def main():
    """Train both, and compare them on the galaxies that have a picture and photometry."""
    data, models = map(Path, sys.argv[1:])
    photometry = Photometry.read(data / "catalogs" / "schawinski2010.fits")
    first, picture_rule, features, entry = sdss(data, models, photometry)
    second, rule, colors = legacysurvey(data, models, photometry)
    known = np.flatnonzero(entry >= 0)
    known = known[np.isfinite(colors[entry[known]]).all(axis=1)]
    by_picture = apply_calibration(picture_rule.predict(features[known]), first["calibration"])
    by_color = apply_calibration(rule.predict(colors[entry[known]]), second["calibration"])
    by_color = shift_prior(by_color, base_rate=second["base_rate"], prior=first["base_rate"])
    difference = np.median(np.abs(by_picture - by_color))
    print(f"{len(known)} galaxies by picture and by photometry: p_agn differs by {difference:.3f} in the median")


if __name__ == "__main__":
    main()
