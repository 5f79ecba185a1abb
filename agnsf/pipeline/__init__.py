# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The stages, table in and new table out: label, fetch, measure, train, evaluate, classify."""

from agnsf.pipeline._classify import classify
from agnsf.pipeline._evaluate import evaluate
from agnsf.pipeline._fetch import fetch
from agnsf.pipeline._label import label
from agnsf.pipeline._measure import measure
from agnsf.pipeline._train import train

__all__ = ["classify", "evaluate", "fetch", "label", "measure", "train"]
