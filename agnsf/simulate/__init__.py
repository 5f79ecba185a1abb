# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
A simulated survey, for the demonstration, the tests and the benchmarks.

Nothing that is measured on simulated galaxies is evidence about nature.
"""

from agnsf.simulate._population import simulate
from agnsf.simulate._rendering import SURVEYS, SimulatedSurvey, render

__all__ = ["SURVEYS", "SimulatedSurvey", "render", "simulate"]
