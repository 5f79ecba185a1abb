# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The optimizer, and the learning rate of every step."""

import math

__all__ = ["learning_rate_factor", "make_optimizer", "set_learning_rate"]


def _split_by_decay(group):
    """Return a group as two: what decays, and the biases and normalizations, which do not."""
    matrices = [one for one in group["params"] if one.ndim > 1]
    vectors = [one for one in group["params"] if one.ndim <= 1]
    scale = group.get("lr_scale", 1.0)
    parts = [{"params": matrices, "lr_scale": scale}, {"params": vectors, "lr_scale": scale, "weight_decay": 0.0}]
    return [part for part in parts if part["params"]]


def make_optimizer(groups, options, *, captured=False):
    """
    Return the optimizer of a network, fused into few kernels.

    Parameters
    ----------
    groups : list of dict
        Of `agnsf.TorchClassifier.parameter_groups`.
    options : TrainingOptions
        Its ``optimizer``, ``learning_rate`` and ``weight_decay``.
    captured : bool, optional
        Whether its steps will be part of a CUDA graph; the learning rate is a tensor then.

    Returns
    -------
    optimizer : `torch.optim.Optimizer`
        Each group has an ``lr_scale``.
    """
    import torch

    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[options.optimizer]
    parts = [part for group in groups for part in _split_by_decay(group)]
    rate = options.learning_rate
    if captured:
        device = parts[0]["params"][0].device
        for part in parts:
            part["lr"] = torch.tensor(rate, device=device)
    return kind(parts, lr=rate, weight_decay=options.weight_decay, fused=True, capturable=captured)


def learning_rate_factor(step, steps_per_epoch, options):
    """
    Return the share of the highest learning rate at a step.

    Parameters
    ----------
    step : int
        Counted from 0 at the start of training.
    steps_per_epoch : int
        Steps in an epoch.
    options : TrainingOptions
        Its ``epochs``, ``warmup`` and ``schedule``.

    Returns
    -------
    factor : float
        Between 0 and 1: rises linearly over the warm-up, then stays or falls along half a
        cosine (Loshchilov & Hutter 2016, arXiv:1608.03983).

    Examples
    --------
    >>> from agnsf.training import TrainingOptions
    >>> from agnsf.training.optimizers import learning_rate_factor
    >>> options = TrainingOptions(epochs=10, warmup=1.0, schedule='cosine')
    >>> [round(learning_rate_factor(step, 100, options), 2) for step in (0, 99, 550, 1000)]
    [0.01, 1.0, 0.5, 0.0]
    """
    warmup = min(options.warmup, options.epochs) * steps_per_epoch
    if step < warmup:
        return (step + 1) / math.ceil(warmup)
    if options.schedule == "constant":
        return 1.0
    done = (step - warmup) / max(options.epochs * steps_per_epoch - warmup, 1)
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def set_learning_rate(optimizer, rate):
    """
    Set the learning rate of all groups, each by its ``lr_scale``.

    Parameters
    ----------
    optimizer : `torch.optim.Optimizer`
        Of `make_optimizer`.
    rate : float
        For a group of scale 1.
    """
    import torch

    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate * group["lr_scale"])
        else:
            group["lr"] = rate * group["lr_scale"]
