# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The convolutional network of Xu (2023), and what has been learned since about such networks."""

from dataclasses import dataclass

import agnsf

__all__ = ["Cnn", "register_classifiers"]


@dataclass(frozen=True)
class Cnn(agnsf.TorchClassifier):
    """
    The convolutional network of Xu (2023), with normalization and pooling that it lacked.

    Three convolutions of 3 × 3 pixels with 32, 64 and 128 filters, without padding, each
    followed by ReLU and by max-pooling of 2 × 2; then dense layers of 128, 64 and 1. Without
    ``batch_norm`` and ``global_pooling`` it is the network of the paper to the letter, with
    3,312,961 parameters, nearly all of them in the first dense layer.

    Parameters
    ----------
    batch_norm : bool, optional
        Normalize what comes out of each convolution (Ioffe & Szegedy 2015, arXiv:1502.03167).
    global_pooling : bool, optional
        Take the mean of each filter over the image into the dense layers (Lin et al. 2013,
        arXiv:1312.4400), not every pixel of it.
    dropout : float, optional
        Share of the inputs of each dense layer that is dropped while training.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> paper = load_classifier('cnn', batch_norm=False, global_pooling=False)
    >>> for classifier in (load_classifier('cnn'), paper):
    ...     sum(parameter.numel() for parameter in classifier.network().parameters())
    118305
    3312961
    """

    batch_norm: bool = True
    global_pooling: bool = True
    dropout: float = 0.0

    name = "cnn"
    input = "rgb"
    size = 128

    def network(self):
        """Return the untrained network; see `TorchClassifier.network`."""
        from torch import nn

        layers = []
        for channels, filters in ((3, 32), (32, 64), (64, 128)):
            norm = [nn.BatchNorm2d(filters)] if self.batch_norm else []
            layers += [nn.Conv2d(channels, filters, 3, bias=not norm), *norm, nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()] if self.global_pooling else [nn.Flatten()]
        drop = [nn.Dropout(self.dropout)] if self.dropout else []
        width = 128 if self.global_pooling else 128 * 14 * 14  # 128 -> 126/2 -> 61/2 -> 28/2 pixels
        for inputs, units in ((width, 128), (128, 64)):
            layers += [*drop, nn.Linear(inputs, units), nn.ReLU()]
        module = nn.Sequential(*layers, *drop, nn.Linear(64, 1), nn.Flatten(0))
        for layer in module:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):  # as Keras, with which the paper was made, begins
                nn.init.xavier_uniform_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        return module


@agnsf.hookimpl
def register_classifiers():
    """Provide the classifier."""
    return [Cnn]
