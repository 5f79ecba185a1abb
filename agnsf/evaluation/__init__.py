# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Metrics with intervals, thresholds, calibration and confounds."""

from agnsf.evaluation.agreement import expected_ece
from agnsf.evaluation.calibration import CALIBRATION_METHODS, apply_calibration, fit_calibration, shift_prior
from agnsf.evaluation.groups import within_auc
from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.intervals import Bootstrap, Estimate, compare, estimate
from agnsf.evaluation.metrics import METRICS
from agnsf.evaluation.run import Evaluation, Questions, evaluate_table
from agnsf.evaluation.sample import Sample
from agnsf.evaluation.thresholds import TradeOff, choose_threshold, trade_off

__all__ = [
    "CALIBRATION_METHODS",
    "METRICS",
    "Bootstrap",
    "Estimate",
    "Evaluation",
    "EvaluationError",
    "Questions",
    "Sample",
    "TradeOff",
    "apply_calibration",
    "choose_threshold",
    "compare",
    "estimate",
    "evaluate_table",
    "expected_ece",
    "fit_calibration",
    "shift_prior",
    "trade_off",
    "within_auc",
]
