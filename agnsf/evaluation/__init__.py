# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Metrics with intervals, thresholds, calibration and confounds."""

from agnsf.evaluation.calibration import CALIBRATION_METHODS, apply_calibration, fit_calibration, shift_prior
from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.intervals import Bootstrap, Estimate, compare, estimate
from agnsf.evaluation.metrics import METRICS
from agnsf.evaluation.run import Evaluation, evaluate_table
from agnsf.evaluation.sample import Sample
from agnsf.evaluation.thresholds import TradeOff, choose_threshold, trade_off

__all__ = [
    "CALIBRATION_METHODS",
    "METRICS",
    "Bootstrap",
    "Estimate",
    "Evaluation",
    "EvaluationError",
    "Sample",
    "TradeOff",
    "apply_calibration",
    "choose_threshold",
    "compare",
    "estimate",
    "evaluate_table",
    "fit_calibration",
    "shift_prior",
    "trade_off",
]
