# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contracts of the three roles: labeler, image source and classifier."""

from agnsf.roles._classifier import Classifier, TorchClassifier
from agnsf.roles._cutout import Cutout, CutoutError
from agnsf.roles._image_source import CutoutService, ImageSource
from agnsf.roles._labeler import Labeler

__all__ = [
    "Classifier",
    "Cutout",
    "CutoutError",
    "CutoutService",
    "ImageSource",
    "Labeler",
    "TorchClassifier",
]
