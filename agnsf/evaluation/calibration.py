# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Turn a classifier's output into probabilities, and move them to another base rate."""

import numpy as np

from agnsf.evaluation.inputs import EvaluationError, checked, logit
from agnsf.evaluation.logistic import fit_line

__all__ = ["CALIBRATION_METHODS", "apply_calibration", "fit_calibration", "shift_prior"]

CALIBRATION_METHODS = ("none", "temperature", "logistic", "isotonic")


def _smoothed(is_agn):
    """Return Platt's targets: the rule of succession keeps few or separate galaxies from certainty."""
    n_agn = np.count_nonzero(is_agn)
    n_sf = len(is_agn) - n_agn
    return np.where(is_agn, (n_agn + 1) / (n_agn + 2), 1 / (n_sf + 2))


def fit_calibration(is_agn, p_agn, *, method="logistic"):
    """
    Return the correction that turns a classifier's output into probabilities.

    Fit it on galaxies that the classifier has not learned from, at their natural base rate.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        The classifier's output, between 0 and 1.
    method : str, optional
        ``"temperature"`` divides the log-odds by one number (Guo et al. 2017, arXiv:1706.04599),
        ``"logistic"`` also adds one (Platt 1999), ``"isotonic"`` takes the best rising step
        function (`sklearn.isotonic.IsotonicRegression`), and ``"none"`` changes nothing.

    Returns
    -------
    calibration : dict
        For `apply_calibration`; fit for JSON. ``base_rate`` is the share of AGN it was fitted at
        and ``n`` the number of galaxies.

    Raises
    ------
    EvaluationError
        If the input is wrong, or only one class is there, or the method is not known.

    Notes
    -----
    The parametric methods are fitted to Platt's targets, (N + 1) / (N + 2) and 1 / (N + 2), and
    the isotonic steps stay within 1 / (n + 2) of 0 and 1, so that no finite number of galaxies
    makes a probability certain.

    Examples
    --------
    >>> from agnsf.evaluation import apply_calibration, fit_calibration
    >>> calibration = fit_calibration([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.8, 0.9], method='temperature')
    >>> round(calibration['temperature'], 2)
    1.59
    >>> apply_calibration([0.9], calibration).round(2).tolist()
    [0.8]
    """
    is_agn, p_agn = checked(is_agn, p_agn)
    if method not in CALIBRATION_METHODS:
        raise EvaluationError(f"No calibration named {method!r}; choose among {', '.join(CALIBRATION_METHODS)}")
    if is_agn.all() or not is_agn.any():
        raise EvaluationError(f"A calibration needs galaxies of both classes; there are {len(is_agn)} of one")
    found = {"method": method, "base_rate": float(is_agn.mean()), "n": len(is_agn)}
    if method == "isotonic":
        return found | _isotonic(is_agn, p_agn)
    if method == "none":
        return found
    with_intercept = method == "logistic"
    slope, offset = fit_line(logit(p_agn), _smoothed(is_agn), np.ones((1, len(is_agn))), intercept=with_intercept)
    if not slope[0] > 0:
        raise EvaluationError(
            f"The calibration {method!r} would turn the order of the galaxies around (slope {slope[0]:.3g}): "
            "the classifier has not learned the classes"
        )
    if with_intercept:
        return found | {"slope": float(slope[0]), "intercept": float(offset[0])}
    return found | {"temperature": float(1 / slope[0])}


def _isotonic(is_agn, p_agn):
    from sklearn.isotonic import IsotonicRegression

    margin = 1 / (len(is_agn) + 2)
    steps = IsotonicRegression(y_min=margin, y_max=1 - margin, out_of_bounds="clip").fit(p_agn, is_agn)
    return {"p_agn": steps.X_thresholds_.tolist(), "calibrated": steps.y_thresholds_.tolist()}


def apply_calibration(p_agn, calibration):
    """
    Return calibrated probabilities.

    Parameters
    ----------
    p_agn : array-like of float, shape (n,)
        The classifier's output, between 0 and 1; NaN stays NaN.
    calibration : dict
        What `fit_calibration` returned.

    Returns
    -------
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Between 0 and 1.

    Raises
    ------
    EvaluationError
        If the method is not known.

    Examples
    --------
    >>> from agnsf.evaluation import apply_calibration
    >>> apply_calibration([0.5], {'method': 'logistic', 'slope': 1.0, 'intercept': 0.0}).tolist()
    [0.5]
    """
    p_agn = np.asarray(p_agn, dtype=np.float64)
    method = calibration.get("method")
    if method == "none":
        return p_agn.copy()
    if method == "isotonic":
        return np.interp(p_agn, calibration["p_agn"], calibration["calibrated"])
    if method == "temperature":
        log_odds = logit(p_agn) / calibration["temperature"]
    elif method == "logistic":
        log_odds = logit(p_agn) * calibration["slope"] + calibration["intercept"]
    else:
        raise EvaluationError(f"No calibration named {method!r}; choose among {', '.join(CALIBRATION_METHODS)}")
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-log_odds))


def shift_prior(p_agn, *, base_rate, prior):
    """
    Return probabilities for a population with another share of AGN.

    By Bayes' theorem the log-odds move by one number (Saerens, Latinne & Decaestecker 2002). That
    holds where only the share differs, and galaxies of one class look the same in both
    populations; it does not mend another depth, another redshift or another image source.

    Parameters
    ----------
    p_agn : array-like of float, shape (n,)
        Calibrated at ``base_rate``; NaN stays NaN.
    base_rate : float
        Share of AGN among the galaxies of the calibration, between 0 and 1.
    prior : float
        Share of AGN in the population at hand, between 0 and 1.

    Returns
    -------
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Between 0 and 1.

    Raises
    ------
    EvaluationError
        If a share is not strictly between 0 and 1.

    Examples
    --------
    >>> from agnsf.evaluation import shift_prior
    >>> shift_prior([0.5], base_rate=0.5, prior=0.1).round(3).tolist()
    [0.1]
    """
    for name, share in (("base_rate", base_rate), ("prior", prior)):
        if not 0 < share < 1:
            raise EvaluationError(f"{name} must lie between 0 and 1, not {share}")
    p_agn = np.asarray(p_agn, dtype=np.float64)
    ratio = prior / (1 - prior) * (1 - base_rate) / base_rate
    return ratio * p_agn / (ratio * p_agn + (1 - p_agn))
