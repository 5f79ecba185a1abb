# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What happened in each epoch: ``history.ecsv`` and ``history.png``."""

from pathlib import Path

from astropy import units as u
from astropy.table import Table

from agnsf.files import replacing

__all__ = ["write_history"]

_DESCRIPTIONS = {
    "epoch": "Epochs done.",
    "learning_rate": "At the end of the epoch.",
    "loss": "Mean binary cross-entropy while training.",
    "validation_loss": "Binary cross-entropy of the validation galaxies.",
    "validation_auc": "Area under the ROC curve of the validation galaxies.",
    "seconds": "Duration of the epoch with its validation.",
}


def write_history(history, folder, *, picture=False):
    """
    Write the history of a training.

    Parameters
    ----------
    history : list of dict
        One for each epoch.
    folder : path-like
        The model folder.
    picture : bool, optional
        Whether to draw it, too.
    """
    table = Table(rows=history)
    for name, text in _DESCRIPTIONS.items():
        table[name].description = text
    table["seconds"].unit = u.s
    with replacing(Path(folder) / "history.ecsv") as part:
        table.write(part, format="ascii.ecsv")
    if picture:
        _draw(table, Path(folder) / "history.png")


def _draw(table, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(table["epoch"], table["loss"], marker=".", label="train")
    left.plot(table["epoch"], table["validation_loss"], marker=".", label="validation")
    left.set(xlabel="Epoch", ylabel="Binary cross-entropy")
    left.legend()
    right.plot(table["epoch"], table["validation_auc"], marker=".", color="C1")
    right.set(xlabel="Epoch", ylabel="ROC AUC (validation)")
    figure.savefig(path, dpi=120)
