# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Bring batches of images to the device: from its own memory where the set fits, else one batch ahead."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

__all__ = ["Feed"]

_RESIDENT = 0.5  # share of the GPU's free memory that the images may take
_CHUNK = 4096  # images per copy to the GPU


def _ahead(function, items):
    """Yield function(item) for each item, computing the next one in a thread meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for item in items:
            following = pool.submit(function, item)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()


def _upload(images, device):
    import torch

    first = torch.from_numpy(np.ascontiguousarray(images[:1]))
    resident = torch.empty((len(images), *first.shape[1:]), dtype=first.dtype, device=device)
    for start in range(0, len(images), _CHUNK):
        chunk = np.ascontiguousarray(images[start : start + _CHUNK])
        resident[start : start + len(chunk)].copy_(torch.from_numpy(chunk))
    return resident


class Feed:
    """
    The images of a set as batches on a device.

    Parameters
    ----------
    images : array-like, n images
        Indexed by slices and by integer arrays; uint8 pictures travel as they are.
    device : `torch.device`
        Where the batches are wanted.
    """

    def __init__(self, images, device):
        self.images, self.device = images, device
        self._resident = _upload(images, device) if self._fits() else None

    def _fits(self):
        if self.device.type != "cuda" or not len(self.images):
            return False
        import torch

        free, _ = torch.cuda.mem_get_info(self.device)
        return len(self.images) * np.asarray(self.images[:1]).nbytes <= _RESIDENT * free

    def _read(self, rows):
        import torch

        batch = torch.from_numpy(np.ascontiguousarray(self.images[rows]))
        return batch.pin_memory() if self.device.type == "cuda" else batch

    def batches(self, rows):
        """
        Yield the images of one batch after the other.

        Parameters
        ----------
        rows : sequence of `~numpy.ndarray` of int
            The galaxies of each batch.

        Yields
        ------
        images : `torch.Tensor`
            As stored, on the device.
        """
        import torch

        if self._resident is not None and len(rows):
            everything = torch.from_numpy(np.concatenate(rows)).to(self.device)
            for index in everything.split([len(one) for one in rows]):
                yield self._resident.index_select(0, index)
        else:
            for batch in _ahead(self._read, rows):
                yield batch.to(self.device, non_blocking=True)
