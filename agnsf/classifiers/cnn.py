# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The convolutional network of Xu (2023)."""

from dataclasses import dataclass

import agnsf

__all__ = ["Cnn", "register_classifiers"]


@dataclass(frozen=True)
class Cnn(agnsf.TorchClassifier):
    """
    The convolutional network of Xu (2023), to the letter: 3,312,961 parameters.

    Three convolutions of 3 × 3 pixels with 32, 64 and 128 filters, without padding, each
    followed by ReLU and by max-pooling of 2 × 2; then dense layers of 128, 64 and 1.

    Parameters
    ----------
    dropout : float, optional
        Share of the inputs of each dense layer that is dropped while training; the paper
        drops none.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> module = load_classifier('cnn').network()
    >>> sum(parameter.numel() for parameter in module.parameters())
    3312961
    """

    dropout: float = 0.0

    name = "cnn"
    input = "rgb"
    size = 128

    def network(self):
        """Return the untrained network; see `TorchClassifier.network`."""
        from torch import nn

        layers = []
        for channels, filters in ((3, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(channels, filters, 3), nn.ReLU(), nn.MaxPool2d(2)]
        layers.append(nn.Flatten())
        drop = [nn.Dropout(self.dropout)] if self.dropout else []
        for inputs, units in ((128 * 14 * 14, 128), (128, 64)):  # 128 -> 126/2 -> 61/2 -> 28/2 pixels
            layers += [*drop, nn.Linear(inputs, units), nn.ReLU()]
        module = nn.Sequential(*layers, *drop, nn.Linear(64, 1), nn.Flatten(0))
        for layer in module:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):  # as Keras, with which the paper was made, begins
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
        return module


@agnsf.hookimpl
def register_classifiers():
    """Provide the classifier."""
    return [Cnn]
