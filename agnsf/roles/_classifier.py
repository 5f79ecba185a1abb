# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contract of classifiers."""

import copy
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np

from agnsf.roles._plugin import Plugin

__all__ = ["Classifier", "TorchClassifier"]


class Classifier(Plugin):
    """
    Base class of what learns the label from images.

    A classifier is a frozen dataclass: its fields, each with a default, are its options.
    What it has learned is not an option; `fit` and `load` return a copy that holds it.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    input : str
        ``"rgb"``: images are uint8 of shape (n, size, size, 3). ``"flux"``: float32 of shape
        (n, band, size, size) in nanomaggies per pixel.
    size : int
        Width and height in pixels of the images that it takes.
    columns : tuple of str
        Columns of the table that it uses beside the images.
    """

    input: ClassVar[str] = "rgb"
    size: ClassVar[int] = 128
    columns: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def fit(self, images, table, *, validation=None):
        """
        Return a copy of this classifier that has learned from the images.

        Parameters
        ----------
        images : array-like, n images
            Indexed by slices and by integer arrays, either of which gives a `~numpy.ndarray`.
        table : `~astropy.table.Table`
            With a row for each image, and a column ``label`` of ``AGN`` and ``SF``, none masked.
        validation : tuple of (images, table) or None, optional
            Galaxies that it must not learn from, to watch the progress on.

        Returns
        -------
        fitted : Classifier
            Of the same class and options.
        """

    @abstractmethod
    def predict(self, images, table):
        """
        Return the probability of ``AGN`` for each image.

        Parameters
        ----------
        images : array-like, n images
            As for `fit`.
        table : `~astropy.table.Table`
            With a row for each image and the classifier's ``columns``.

        Returns
        -------
        p_agn : `~numpy.ndarray` of float64, shape (n,)
            Between 0 and 1; not yet calibrated.
        """

    def predict_columns(self, images, table):
        """
        Return everything that the classifier can tell of each image.

        Parameters
        ----------
        images, table
            As for `predict`.

        Returns
        -------
        columns : dict of str to `~numpy.ndarray` of shape (n,)
            ``"p_agn"`` as `predict` returns it. A classifier that knows more overrides this method
            and adds ``"p_agn_std"``, ``"p_lines"``, ``"novelty"`` or ``"unfamiliar"``.
        """
        return {"p_agn": self.predict(images, table)}

    @abstractmethod
    def save(self, folder):
        """
        Write what was learned into a folder that exists. Never a pickle.

        Parameters
        ----------
        folder : path-like
            The model folder. ``model.json``, which records the classifier's name and options,
            is written beside it by agnsf.
        """

    @abstractmethod
    def load(self, folder):
        """
        Return a copy of this classifier that holds what `save` wrote.

        Parameters
        ----------
        folder : path-like
            The model folder.

        Returns
        -------
        fitted : Classifier
            Of the same class and options.
        """

    def accelerated(self, wrap):
        """
        Return a copy whose networks are run by somebody else: on a device, compiled, in batches of one shape.

        Parameters
        ----------
        wrap : callable
            From a `TorchClassifier` to a function that turns images, as `predict` takes them, into
            the network's logits, an array of float64 of shape (n,).

        Returns
        -------
        accelerated : Classifier
            Itself where there is no network. A classifier made of several passes ``wrap`` on to each.
        """
        return self

    def _with(self, **state):
        """Return a copy that holds what was learned, as private attributes beside the options."""
        other = copy.copy(self)
        for name, value in state.items():
            object.__setattr__(other, name, value)
        return other


class TorchClassifier(Classifier):
    """
    Base class of the classifiers that are a `torch.nn.Module`.

    A subclass has options and gives the `network`. `agnsf.training.fit` trains it.
    """

    _module = None
    _logits = None

    @abstractmethod
    def network(self):
        """
        Return the untrained network.

        Returns
        -------
        module : `torch.nn.Module`
            From float images of shape (n, 3, size, size), between 0 and 1 where ``input`` is
            ``"rgb"``, to the logits of ``AGN`` of shape (n,).
        """

    def starting_network(self):
        """
        Return the network that training begins with: the one held already, or else a new one.

        Returns
        -------
        module : `torch.nn.Module`
            A classifier with pretrained weights overrides this; `network` itself never loads any.
        """
        return self.network() if self._module is None else copy.deepcopy(self._module)

    def parameter_groups(self, module):
        """
        Return the parameters to train, in groups for `torch.optim`.

        Parameters
        ----------
        module : `torch.nn.Module`
            What `starting_network` returned.

        Returns
        -------
        groups : list of dict
            Each with ``params``; ``lr_scale`` multiplies the learning rate of a group.
        """
        return [{"params": [one for one in module.parameters() if one.requires_grad]}]

    @property
    def module(self):
        """The trained network, in evaluation mode, on the device where it was put last."""
        if self._module is None:
            raise ValueError(f"Classifier {self.name!r} has learned nothing yet; fit or load it first")
        return self._module

    def with_module(self, module):
        """Return a copy of this classifier that holds a trained network."""
        return self._with(_module=module.eval())

    def fit(self, images, table, *, validation=None):
        """Refuse: the training loop of torch classifiers is `agnsf.training.fit`."""
        raise TypeError(f"Classifier {self.name!r} is trained by agnsf.training.fit(classifier, ...)")

    def predict(self, images, table):
        """Return the probability of ``AGN`` for each image; see `Classifier.predict`."""
        import torch
        from scipy.special import expit  # not torch.sigmoid: its last bit depends on the place in the array

        if self._logits is not None:
            return expit(self._logits(images))
        device = next(self.module.parameters()).device
        p_agn = np.empty(len(images))
        with torch.inference_mode():
            for start in range(0, len(images), 64):
                batch = torch.from_numpy(np.ascontiguousarray(images[start : start + 64])).to(device)
                logits = self.module(self.prepare(batch))
                p_agn[start : start + 64] = expit(logits.double().cpu().numpy())
        return p_agn

    def accelerated(self, wrap):
        """Return a copy whose network is run by somebody else; see `Classifier.accelerated`."""
        return self._with(_logits=wrap(self))

    def prepare(self, batch):
        """
        Return a batch of images as the network takes it.

        Parameters
        ----------
        batch : `torch.Tensor`
            Images as `Classifier.predict` gets them, on any device.

        Returns
        -------
        images : `torch.Tensor` of float32, shape (n, 3, size, size)
            Between 0 and 1 where ``input`` is ``"rgb"``; in channels-last memory format there.
        """
        if self.input == "rgb":
            return batch.permute(0, 3, 1, 2).float() / 255
        return batch.float()

    def save(self, folder):
        """Write the trained network into ``model.safetensors``."""
        from safetensors.torch import save_model

        path = Path(folder) / "model.safetensors"
        save_model(self.module, str(path))
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)  # safetensors makes the file unreadable for anybody else

    def load(self, folder):
        """Return a copy of this classifier with the network of ``model.safetensors``."""
        from safetensors.torch import load_model

        module = self.network()
        load_model(module, str(Path(folder) / "model.safetensors"))
        return self.with_module(module)
