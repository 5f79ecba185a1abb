# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Several processes that train one network together (`torchrun`)."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from agnsf.training.devices import choose_device

__all__ = ["Processes", "is_first", "processes"]

_PATIENCE = timedelta(days=7)  # the first process may fetch images for days while the others wait


@dataclass(frozen=True)
class Processes:
    """
    The process at work, among those that train together.

    Parameters
    ----------
    device : `torch.device`
        This process's device.
    rank : int, optional
        Its number; 0 writes the files.
    count : int, optional
        How many there are.
    """

    device: Any
    rank: int = 0
    count: int = 1

    @property
    def first(self):
        """Whether this is the process that writes files and shows progress."""
        return self.rank == 0

    def wait(self):
        """Return when all processes have come here."""
        if self.count > 1:
            import torch.distributed

            torch.distributed.barrier()

    def wrap(self, module):
        """Return a module whose gradients are the mean over the processes."""
        if self.count == 1:
            return module
        from torch.nn.parallel import DistributedDataParallel

        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(module, device_ids=ids)

    def total(self, values):
        """Return the sum over the processes of an array, the same in each."""
        if self.count == 1:
            return values
        import torch
        import torch.distributed

        tensor = torch.as_tensor(np.asarray(values, dtype=np.float64)).to(self.device)
        torch.distributed.all_reduce(tensor)
        return tensor.cpu().numpy()

    def together(self, n, part):
        """Return the n values of which this process has ``part``, those of the rows ``rank::count``."""
        whole = np.zeros(n)
        whole[self.rank :: self.count] = part
        return self.total(whole)


def is_first():
    """
    Return whether this process is the one that writes files, by what `torchrun` tells it.

    Returns
    -------
    answer : bool
        True where there is only one.
    """
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def processes(device="auto"):
    """
    Join the processes that `torchrun` started, or be the only one.

    Parameters
    ----------
    device : str, optional
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``. Under `torchrun` each process takes the GPU of
        its own number.

    Yields
    ------
    processes : Processes
        This process among the others.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(choose_device(device))
        return
    import torch
    import torch.distributed

    rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    chosen = choose_device(device)
    if chosen.type == "cuda":
        chosen = choose_device(f"cuda:{local}")
        torch.cuda.set_device(chosen)
    torch.distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield Processes(chosen, rank, count)
    finally:
        torch.distributed.destroy_process_group()
