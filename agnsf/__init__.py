# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
Tell galaxies with an active nucleus from star-forming galaxies by their images.

The public names are resolved when they are first used, so that
``import agnsf`` costs nothing: it loads neither torch, nor astropy, nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agnsf.hookspecs import hookimpl
    from agnsf.pipeline import classify, evaluate, fetch, label, train
    from agnsf.roles import Classifier, Cutout, CutoutError, CutoutService, ImageSource, Labeler, TorchClassifier

__all__ = [
    "Classifier",
    "Cutout",
    "CutoutError",
    "CutoutService",
    "ImageSource",
    "Labeler",
    "TorchClassifier",
    "classify",
    "evaluate",
    "fetch",
    "hookimpl",
    "label",
    "train",
]

_HOME = {
    "hookimpl": "agnsf.hookspecs",
    **dict.fromkeys(("classify", "evaluate", "fetch", "label", "train"), "agnsf.pipeline"),
}


def __getattr__(name):
    if name == "__version__":
        from importlib.metadata import version

        return version("agnsf")
    if name not in __all__:
        raise AttributeError(f"module 'agnsf' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME.get(name, "agnsf.roles")), name)
    return found


def __dir__():
    return [*__all__, "__version__"]
