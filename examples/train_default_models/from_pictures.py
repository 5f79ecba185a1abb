# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The model for pictures of the SDSS SkyServer: real pictures, few labels, and the photometry of other galaxies."""

from functools import partial

import numpy as np
from judging import CrossValidation, fixed_color, flagged, leakage, paired_gain, share, within
from photometry import distilled
from sklearn.model_selection import train_test_split
from strange import FOUR_BANDS, damaged, overflowing, recolored, rendered, surroundings
from writing import population_of, write

from agnsf import catalogs
from agnsf.classifiers.familiarity import Familiarity
from agnsf.classifiers.rules import KernelRule, LogisticRule
from agnsf.cutouts import Framing
from agnsf.datasets import binary_labels, pack
from agnsf.evaluation import estimate
from agnsf.measure import picture_features
from agnsf.models import load_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import SURVEYS, simulate

RINGS = (0.02, 0.05, 0.1, 0.15, 0.2)  # of half a frame that is ten Petrosian radii wide
PLAIN_RINGS = tuple(np.linspace(0.05, 0.5, 10))  # with which a rule on ring colors is the one to beat
STRENGTHS = (1.0, 4.0, 16.0)  # of the kernel: 4 is two in log-odds, what a class tells of one galaxy
FIELD_OF_VIEW = 10.0  # Petrosian radii: what the pictures show; other sources are asked for the same
WRONG_FIELDS = (4, 12)
OVERFLOW = 80  # pixels of 423: two Petrosian radii


class SkyServer:
    """The galaxies with a picture, what is measured on it, and what photometry tells of those that have it."""

    def __init__(self, data, photometry):
        self.folder = data / "sdss"
        self.table = catalogs.read_table(self.folder / "galaxies.ecsv")
        classifier = load_classifier("photometric", rings=RINGS)
        source = load_image_source("folder", path=str(self.folder / "images"), pattern="{image}", color="skyserver")
        packed = pack(
            self.table,
            source,
            input=classifier.input,
            size=classifier.size,
            framing=Framing(field_of_view=FIELD_OF_VIEW),
        )
        self.recipe = packed.recipe
        self.pictures = np.asarray(packed.images[:])
        self.features = classifier.measure(self.pictures, self.table)
        self.is_agn = binary_labels(self.table, composites="agn")
        self.rows = np.flatnonzero(np.isfinite(self.is_agn))
        self.origin = np.ma.filled(self.table["label_source"], "").astype(str)
        self.photometry = photometry
        self.entry = photometry.rows_of(self.table)
        self.taught = photometry.log_odds(without=self.entry[self.entry >= 0])[self.entry]
        self.taught[self.entry < 0] = np.nan

    def cross_validation(self):
        """Return the cross-validation of those that have a class."""
        # Two kinds of sources, fluxes and catalogs: of the three, some hold fewer than five galaxies of a class.
        kinds = zip(self.table["label"][self.rows], self.origin[self.rows], strict=True)
        strata = np.array([f"{label}, {one[:3] == 'MPA'}" for label, one in kinds])
        groups = np.unique(self.origin[self.rows], return_inverse=True)[1]
        return CrossValidation(self.rows, strata, self.is_agn[self.rows], groups)

    def kernel(self, train, *, strength):
        """Return the rule of likeness to some galaxies."""
        return KernelRule.fit(self.features[train], self.is_agn[train] == 1, strength=strength, balanced=False)

    def linear(self, train, *, values=None, strength=1.0):
        """Return the logistic rule on the features, or on other values, of some galaxies."""
        values = self.features if values is None else values
        return LogisticRule.fit(values[train], self.is_agn[train] == 1, strength=strength, balanced=False)

    def teacher(self, hidden):
        """Return what photometry tells, as a rule on the features; nothing of the ``hidden`` galaxies is used."""
        known = np.setdiff1d(np.flatnonzero(np.isfinite(self.taught)), hidden)
        return distilled(self.features[known], self.taught[known])

    def both(self, train, hidden, *, strength):
        """Return the rule that ships: likeness, and what photometry tells."""
        return self.kernel(train, strength=strength).plus(self.teacher(hidden))

    def candidates(self):
        """Return by name what the strength is chosen of; each tells the probabilities of the galaxies under test."""

        def answer(train, test, hidden, *, strength):
            return self.both(train, hidden, strength=strength).predict(self.features[test])

        return {strength: partial(answer, strength=strength) for strength in STRENGTHS}

    def routes(self):
        """Return by name ``answer(train, test)`` of what else could be done, and of what is to be beaten."""
        plain = picture_features(self.pictures[self.rows], rings=PLAIN_RINGS)[:, : 3 * len(PLAIN_RINGS)]
        colors = np.full((len(self.table), plain.shape[1]), np.nan)
        colors[self.rows] = plain
        few = self.features[:, : 3 * len(RINGS)]
        return {
            "ring colors, ten even rings": lambda a, b: self.linear(a, values=colors).predict(colors[b]),
            "ring colors, five narrow rings": lambda a, b: self.linear(a, values=few).predict(few[b]),
            "linear on all features": lambda a, b: self.linear(a, strength=0.1).predict(self.features[b]),
            "kernel on all features": lambda a, b: self.kernel(a, strength=4.0).predict(self.features[b]),
            "photometry of other galaxies alone": lambda a, b: self.teacher(b).predict(self.features[b]),
        }


