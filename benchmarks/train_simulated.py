# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the paper's network, one of timm and magnitudes alone learn of simulated galaxies, with several seeds.

Nothing that is measured on simulated galaxies is evidence about nature: the table shows that training works, and that
every result from images stands beside one from the catalog. Run it from anywhere:
``python benchmarks/train_simulated.py``.
"""

import argparse
import sys
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

import agnsf
from agnsf.cutouts import Framing
from agnsf.models import load_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.simulate import simulate
from agnsf.training import PRESETS, Sampling, TrainingOptions

FRACTIONS = (0.45, 0.15, 0.4)  # train, validation, test: of few galaxies a small test would tell nothing
METRICS = ("roc_auc", "accuracy", "mcc")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--galaxies", type=int, default=1800, help="Simulated; those with a label take part.")
    parser.add_argument("--epochs", type=int, default=30, help="Of the defaults; the paper's recipe has its own 10.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--backbone", default="resnet10t", help="A network of timm.")
    parser.add_argument("--backbone-size", type=int, default=64, help="Its input, in pixels.")
    choice = parser.parse_args()
    warnings.simplefilter("ignore")

    paper = PRESETS["xu2023"]
    learners = {
        "cnn, xu2023": (load_classifier(paper.classifier, **paper.options), replace(paper.training, keep=1)),
        "cnn": (load_classifier("cnn"), TrainingOptions(epochs=choice.epochs, keep=1)),
        choice.backbone: (
            load_classifier("backbone", backbone=choice.backbone, size=choice.backbone_size),
            TrainingOptions(epochs=choice.epochs, keep=1),
        ),
    }
    table = agnsf.label(simulate(choice.galaxies, seed=0), labeler="kauffmann2003")
    table = table[~np.ma.getmaskarray(table["label"])]
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        packed = agnsf.fetch(table, images="simulated", framing=Framing(size=128), pack=Path(scratch) / "pack")
        source = load_image_source("pack", path=str(Path(scratch) / "pack"))
        for seed in range(choice.seeds):
            for name, (classifier, options) in learners.items():
                folder = Path(scratch) / f"{name}-{seed}"
                agnsf.train(
                    packed,
                    output=folder,
                    images=source,
                    classifier=classifier,
                    options=options,
                    sampling=Sampling(fractions=FRACTIONS),
                    seed=seed,
                )
                info = load_model(folder).info
                found[name, seed] = info["metrics"]
                found["magnitudes alone", seed] = info["baseline"]["metrics"]
                print(f"  seed {seed}, {name}: roc_auc {info['metrics']['roc_auc']['value']:.3f}", file=sys.stderr)

    first = next(iter(found.values()))["roc_auc"]
    print(f"{len(table)} simulated galaxies, {first['n']} for the test, {100 * first['base_rate']:.0f} % AGN;")
    print(f"{choice.epochs} epochs, 10 for xu2023; {choice.seeds} seeds of split and network; each value is the mean ±")
    print("standard deviation over the seeds, with the mean of the 95 % intervals of the tests.")
    print("\n| classifier | " + " | ".join(METRICS) + " |\n|---|" + "---|" * len(METRICS))
    for name in [*learners, "magnitudes alone"]:
        cells = []
        for metric in METRICS:
            each = [found[name, seed][metric] for seed in range(choice.seeds)]
            values = [one["value"] for one in each]
            low, high = np.mean([one["low"] for one in each]), np.mean([one["high"] for one in each])
            cells.append(f"{np.mean(values):.3f} ± {np.std(values):.3f} [{low:.3f}, {high:.3f}]")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
