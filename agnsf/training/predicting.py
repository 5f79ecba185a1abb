# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Predictions while training: of validation galaxies, batch by batch, on one process or several."""

import numpy as np

from agnsf.training.devices import choose_precision
from agnsf.training.feeding import Feed

__all__ = ["network_logits", "predict"]

_BATCH = 256


def network_logits(module, classifier, feed, *, dtype, processes):
    """
    Return the network's answer for every galaxy of a set.

    Parameters
    ----------
    module : `torch.nn.Module`
        On the device of the feed.
    classifier : TorchClassifier
        Its `prepare` turns stored images into the network's input.
    feed : `~agnsf.training.feeding.Feed`
        The images.
    dtype : `torch.dtype`
        Of the arithmetic.
    processes : `~agnsf.training.parallel.Processes`
        Each takes its share of the galaxies; all return all of them.

    Returns
    -------
    logits : `~numpy.ndarray` of float64, shape (n,)
        In the order of the images, none twice and none left out.
    """
    import torch

    from agnsf.training.steps import autocast

    n = len(feed.images)
    rows = np.arange(processes.rank, n, processes.count)
    batches = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
    was_training = module.training
    module.eval()
    parts = []
    with torch.inference_mode():
        for batch in feed.batches(batches):
            images = classifier.prepare(batch).contiguous(memory_format=torch.channels_last)
            with autocast(feed.device, dtype):
                parts.append(module(images).float())
    module.train(was_training)
    found = torch.cat(parts).double().cpu().numpy() if parts else np.zeros(0)
    return processes.together(n, found)


def predict(classifier, images, table, *, processes, precision):
    """
    Return the uncalibrated probability of ``AGN`` for each image.

    Parameters
    ----------
    classifier : Classifier
        Trained.
    images : array-like, n images
        As it takes them.
    table : `~astropy.table.Table`
        With its columns.
    processes : `~agnsf.training.parallel.Processes`
        Those that share the work of a network.
    precision : {'auto', 'float32', 'bfloat16'}
        Of a network's arithmetic.

    Returns
    -------
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Between 0 and 1.
    """
    import torch

    if not len(table):
        return np.zeros(0)
    dtype = choose_precision(precision, processes.device)

    def wrap(one):
        module = one.module.to(processes.device, memory_format=torch.channels_last)

        def logits(some):
            return network_logits(module, one, Feed(some, processes.device), dtype=dtype, processes=processes)

        return logits

    return classifier.accelerated(wrap).predict(images, table)
