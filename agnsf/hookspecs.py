# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The three hooks through which a plugin adds to agnsf, one for each role."""

import pluggy

__all__ = ["hookimpl", "hookspec", "register_classifiers", "register_image_sources", "register_labelers"]

hookspec = pluggy.HookspecMarker("agnsf")
hookimpl = pluggy.HookimplMarker("agnsf")


@hookspec
def register_labelers():
    """Return a list of `agnsf.Labeler` subclasses."""


@hookspec
def register_image_sources():
    """Return a list of `agnsf.ImageSource` subclasses."""


@hookspec
def register_classifiers():
    """Return a list of `agnsf.Classifier` subclasses."""
