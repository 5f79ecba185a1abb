# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Routes through networks: pretrained on the simulation, or without labels, and then shown the labelled pictures."""

import numpy as np
import torch
from astropy.table import Table, vstack
from PIL import Image
from strange import rendered
from torch import nn
from torch.nn import functional

import agnsf
from agnsf.classifiers.rules import LogisticRule
from agnsf.cutouts import Framing, image_recipe
from agnsf.datasets import binary_labels
from agnsf.images import resize
from agnsf.models import Model, save_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import SURVEYS, simulate
from agnsf.training import TrainingOptions, fit
from agnsf.training.judging import calibrate, measure, write_validation
from agnsf.training.recording import versions

FIELD_OF_VIEW = 3.0
CROP = 128  # pixels of 423, which show ten Petrosian radii: three, as the simulated frames
SIMULATED, NEW = 3000, 600  # galaxies, each seen by two surveys
PRETRAINING = TrainingOptions(epochs=12, keep=1)
FINE_TUNING = TrainingOptions(epochs=12, batch_size=32, learning_rate=3e-4, select="last", ema=None, keep=1)

_SMALL = 64  # pixels of what is learned from without labels
_VIEWS = 256  # galaxies per step, two views of each
_EPOCHS, _RATE, _DECAY, _TEMPERATURE = 12, 2e-3, 0.05, 0.2
_TYPE_WEIGHT = 0.3  # of the loss of the Galaxy Zoo type
_BRIGHTER = 3.0  # most pixels are dark


def simulated(n, seed, size):
    """Return pictures, by both surveys, and the table of simulated galaxies that their lines class."""
    table = agnsf.label(simulate(n, seed=seed), labeler="schawinski2007")
    table = table[np.isfinite(binary_labels(table, composites="agn"))]
    table["label"] = np.where(table["label"] == "SF", "SF", "AGN")
    pictures = [
        rendered(survey, table, size=size, fields=(FIELD_OF_VIEW, FIELD_OF_VIEW)) for survey in SURVEYS.values()
    ]
    return np.concatenate(pictures), vstack([table["id", "label"]] * len(pictures))


def pretrain(folder):
    """Write the paper's network, trained on simulated pictures of two surveys: a start for real ones. Return it."""
    classifier = load_classifier("cnn")
    pictures, table = simulated(SIMULATED, 21, classifier.size)
    held_out, new = simulated(NEW, 22, classifier.size), simulated(NEW, 23, classifier.size)
    fitted = fit(classifier, pictures, table, validation=held_out, options=PRETRAINING)
    info, validation = calibrate(binary_labels(held_out[1]), fitted.predict(*held_out), method="temperature")
    measured = Model(fitted, info).predict(*new)["p_agn"]
    # Of two surveys, so that whoever classifies pictures with it is warned.
    framing = Framing(field_of_view=FIELD_OF_VIEW, size=classifier.size)
    recipe = image_recipe(load_image_source("simulated"), framing, color="unknown")
    info |= {
        "default": False,
        "about": "simulated galaxies seen by two surveys, which are no evidence about nature: a start for agnsf train "
        "--from",
        "recipe": recipe,
        "labels": {"positive": ["AGN", "composite"], "composites": "agn"},
        "metrics": measure(binary_labels(new[1]), measured, threshold=info["threshold"]),
        "table_hash": "",
        "versions": versions(),
    }
    save_model(Model(fitted, info), folder)
    write_validation(validation, folder)
    return fitted


def middles(galaxies):
    """Return the middle of each picture, three Petrosian radii wide."""
    found = np.empty((len(galaxies.table), CROP, CROP, 3), dtype=np.uint8)
    for row, name in enumerate(galaxies.table["image"]):
        picture = np.asarray(Image.open(galaxies.folder / "images" / name))
        low = (len(picture) - CROP) // 2
        found[row] = picture[low : low + CROP, low : low + CROP]
    return found


def fine_tuned(galaxies, pictures, start):
    """Return ``answer(train, test)`` of a network that goes on from a start with the labelled pictures."""

    def answer(train, test):
        table = Table({"label": np.where(galaxies.is_agn[train] == 1, "AGN", "SF")})
        fitted = fit(start, pictures[train], table, options=FINE_TUNING)
        return fitted.predict(pictures[test], Table({"row": test}))

    return answer


