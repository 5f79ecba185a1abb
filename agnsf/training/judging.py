# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What is learned from the validation galaxies after training, and told of the test galaxies."""

import warnings
from pathlib import Path

import numpy as np
from astropy.table import Table

from agnsf.columns import AgnsfWarning
from agnsf.evaluation import EvaluationError, apply_calibration, choose_threshold, estimate, fit_calibration
from agnsf.files import replacing

__all__ = ["calibrate", "measure", "write_validation"]


def calibrate(is_agn, p_agn, *, method):
    """
    Return base rate, calibration and threshold by the validation galaxies, at their natural share of AGN.

    Parameters
    ----------
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF.
    p_agn : `~numpy.ndarray`, shape (n,)
        The classifier's own output.
    method : str
        One of `agnsf.evaluation.CALIBRATION_METHODS`.

    Returns
    -------
    info : dict
        ``base_rate``, ``calibration``, and ``threshold`` of best accuracy; for ``model.json``.
    validation : `~astropy.table.Table`
        ``is_agn`` and the calibrated ``p_agn``, from which other thresholds can be chosen later.

    Warns
    -----
    AgnsfWarning
        If the galaxies do not allow a calibration.
    """
    validation = Table({"is_agn": np.asarray(is_agn, dtype=np.int8), "p_agn": p_agn})
    info = {"base_rate": float(np.mean(is_agn)) if len(is_agn) else None, "calibration": None, "threshold": 0.5}
    try:
        info["calibration"] = fit_calibration(is_agn, p_agn, method=method)
        validation["p_agn"] = apply_calibration(p_agn, info["calibration"])
        info["threshold"] = choose_threshold(is_agn, validation["p_agn"])
    except EvaluationError as exc:
        text = f"p_agn stays uncalibrated, with the threshold {info['threshold']}: {exc}"
        warnings.warn(text, AgnsfWarning, stacklevel=2)
    return info, validation


def measure(is_agn, p_agn, *, threshold):
    """
    Return the metrics of the test galaxies with their intervals.

    Parameters
    ----------
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF.
    p_agn : `~numpy.ndarray`, shape (n,)
        Calibrated.
    threshold : float
        From which on a galaxy is predicted AGN.

    Returns
    -------
    metrics : dict of str to dict
        For ``model.json``; empty if the test has fewer than two classes.
    """
    if len(np.unique(is_agn)) < 2:
        return {}
    return {name: one.as_dict() for name, one in estimate(is_agn, p_agn, threshold=threshold).items()}


def write_validation(validation, folder):
    """
    Write the validation galaxies' classes and probabilities into ``validation.ecsv``.

    Parameters
    ----------
    validation : `~astropy.table.Table`
        Of `calibrate`.
    folder : path-like
        The model folder.
    """
    with replacing(Path(folder) / "validation.ecsv") as part:
        validation.write(part, format="ascii.ecsv", formats={"p_agn": "%.6g"})
