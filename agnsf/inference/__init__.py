# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classify any number of galaxies: in bounded memory, on every core, and never twice."""

from agnsf.inference.decision import Decision, choose_decision
from agnsf.inference.engine import Compute, Engine
from agnsf.inference.files import classify_file
from agnsf.inference.meter import Meter
from agnsf.inference.runs import RunError, RunFolder
from agnsf.inference.stream import SourceLostError, classify_chunk, classify_chunks
from agnsf.inference.task import Task, make_task

__all__ = [
    "Compute",
    "Decision",
    "Engine",
    "Meter",
    "RunError",
    "RunFolder",
    "SourceLostError",
    "Task",
    "choose_decision",
    "classify_chunk",
    "classify_chunks",
    "classify_file",
    "make_task",
]
