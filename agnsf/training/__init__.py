# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train classifiers: the loop, its options, checkpoints and resume."""

from agnsf.training.fitting import fit
from agnsf.training.making import Sampling, make_model
from agnsf.training.options import PRESETS, Preset, TrainingError, TrainingOptions

__all__ = ["PRESETS", "Preset", "Sampling", "TrainingError", "TrainingOptions", "fit", "make_model"]