def _views(pictures, generator):
    """Return each picture turned and mirrored, zoomed and shifted a little, with noise; its colors hardly change."""
    n = len(pictures)

    def draw(*shape):
        return torch.rand(n, *shape, generator=generator)

    angle, zoom = 2 * torch.pi * draw(), torch.exp(0.3 * (draw() - 0.5))
    mirror = torch.where(draw() < 0.5, -1.0, 1.0)
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    matrix = torch.stack([mirror * cosine, -sine, mirror * sine, cosine], dim=1).reshape(n, 2, 2)
    grid = functional.affine_grid(
        torch.cat([matrix, 0.08 * (draw(2, 1) - 0.5)], dim=2), (n, 3, _SMALL, _SMALL), align_corners=False
    )
    seen = functional.grid_sample(pictures.float() / 255, grid, align_corners=False)
    noise = torch.randn(seen.shape, generator=generator)
    return (_BRIGHTER * (seen * (0.97 + 0.06 * draw(3, 1, 1)) + 0.02 * draw(1, 1, 1) * noise)).clamp(0, _BRIGHTER)


def unlabelled_features(galaxies, pictures, *, seed=0):
    """
    Return features of a network that learns from the pictures of galaxies without a class.

    It learns to recognize two views of one galaxy among others (SimCLR, arXiv:2002.05709) and, beside that, the
    type of Galaxy Zoo (2011MNRAS.410..166L).
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    small = np.stack([resize(one, _SMALL) for one in pictures])
    images = torch.from_numpy(small).permute(0, 3, 1, 2)
    kinds, kind = np.unique(galaxies.table["gz1"].astype(str), return_inverse=True)
    kind = torch.from_numpy(kind)
    trunk = load_classifier("cnn").network()[:-6]  # up to the mean of each filter
    width = trunk(torch.zeros(2, 3, _SMALL, _SMALL)).shape[1]
    projection = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 64))
    head = nn.Linear(width, len(kinds))
    learning = nn.ModuleList([trunk, projection, head])
    rows = torch.from_numpy(np.flatnonzero(np.isnan(galaxies.is_agn)))
    steps = len(rows) // _VIEWS
    optimizer = torch.optim.AdamW(learning.parameters(), weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=_EPOCHS * steps)
    own = torch.eye(2 * _VIEWS, dtype=torch.bool)
    partner = torch.arange(2 * _VIEWS).roll(_VIEWS)
    for _ in range(_EPOCHS):
        order = rows[torch.randperm(len(rows), generator=generator)]
        for step in range(steps):
            some = order[step * _VIEWS : (step + 1) * _VIEWS]
            views = torch.cat([_views(images[some], generator) for _ in range(2)])
            with torch.autocast("cpu", torch.bfloat16):
                seen = trunk(views.contiguous(memory_format=torch.channels_last))
            seen = seen.float()
            place = functional.normalize(projection(seen), dim=1)
            likeness = (place @ place.T / _TEMPERATURE).masked_fill(own, -torch.inf)
            loss = functional.cross_entropy(likeness, partner)
            loss = loss + _TYPE_WEIGHT * functional.cross_entropy(head(seen), kind[some].repeat(2))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    trunk.eval()
    with torch.no_grad():
        blocks = (block.float() / 255 * _BRIGHTER for block in images.split(_VIEWS))
        return torch.cat([_mean_of_orientations(trunk, block) for block in blocks]).numpy().astype(np.float64)


def _mean_of_orientations(trunk, block):
    """Return the features of a block of pictures, seen in four of the eight orientations of the square."""
    turned = (torch.rot90(one, quarter, (2, 3)) for one in (block, block.flip(3)) for quarter in (0, 1))
    with torch.autocast("cpu", torch.bfloat16):
        return torch.stack([trunk(one).float() for one in turned]).mean(dim=0)


def answers(galaxies, start):
    """Return by name the probabilities of the labelled galaxies, each from networks that have not seen its class."""
    validation, pictures = galaxies.cross_validation(), middles(galaxies)
    features = unlabelled_features(galaxies, pictures)

    def on_features(train, test):
        rule = LogisticRule.fit(features[train], galaxies.is_agn[train] == 1, strength=0.1, balanced=False)
        return rule.predict(features[test])

    return {
        "network pretrained on the simulation": validation.out_of_fold(fine_tuned(galaxies, pictures, start)),
        "network trained without labels": validation.out_of_fold(on_features),
    }
