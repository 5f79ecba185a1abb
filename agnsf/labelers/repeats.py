# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What repeated spectra of one galaxy say of the noise in its label."""

from dataclasses import dataclass

import numpy as np

from agnsf.columns import is_masked
from agnsf.labelers.counts import plain_labels

__all__ = ["LabelNoise", "label_noise"]


@dataclass(frozen=True)
class LabelNoise:
    """
    How often the label changes from one spectrum of a galaxy to another.

    Parameters
    ----------
    galaxies : int
        Galaxies with two labeled spectra or more.
    changed : int
        Those of them whose labels are not all the same.
    disagreement : float
        The probability that two spectra of one galaxy differ in their labels: the mean over these
        galaxies of the share of pairs that differ. NaN if there are none.
    """

    galaxies: int
    changed: int
    disagreement: float

    @property
    def ceiling(self):
        """
        The accuracy that no classifier can exceed on labels of one spectrum each.

        If a label is wrong with the same probability e in each spectrum, independently, and there
        are two classes, two spectra differ with the probability 2 e (1 - e); the ceiling is 1 - e.
        """
        return 0.5 + 0.5 * np.sqrt(max(0.0, 1 - 2 * self.disagreement)) if self.galaxies else np.nan

    def __str__(self):
        if not self.galaxies:
            return "No galaxy has two labeled spectra."
        return (
            f"{self.galaxies:,} galaxies have two labeled spectra or more; {self.changed:,} of them "
            f"({self.changed / self.galaxies:.1%}) change class. Two spectra disagree with a probability of "
            f"{self.disagreement:.1%}: no classifier can agree with such labels for more than about {self.ceiling:.0%}."
        )


def label_noise(ids, labels):
    """
    Return how often the label changes from one spectrum of a galaxy to another.

    Parameters
    ----------
    ids : array-like, shape (n,)
        The galaxy of each row; rows where it is masked are left out.
    labels : array-like of str, shape (n,)
        Masked where there is no class; such rows are left out.

    Returns
    -------
    noise : LabelNoise
        Its text form is what ``agnsf label --repeats`` prints.

    Examples
    --------
    >>> from agnsf.labelers.repeats import label_noise
    >>> noise = label_noise([7, 7, 8, 8, 9], ['AGN', 'SF', 'SF', 'SF', 'AGN'])
    >>> noise.galaxies, noise.changed, noise.disagreement
    (2, 1, 0.5)
    """
    labels = plain_labels(labels)
    usable = (labels != "") & ~is_masked(ids)
    _, galaxy = np.unique(np.ma.getdata(np.asarray(ids))[usable], return_inverse=True)
    classes, kind = np.unique(labels[usable], return_inverse=True)
    counts = np.zeros((galaxy.max(initial=-1) + 1, len(classes)), dtype=np.int64)
    np.add.at(counts, (galaxy, kind), 1)
    counts = counts[counts.sum(axis=1) > 1]
    if not len(counts):
        return LabelNoise(0, 0, np.nan)
    total = counts.sum(axis=1)
    same = (counts * (counts - 1)).sum(axis=1) / (total * (total - 1))
    return LabelNoise(len(counts), int(np.count_nonzero((counts > 0).sum(axis=1) > 1)), float(1 - same.mean()))
