# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A network and galaxies so small that training takes no time."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

import agnsf


@dataclass(frozen=True)
class Tiny(agnsf.TorchClassifier):
    """A network of 230 parameters, as a third party would add one."""

    dropout: float = 0.0
    norm: bool = False

    name = "tiny"
    size = 16

    def network(self):
        from torch import nn

        norm = [nn.BatchNorm2d(6)] if self.norm else []
        drop = [nn.Dropout(self.dropout)] if self.dropout else []
        head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), *drop, nn.Linear(24, 1), nn.Flatten(0)]
        return nn.Sequential(nn.Conv2d(3, 6, 3), *norm, nn.ReLU(), *head)


def galaxies(n, *, seed=0, share=0.5):
    """Return pictures of noise, redder where the galaxy is AGN, and their table."""
    rng = np.random.default_rng(seed)
    is_agn = np.arange(n) < round(share * n)
    images = rng.integers(0, 100, (n, 16, 16, 3), dtype=np.uint8)
    images[is_agn, :, :, 0] += 60
    order = rng.permutation(n)
    return images[order], Table({"label": np.where(is_agn, "AGN", "SF")[order], "row": np.arange(n)})
