# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""One step of training: forward, loss, backward, optimizer; as one CUDA graph where that works."""

import warnings
from contextlib import nullcontext

from agnsf.columns import AgnsfWarning

__all__ = ["Step", "autocast"]

_WARMUP = 3  # steps before a CUDA graph can be captured: libraries choose their algorithms in them


def autocast(device, dtype):
    """
    Return the context in which the network runs at a precision.

    Parameters
    ----------
    device : `torch.device`
        Where the network runs.
    dtype : `torch.dtype`
        Of the arithmetic.

    Returns
    -------
    context : context manager
        It keeps no copies of the weights between calls, so that it can be captured.
    """
    import torch

    if dtype == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=dtype, cache_enabled=False)


class Step:
    """
    Train a network on one batch after the other, all of one shape.

    Parameters
    ----------
    module : `torch.nn.Module`
        In training mode on its device; wrapped or compiled as it is to run.
    optimizer : `torch.optim.Optimizer`
        Of its parameters.
    clip : float or None
        Longest gradient.
    device : `torch.device`
        Where the network is.
    dtype : `torch.dtype`
        Of the arithmetic.
    processes : int
        How many train together: their gradients are averaged.
    captured : bool
        Whether to make a CUDA graph of the step. The optimizer must be made for it.
    """

    def __init__(self, module, optimizer, *, clip, device, dtype, processes=1, captured=False):
        self._module, self._optimizer, self._clip = module, optimizer, clip
        self._device, self._dtype, self._processes = device, dtype, processes
        self._captured, self._count, self._graph = captured, 0, None
        self._parameters = [one for group in optimizer.param_groups for one in group["params"]]

    def __call__(self, images, is_agn, weights, total):
        """
        Return the loss of a batch, after one step of the optimizer.

        Parameters
        ----------
        images : `torch.Tensor` of float, shape (n, c, size, size)
            As the network takes them.
        is_agn, weights : `torch.Tensor` of float32, shape (n,)
            Class and weight of each.
        total : `torch.Tensor` of float32, shape ()
            Sum of the weights over all processes.

        Returns
        -------
        loss : `torch.Tensor` of float32, shape ()
            This process's part of the weighted mean of the binary cross-entropy.
        """
        if not self._captured:
            return self._run(images, is_agn, weights, total)
        self._count += 1
        if self._graph is not None:
            return self._replay(images, is_agn, weights, total)
        if self._count <= _WARMUP:
            return self._aside(images, is_agn, weights, total)
        return self._capture(images, is_agn, weights, total)

    def _run(self, images, is_agn, weights, total):
        import torch
        from torch.nn import functional

        with autocast(self._device, self._dtype):
            logits = self._module(images)
        if logits.shape != is_agn.shape:
            raise ValueError(
                f"The network must return logits of shape {tuple(is_agn.shape)}, not {tuple(logits.shape)}"
            )
        each = functional.binary_cross_entropy_with_logits(logits.float(), is_agn, reduction="none")
        loss = (each * weights).sum() / total
        (loss * self._processes).backward()
        if self._clip is not None:
            torch.nn.utils.clip_grad_norm_(self._parameters, self._clip)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    def _aside(self, *batch):
        """Run on a stream of its own, as PyTorch asks for before a capture."""
        import torch

        stream = torch.cuda.Stream(self._device)
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            loss = self._run(*batch)
        torch.cuda.current_stream(self._device).wait_stream(stream)
        return loss

    def _capture(self, *batch):
        import torch

        self._inputs = [one.clone() for one in batch]
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._loss = self._run(*self._inputs)
        except RuntimeError as exc:
            text = f"The network cannot be captured as a CUDA graph ({exc}); it runs step by step, slower"
            warnings.warn(text, AgnsfWarning, stacklevel=2)
            self._captured = False
            return self._run(*batch)
        self._graph = graph
        return self._replay(*batch)

    def _replay(self, *batch):
        for own, given in zip(self._inputs, batch, strict=True):
            own.copy_(given, non_blocking=True)
        self._graph.replay()
        return self._loss
