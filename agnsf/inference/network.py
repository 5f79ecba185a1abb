# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A network that is run in batches of one shape."""

import copy

import numpy as np

from agnsf.inference.compiling import FrozenNetwork

__all__ = ["BatchRunner"]


def _cast_weights(module, dtype):
    """Cast once what autocast would cast again for every batch; not a bit of the result changes."""
    from torch import nn

    for layer in module.modules():
        if type(layer) in (nn.Conv2d, nn.Linear):  # a subclass may compute with its weights by itself
            layer.to(dtype)


class BatchRunner:
    """
    Turn images into logits, in batches of one shape.

    Calling it from several threads at once is safe.

    Parameters
    ----------
    classifier : TorchClassifier
        Its network is copied; its ``prepare`` turns images into the network's input.
    device : `torch.device`
        Where the network runs.
    dtype : `torch.dtype`
        `torch.float32`, or `torch.bfloat16` for autocast.
    compute : Compute
        Batch size, and whether to compile.
    """

    def __init__(self, classifier, *, device, dtype, compute):
        import torch

        self._device, self._size = device, compute.batch_size
        module = copy.deepcopy(classifier.module).eval().to(device, memory_format=torch.channels_last)
        autocast = dtype is not torch.float32
        if autocast:
            _cast_weights(module, dtype)

        def forward(batch):
            with torch.autocast(device.type, dtype, enabled=autocast):
                images = classifier.prepare(batch).contiguous(memory_format=torch.channels_last)
                return module(images).float()

        self._forward = forward
        if compute.compiled:
            self._forward = FrozenNetwork(forward) if device.type == "cpu" else torch.compile(forward, dynamic=False)

    def __call__(self, images):
        """
        Return the network's answer to each image.

        Parameters
        ----------
        images : `~numpy.ndarray`, n images
            As the classifier takes them.

        Returns
        -------
        logits : `~numpy.ndarray` of float64, shape (n,)
            In the order of the images.
        """
        import torch

        with torch.inference_mode():
            parts = [self._batch(images[start : start + self._size]) for start in range(0, len(images), self._size)]
            return torch.cat(parts).double().cpu().numpy() if parts else np.empty(0)

    def _batch(self, images):
        import torch

        count = len(images)
        if count < self._size:
            blank = np.zeros((self._size - count, *images.shape[1:]), dtype=images.dtype)
            images = np.concatenate([images, blank])
        batch = torch.from_numpy(np.ascontiguousarray(images)).to(self._device, non_blocking=True)
        return self._forward(batch)[:count]