def judged(galaxies, p_agn, routes):
    """Return what is measured of the probabilities of galaxies that were not learned from, beside other ``routes``."""
    rows, is_agn = galaxies.rows, galaxies.is_agn[galaxies.rows]
    groups = galaxies.cross_validation().groups
    red, _, blue = galaxies.features[rows, 3:6].T  # around the nucleus
    named = galaxies.table["label"][rows].filled("") != "composite"
    measured = {"ROC AUC within the sources of labels": within(is_agn, p_agn, groups)}
    measured |= {f"  {name}": within(is_agn, other, groups) for name, other in routes.items()}
    for name in [name for name in routes if name.startswith("ring colors")]:
        gain = paired_gain(is_agn, p_agn, routes[name], groups)
        measured[f"  gain over {name}, 68 % interval"] = gain
    return measured | {
        "ROC AUC of AGN against SF": estimate(is_agn[named], p_agn[named], names=("roc_auc",))["roc_auc"],
        "ROC AUC at fixed color of the picture": fixed_color(is_agn, p_agn, (red - blue) / np.maximum(red + blue, 1)),
        "ROC AUC for the source of labels, of SF galaxies": leakage(
            galaxies.features[rows], is_agn, galaxies.origin[rows]
        ),
    }


def kinds_of(table):
    """Return the type of Galaxy Zoo of each galaxy; the spirals are those seen face-on."""
    kinds = np.char.partition(table["gz1"].astype(str), "-")[:, 0]
    return np.where(kinds == "edge", "edge-on", kinds)


def called_by_type(galaxies, folder):
    """Return how many galaxies of each type a model calls AGN and flags, of those that it has not learned from."""
    _, new = apart(galaxies)
    rows = np.setdiff1d(new, galaxies.rows)
    model, kinds = load_model(folder), kinds_of(galaxies.table[rows])
    found = model.predict(galaxies.pictures[rows], galaxies.table[rows])
    measured = {}
    for kind in ("edge-on", "elliptical", "merger", "spiral"):
        measured[f"called AGN, with or without lines, of type {kind}"] = share(
            found["p_agn"][kinds == kind] >= model.threshold
        )
        measured[f"  flagged, of type {kind}"] = share(found["novelty"][kinds == kind] > 1)
    return measured


def by_type(table, is_agn, p_agn):
    """Return the ROC AUC within each type of Galaxy Zoo that has five galaxies of either class."""
    kinds, found = kinds_of(table), {}
    for kind in np.unique(kinds):
        chosen = kinds == kind
        if min(is_agn[chosen].sum(), (1 - is_agn[chosen]).sum()) >= 5:
            found[f"ROC AUC of type {kind}"] = estimate(is_agn[chosen], p_agn[chosen], names=("roc_auc",))["roc_auc"]
    return found


