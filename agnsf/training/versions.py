# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The software that made a model."""

import platform
from importlib.metadata import version

__all__ = ["versions"]

_PACKAGES = ("agnsf", "astropy", "numpy", "scikit-learn", "timm", "torch")


def versions():
    """
    Return the versions of Python and of the packages on which a model depends.

    Returns
    -------
    versions : dict of str to str
        For ``model.json``.
    """
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
