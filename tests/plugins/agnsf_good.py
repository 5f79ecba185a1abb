# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin that does everything right: one labeler and one image source."""

from dataclasses import dataclass

import numpy as np

import agnsf


@dataclass(frozen=True)
class StrongOxygen(agnsf.Labeler):
    """Call AGN what is brighter in [O III] than in H-beta by a factor."""

    factor: float = 3.0

    name = "strong-oxygen"
    requires = ("oiii_5007_flux", "h_beta_flux")

    def label(self, table):
        ratio = np.asarray(table["oiii_5007_flux"]) / np.asarray(table["h_beta_flux"])
        return {"label": np.where(ratio > self.factor, "AGN", "SF")}


@dataclass(frozen=True)
class Moody(agnsf.ImageSource):
    """A grey picture, or a failure of its own making."""

    angry: bool = False

    name = "moody"
    needs = ()

    def cutout(self, row, *, size, pixel_scale):
        if self.angry:
            raise RuntimeError("not today")
        return agnsf.Cutout(np.full((size, size, 3), 128, dtype=np.uint8), pixel_scale=pixel_scale)


@agnsf.hookimpl
def register_labelers():
    return [StrongOxygen]


@agnsf.hookimpl
def register_image_sources():
    return [Moody]
