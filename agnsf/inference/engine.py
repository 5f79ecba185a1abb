# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A model made ready to predict: on a device, in a precision, in batches of one shape."""

import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

import numpy as np

from agnsf import images
from agnsf.inference import resizing
from agnsf.inference.memory import freed_memory_kept

__all__ = ["Compute", "Engine"]

_WORTH_COMPILING = 20_000  # rows; compiling takes up to a minute, and saves about 1.5 ms a row on a CPU
_BATCH = {"cpu": 32, "cuda": 256}  # on a CPU the activations of a batch are to stay in its caches


@dataclass(frozen=True)
class Compute:
    """
    How networks are run: whatever of it could change a bit of ``p_agn``.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``, and what it is: ``"cpu (AVX512)"``.
    precision : str
        ``float32`` or ``bfloat16``: the arithmetic of convolutions and matrix products.
    batch_size : int
        Images in each batch; the last one is filled up with blanks.
    compiled : bool
        Whether `torch.compile` makes the network.
    """

    device: str
    precision: str
    batch_size: int
    compiled: bool


def _networks(classifier):
    """Return the torch classifiers inside a classifier."""
    found = []

    def note(one):
        found.append(one)

    classifier.accelerated(note)
    return found


class Engine:
    """
    A model made ready to predict: on a device, in a precision, in batches of one shape.

    A row's ``p_agn`` depends neither on the other rows of its batch nor on the number of threads:
    each thread runs whole batches by itself, and every batch has the same shape.

    Parameters
    ----------
    model : `~agnsf.models.Model`
        What is to predict.
    device : str, optional
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; ``auto`` takes the GPU where there is one.
    precision : {'auto', 'float32', 'bfloat16'}, optional
        ``auto`` is bfloat16 where the device has units for it.
    rows : int or None, optional
        How many galaxies there are to classify: many repay compiling.
    compiled : bool or None, optional
        Whether to compile whatever the number of rows.
    threads : int or None, optional
        How many batches are computed at once on a CPU; by default one for each core.

    Attributes
    ----------
    compute : Compute or None
        What was chosen; None for a model without a network, which these options do not concern.
    threads : int
        How many may call `predict` at once.

    Raises
    ------
    AgnsfError
        If there is no such device.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.table import Table
    >>> from agnsf.inference import Engine
    >>> from agnsf.models import Model
    >>> from agnsf.plugins import load_classifier
    >>> cnn = load_classifier('cnn')
    >>> engine = Engine(Model(cnn.with_module(cnn.network())), device='cpu')
    >>> with engine.running():
    ...     columns = engine.predict(np.zeros((3, 128, 128, 3), dtype=np.uint8), Table())
    >>> columns['p_agn'].shape
    (3,)
    """

    def __init__(self, model, *, device="auto", precision="auto", rows=None, compiled=None, threads=None):
        self.model = model
        self.compute = None
        self.pinned = False
        self.threads = threads or _cores()
        self._ready = model
        if _networks(model.classifier):
            self._prepare(device, precision, rows, compiled)

    def _prepare(self, device, precision, rows, compiled):
        from agnsf.inference.network import BatchRunner
        from agnsf.training.compiling import can_compile
        from agnsf.training.devices import choose_device, choose_precision, environment

        device = choose_device(device)
        dtype = choose_precision(precision, device)
        wanted = (rows or 0) >= _WORTH_COMPILING if compiled is None else compiled
        compiled = wanted and can_compile(device)
        about = environment(device, dtype, compiled, 1)
        self.compute = Compute(about["device"], about["precision"], _BATCH[device.type], compiled)
        self.pinned = device.type == "cuda"
        if self.pinned:
            self.threads = 2  # one fills the device's queue while the other waits for its answer

        def wrap(classifier):
            return BatchRunner(classifier, device=device, dtype=dtype, compute=self.compute)

        self._ready = replace(self.model, classifier=self.model.classifier.accelerated(wrap))

    @property
    def classifier(self):
        """The model's classifier."""
        return self.model.classifier

    def fit_input(self, cutout):
        """Return a cutout whose pixels are what the classifier takes; see `agnsf.images.fit_input`."""
        takes, resize = self.classifier, resizing.resize if self.compute else images.resize
        return images.fit_input(cutout, input=takes.input, size=takes.size, color=self.model.color, resize=resize)

    @contextmanager
    def running(self):
        """Make each thread run its batches by itself and keep the memory for them, while the block lasts."""
        if self.compute is None:
            yield
            return
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with freed_memory_kept():
                yield
        finally:
            torch.set_num_threads(before)

    def predict(self, images, table):
        """
        Return the columns that the model gives; see `agnsf.models.Model.predict`.

        Parameters
        ----------
        images : `~numpy.ndarray`, n images
            As the classifier takes them.
        table : `~astropy.table.Table`
            With a row for each image and the classifier's columns.

        Returns
        -------
        columns : dict of str to `~numpy.ndarray` of shape (n,)
            ``"p_agn"``, and whatever else the model knows.
        """
        return self._ready.predict(images, table)

    def warm_up(self, images, table):
        """
        Compile the network, if it is to be compiled, which threads cannot do at the same time.

        Parameters
        ----------
        images, table
            Some of those to predict.
        """
        if self.compute and self.compute.compiled:
            self.predict(images[:1], table[:1])

    def record(self):
        """Return what the provenance is to tell of how the network was run."""
        return {"compute": asdict(self.compute)} if self.compute else {}

    def buffer(self, rows, shape, dtype):
        """Return an array for images, in memory from which a GPU can fetch them by itself where there is one."""
        if not self.pinned:
            return np.empty((rows, *shape), dtype=dtype)
        import torch

        like = torch.from_numpy(np.empty(0, dtype=dtype))
        return torch.empty((rows, *shape), dtype=like.dtype, pin_memory=True).numpy()


def _cores():
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
