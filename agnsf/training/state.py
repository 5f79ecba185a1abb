# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Everything that changes while a network is trained, as tensors that a checkpoint can hold."""

__all__ = ["State"]


class State:
    """
    A network, its optimizer and its moving average.

    Parameters
    ----------
    module : `torch.nn.Module`
        On its device.
    optimizer : `torch.optim.Optimizer`
        Of its parameters.
    ema : float or None
        Decay of the moving average; None keeps none.
    """

    def __init__(self, module, optimizer, ema):
        from torch.optim.swa_utils import AveragedModel

        self.module, self.optimizer = module, optimizer
        average = None if ema is None else _moving_average(ema)
        self._ema = average and AveragedModel(module, multi_avg_fn=average, use_buffers=True)

    @property
    def kept(self):
        """The network that is validated and kept: the moving average where there is one."""
        return self.module if self._ema is None else self._ema.module

    def advance(self):
        """Let the moving average follow, after a step."""
        if self._ema is not None:
            self._ema.update_parameters(self.module)

    def tensors(self):
        """Return all of it by name: ``network.…``, ``ema.…`` and ``optimizer.INDEX.…``, on the CPU."""
        found = {f"network.{name}": one for name, one in self.module.state_dict().items()}
        if self._ema is not None:
            found |= {f"ema.{name}": one for name, one in self._ema.state_dict().items()}
        for index, entry in self.optimizer.state_dict()["state"].items():
            found |= {f"optimizer.{index}.{key}": value for key, value in entry.items()}
        return {name: one.detach().to("cpu", copy=True).contiguous() for name, one in found.items()}

    def restore(self, tensors):
        """
        Take everything back from a checkpoint.

        Parameters
        ----------
        tensors : dict of str to `torch.Tensor`
            Of `tensors`.
        """
        self.module.load_state_dict(_below("network.", tensors))
        if self._ema is not None:
            self._ema.load_state_dict(_below("ema.", tensors))
        self._restore_optimizer(_below("optimizer.", tensors))

    def _restore_optimizer(self, tensors):
        import torch

        parameters = [one for group in self.optimizer.param_groups for one in group["params"]]
        entries = {}
        for name, value in tensors.items():
            index, key = name.split(".", 1)
            parameter = parameters[int(index)]
            if value.shape == parameter.shape:  # fused kernels want the parameter's own memory format
                value = torch.empty_like(parameter, memory_format=torch.preserve_format).copy_(value)
            entries.setdefault(int(index), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": entries, "param_groups": groups})

    def keep(self, tensors):
        """Make the kept network that of a checkpoint, which may be an earlier one."""
        self.kept.load_state_dict(_below("network." if self._ema is None else "ema.module.", tensors))


def _moving_average(decay):
    """Return the rule of an exponential moving average that forgets its first steps sooner."""

    def average(kept, current, count):
        import torch

        count = int(count)
        share = 1 - min(decay, (1 + count) / (10 + count))
        if kept[0].is_floating_point():
            torch._foreach_lerp_(kept, current, share)
        else:
            torch._foreach_copy_(kept, current)  # counters of batches

    return average


def _below(prefix, tensors):
    return {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
