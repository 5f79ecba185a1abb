# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Trained classifiers in their folders: read, write, and the ones that ship."""

from agnsf.models._description import describe_model
from agnsf.models._folders import default_model, load_model, model_hash, save_model, shipped_models
from agnsf.models._model import Model, ModelError

__all__ = [
    "Model",
    "ModelError",
    "default_model",
    "describe_model",
    "load_model",
    "model_hash",
    "save_model",
    "shipped_models",
]