def wrong_pictures(galaxies, rows, seed):
    """Return by name pictures that the model is not for; in the second place, kinds of which nothing is learned."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    chosen, more = rng.choice(rows, 400, replace=False), rng.choice(rows, 1900, replace=False)
    size = galaxies.pictures.shape[1]

    def large(some):
        return (np.asarray(Image.open(galaxies.folder / "images" / galaxies.table["image"][row])) for row in some)

    def of_survey(survey):
        return rendered(survey, simulate(150, seed=seed), size=size, fields=WRONG_FIELDS)

    ended, crossed = damaged(galaxies.pictures[chosen], rng)
    taught = {
        "stars": surroundings(large(more), star=True, size=size),
        "empty sky": surroundings(large(chosen), star=False, size=size),
        "galaxies that overflow the frame": overflowing(large(chosen), width=OVERFLOW, size=size),
        **recolored(galaxies.pictures[chosen], rng),
        "the recipe of the Legacy Surveys": of_survey(SURVEYS["legacysurvey"]),
        "the recipe of the viewer for SDSS": of_survey(SURVEYS["sdss"]),
        "an edge through the frame": ended,
    }
    return taught, {"the recipe of four bands": of_survey(FOUR_BANDS), "the trail of a satellite": crossed}


def apart(galaxies):
    """Return the rows of the galaxies whose look is learned, and of the others."""
    return train_test_split(np.arange(len(galaxies.pictures)), test_size=0.3, random_state=0)


def familiarity_of(galaxies):
    """Return what is familiar, and how often pictures are flagged that it has not learned from."""
    old, new = apart(galaxies)
    (wrong, _), (new_wrong, unknown) = (wrong_pictures(galaxies, part, seed) for seed, part in ((1, old), (2, new)))
    familiarity = Familiarity.fit(galaxies.pictures[old], np.concatenate(list(wrong.values())), rings=RINGS)
    return familiarity, flagged(familiarity, galaxies.pictures[new], new_wrong, unknown)


def train(galaxies, folder, *, routes):
    """Write the model; ``routes`` are the probabilities of others, by name. Return those of its own."""
    validation, candidates = galaxies.cross_validation(), galaxies.candidates()
    p_agn = validation.nested(candidates)
    strength = validation.choose(candidates)
    routes = {name: validation.out_of_fold(answer) for name, answer in galaxies.routes().items()} | routes
    is_agn = galaxies.is_agn[galaxies.rows]
    measured = judged(galaxies, p_agn, routes)

    features, entry, photometry = galaxies.features, galaxies.entry, galaxies.photometry
    known = np.flatnonzero(entry >= 0)
    has_lines = photometry.lines[entry[known]]

    def fit_lines(which):
        return KernelRule.fit(features[which], photometry.lines[entry[which]], strength=strength, balanced=False)

    # Whether a galaxy has a class or not, what is said of it comes from others.
    halves = CrossValidation(known, has_lines, has_lines, has_lines)
    p_lines = halves.out_of_fold(lambda train, test: fit_lines(train).predict(features[test]))
    p_known = halves.out_of_fold(lambda _, test: candidates[strength](np.setdiff1d(galaxies.rows, test), test, test))
    measured["ROC AUC of p_lines"] = estimate(has_lines, p_lines, names=("roc_auc",))["roc_auc"]
    familiarity, shares = familiarity_of(galaxies)
    measured |= shares | by_type(galaxies.table[galaxies.rows], is_agn, p_agn)

    classifier = load_classifier("photometric", rings=RINGS, learner="kernel", strength=strength).knowing(
        rule=galaxies.both(galaxies.rows, (), strength=strength), lines=fit_lines(known), familiarity=familiarity
    )
    redshifts = galaxies.table["z"][galaxies.rows].compressed()
    write(
        folder,
        classifier,
        is_agn=is_agn,
        p_agn=p_agn,
        recipe=galaxies.recipe,
        about="200 SDSS galaxies at z < 0.12 and the photometry of others, pictures ten Petrosian radii wide",
        measured=measured,
        population=population_of(photometry.is_agn[entry[known]], has_lines, p_known, p_lines),
        ranges={"z": [float(redshifts.min()), float(redshifts.max())]},
        table_hash=catalogs.table_hash(galaxies.table, galaxies.table.colnames),
    )
    return p_agn
