# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Grad-CAM: where in the image a network finds what raises p_agn."""

import numpy as np

__all__ = ["grad_cam"]

_BATCH = 32


def _last_convolution(module):
    import torch

    found = [layer for layer in module.modules() if isinstance(layer, torch.nn.Conv2d)]
    return found[-1] if found else None


def grad_cam(classifier, images):
    """
    Return the maps of Selvaraju et al. (2017, arXiv:1610.02391) for the class AGN.

    Parameters
    ----------
    classifier : TorchClassifier
        Trained.
    images : `~numpy.ndarray`, n images
        As the classifier takes them.

    Returns
    -------
    maps : `~numpy.ndarray` of float32, shape (n, size, size), or None
        Each between 0 and 1, or 0 everywhere where nothing raises ``p_agn``. None for a network
        without a convolution that sees the plane of the image.
    """
    import torch

    module = classifier.module
    layer = _last_convolution(module)
    if layer is None:
        return None
    device = next(module.parameters()).device
    kept = {}
    handle = layer.register_forward_hook(lambda _, inputs, output: kept.update(output=output))
    found = []
    try:
        for start in range(0, len(images), _BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(images[start : start + _BATCH])).to(device)
            with torch.enable_grad():
                pixels = classifier.prepare(batch).requires_grad_(True)
                logits = module(pixels)
                seen = kept["output"]
                if seen.ndim != 4 or min(seen.shape[2:]) < 2:
                    return None
                (gradient,) = torch.autograd.grad(logits.sum(), seen)
            weight = gradient.mean(dim=(2, 3), keepdim=True)
            maps = torch.relu((weight * seen).sum(dim=1, keepdim=True)).detach().float()
            maps = torch.nn.functional.interpolate(maps, size=pixels.shape[2:], mode="bilinear", align_corners=False)
            top = maps.amax(dim=(1, 2, 3), keepdim=True)
            found.append((maps / torch.where(top > 0, top, 1))[:, 0].cpu().numpy())
    finally:
        handle.remove()
    return np.concatenate(found) if found else None
