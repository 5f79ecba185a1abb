# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train any classifier."""

from contextlib import nullcontext

import numpy as np

from agnsf.columns import require_columns
from agnsf.datasets import binary_labels
from agnsf.plugins import blame
from agnsf.roles import TorchClassifier
from agnsf.training.loop import Loop
from agnsf.training.options import TrainingError, TrainingOptions
from agnsf.training.parallel import Processes, processes

__all__ = ["fit"]


def _checked(images, table, who, columns):
    """Return the classes of a set, after looking whether a classifier can learn from it."""
    require_columns(table, ["label", *columns], who=who)
    is_agn = binary_labels(table)
    if len(images) != len(table):
        raise TrainingError(f"{who} was given {len(images)} images for {len(table)} rows; there must be one for each")
    if np.isnan(is_agn).any():
        raise TrainingError(f"{who} learns from rows labeled AGN or SF only; {np.isnan(is_agn).sum()} are neither")
    return is_agn


def fit(
    classifier,
    images,
    table,
    *,
    validation=None,
    options=None,
    device="auto",
    seed=0,
    folder=None,
    resume=False,
    progress=False,
):
    """
    Return a copy of a classifier that has learned from labeled images.

    Parameters
    ----------
    classifier : Classifier
        A `~agnsf.TorchClassifier` is trained by the loop of this package, from the network that
        it holds or from a new one; another by its own ``fit``.
    images : array-like, n images
        As the classifier takes them: an array, a memory map or an `agnsf.datasets.Selection`.
    table : `~astropy.table.Table`
        With a row for each image, and a column ``label`` that says AGN or SF in every row.
    validation : tuple of (images, table) or None, optional
        Galaxies to watch, never learned from and never augmented.
    options : TrainingOptions or None, optional
        How a network is trained.
    device : str or object, optional
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; or, inside ``agnsf train``, this process among several.
    seed : int, optional
        On one CPU, with one number of threads, the same seed gives the same network to the last bit.
    folder : path-like or None, optional
        Where a network's checkpoints and history go.
    resume : bool, optional
        Go on from the last whole checkpoint in the folder.
    progress : bool, optional
        Whether to show a progress bar on standard error.

    Returns
    -------
    fitted : Classifier
        Of the same class and options.

    Raises
    ------
    TrainingError
        If there is nothing to learn from, or the network's output is not finite, or the GPU's
        memory does not suffice.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.table import Table
    >>> from agnsf.plugins import load_classifier
    >>> from agnsf.training import TrainingOptions, fit
    >>> images = np.zeros((8, 128, 128, 3), dtype=np.uint8)
    >>> images[::2, :, :, 0] = 200                                     # AGN are red here
    >>> table = Table({'label': ['AGN', 'SF'] * 4})
    >>> fitted = fit(load_classifier('cnn'), images, table, options=TrainingOptions(epochs=1))
    >>> fitted.predict(images, table).shape
    (8,)
    """
    who = f"Classifier {classifier.name!r}"
    is_agn = _checked(images, table, who, classifier.columns)
    if len(np.unique(is_agn)) < 2:
        found = f"{len(is_agn)} rows, all {'AGN' if is_agn.any() else 'SF'}" if len(is_agn) else "no row"
        raise TrainingError(f"{who} needs AGN and SF to learn from, and was given {found}")
    watched = validation or (images[:0], table[:0])
    watched_is_agn = _checked(*watched, who, classifier.columns)
    with blame(classifier):
        if not isinstance(classifier, TorchClassifier):
            return classifier.fit(images, table, validation=validation)
        with nullcontext(device) if isinstance(device, Processes) else processes(device) as joined:
            loop = Loop(
                classifier,
                images,
                is_agn,
                validation=(watched[0], watched_is_agn),
                options=options or TrainingOptions(),
                processes=joined,
                seed=seed,
                folder=folder,
                progress=progress,
            )
            return loop.run(resume=resume)
