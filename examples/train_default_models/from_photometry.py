# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The models for pictures that can be turned back into flux: colors in magnitudes, learned from photometry."""

from dataclasses import dataclass

import numpy as np
from judging import flagged, median_difference, share, within
from sklearn.model_selection import train_test_split
from strange import rendered, wrong_renderings
from writing import population_of, write

from agnsf import catalogs
from agnsf.classifiers.familiarity import Familiarity
from agnsf.classifiers.rules import BoostedTrees
from agnsf.cutouts import Framing, image_recipe
from agnsf.datasets import pack
from agnsf.evaluation import estimate
from agnsf.measure import PICTURE_RINGS
from agnsf.models import load_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import SURVEYS, simulate

SIZE = 128
FIELD_OF_VIEW = 3.0
SHOWN, SHOWN_NEW, WRONG, WRONG_NEW = 2500, 500, 500, 150  # simulated pictures


@dataclass(frozen=True)
class Pictures:
    """One kind of pictures: who is imitated, which colors are measured on them, and what else is to be known."""

    survey: str  # a name in SURVEYS
    colors: tuple[int, ...]  # columns of Photometry.colors
    about: str


KINDS = {
    "legacysurvey": Pictures("legacysurvey", (1, 3), "g-r and r-z"),
    "viewer-sdss": Pictures("sdss", (1, 2), "g-r and r-i"),
}


def learned(nearby, far, colors):
    """Return the rules for AGN and for lines, and what they say of galaxies that they have not learned from."""
    classes, answers, groups = [], [], []
    parts = [train_test_split(np.arange(len(one.lines)), test_size=0.2, random_state=0) for one in (nearby, far)]
    taught = [one.only(part[0]) for one, part in zip((nearby, far), parts, strict=True)]
    new = [one.only(part[1]) for one, part in zip((nearby, far), parts, strict=True)]
    values = np.concatenate([one.colors[one.lines][:, colors] for one in taught])
    rule = BoostedTrees.fit(
        values, np.concatenate([one.is_agn[one.lines] for one in taught]), strength=1.0, balanced=False
    )
    # The distant ones all have lines: they were chosen so.
    lines = BoostedTrees.fit(taught[0].colors[:, colors], taught[0].lines, strength=1.0, balanced=False)
    for number, one in enumerate(new):
        classes.append(one.is_agn[one.lines])
        answers.append(rule.predict(one.colors[one.lines][:, colors]))
        groups.append(np.full(one.lines.sum(), number))
    p_lines = lines.predict(new[0].colors[:, colors])
    population = population_of(new[0].is_agn, new[0].lines, rule.predict(new[0].colors[:, colors]), p_lines)
    return rule, lines, (*map(np.concatenate, (classes, answers, groups)),), population


def familiarity_of(survey, skyserver):
    """Return what is familiar of simulated pictures, and how often some are flagged that it has not learned from."""
    pictures, new = (rendered(survey, simulate(n, seed=seed), size=SIZE) for n, seed in ((SHOWN, 3), (SHOWN_NEW, 4)))
    wrong, _ = wrong_renderings(survey, pictures, n=WRONG, seed=5)
    new_wrong, unknown = wrong_renderings(survey, new, n=WRONG_NEW, seed=6)
    for some, part in ((wrong, skyserver[::2]), (new_wrong, skyserver[1::2])):
        some["the recipe of the SkyServer"] = part
    familiarity = Familiarity.fit(
        pictures, np.concatenate(list(wrong.values())), rings=PICTURE_RINGS, false_alarms=0.015
    )
    return familiarity, flagged(familiarity, new, new_wrong, unknown, what="simulated galaxies")


def train(color, data, folder, *, nearby, far, skyserver):
    """Write the model for pictures of a color recipe; ``skyserver`` are some of another. Return its rule."""
    kind = KINDS[color]
    complete = [one.only(np.isfinite(one.colors).all(axis=1)) for one in (nearby, far)]
    rule, lines, (is_agn, p_agn, groups), population = learned(*complete, kind.colors)
    familiarity, shares = familiarity_of(SURVEYS[kind.survey], skyserver)
    measured = {"ROC AUC within the sources of labels": within(is_agn, p_agn, groups)}
    for number, name in enumerate(("z < 0.05", "0.10 < z < 0.12")):
        rows = groups == number
        measured[f"  {name}"] = estimate(is_agn[rows], p_agn[rows], names=("roc_auc",))["roc_auc"]
    measured["ROC AUC of p_lines, z < 0.05"] = estimate(
        population["has_lines"], population["p_lines"], names=("roc_auc",)
    )["roc_auc"]
    measured |= shares
    source = load_image_source("simulated", survey=kind.survey)
    framing = Framing(field_of_view=FIELD_OF_VIEW, size=SIZE)
    if color == "legacysurvey":
        real = catalogs.read_table(data / "legacysurvey" / "galaxies.ecsv")
        source = load_image_source("folder", path=str(data / "legacysurvey"), pattern="{image}", color=color)
        pictures = np.asarray(pack(real, source, input="rgb", size=SIZE, framing=framing).images[:])
        measured["flagged, of ten real galaxies"] = share(familiarity.novelty(pictures) > 1)
    z = np.concatenate([one.z for one in complete])
    radius = simulate(SHOWN, seed=3)["radius"]
    write(
        folder,
        load_classifier("photometric", recipe=color, learner="boosting", strength=1.0).knowing(
            rule=rule, lines=lines, familiarity=familiarity
        ),
        is_agn=is_agn.astype(float),
        p_agn=p_agn,
        recipe=image_recipe(source, framing),
        about=f"{kind.about} of {len(is_agn) * 4:,} SDSS galaxies at 0.02 < z < 0.12; judged by SDSS photometry, "
        "not by pictures",
        measured=measured,
        population=population,
        ranges={"z": [float(z.min()), float(z.max())], "radius": [float(radius.min()), float(radius.max())]},
    )
    return rule


def agreement(folders, *, n=400, seed=9, size=SIZE):
    """Return by how much ``p_agn`` of simulated galaxies differs between the renderings of two surveys."""
    table, answers = simulate(n, seed=seed), []
    for color, folder in folders.items():
        pictures = rendered(SURVEYS[KINDS[color].survey], table, size=size)
        answers.append(load_model(folder).predict(pictures, table)["p_agn"])
    return median_difference(*answers)
