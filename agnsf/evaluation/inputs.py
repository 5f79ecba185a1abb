# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What every function here takes: the classes and the probabilities, checked."""

import numpy as np

from agnsf.columns import AgnsfError

__all__ = ["EvaluationError", "checked", "checked_weights", "logit"]

# The smallest probability that a logit or a logarithm is taken of.
_TINY = 1e-12


class EvaluationError(AgnsfError, ValueError):
    """The galaxies cannot be evaluated as asked."""


def checked(is_agn, p_agn):
    """
    Return the classes as bool and the probabilities as float64, one of each per galaxy.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        Between 0 and 1, none missing.

    Returns
    -------
    is_agn : `~numpy.ndarray` of bool, shape (n,)
    p_agn : `~numpy.ndarray` of float64, shape (n,)

    Raises
    ------
    EvaluationError
        If the shapes differ, a class is neither 0 nor 1, or a probability is not one.
    """
    classes = np.asarray(is_agn)
    p_agn = np.asarray(p_agn, dtype=np.float64)
    if classes.ndim != 1 or classes.shape != p_agn.shape:
        raise EvaluationError(
            f"Classes and probabilities must be lists of one length, not of shapes {classes.shape} and {p_agn.shape}"
        )
    if classes.dtype != bool and not np.isin(classes, (0, 1)).all():
        raise EvaluationError("Every class must be 0 (SF) or 1 (AGN); leave out galaxies that have none")
    wrong = ~((p_agn >= 0) & (p_agn <= 1))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise EvaluationError(
            f"p_agn must be between 0 and 1; {np.count_nonzero(wrong)} are not, the first at {first}: {p_agn[first]}"
        )
    return classes.astype(bool), p_agn


def checked_weights(weights, n):
    """
    Return weights as float64, ones where None is given.

    Parameters
    ----------
    weights : array-like of float, shape (n,), or None
        Not negative, and not all zero.
    n : int
        How many there must be.

    Returns
    -------
    weights : `~numpy.ndarray` of float64, shape (n,)

    Raises
    ------
    EvaluationError
        If they are not weights.
    """
    if weights is None:
        return np.ones(n)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (n,) or not (np.isfinite(weights) & (weights >= 0)).all() or (n and not weights.any()):
        raise EvaluationError(f"Weights must be {n} finite numbers, none negative and not all zero")
    return weights


def logit(p):
    """
    Return the log-odds of probabilities, those closer than 1e-12 to 0 or 1 taken as that.

    Parameters
    ----------
    p : array-like of float
        Between 0 and 1.

    Returns
    -------
    log_odds : `~numpy.ndarray` of float64
        Finite.

    Examples
    --------
    >>> from agnsf.evaluation.inputs import logit
    >>> logit([0.5]).tolist()
    [0.0]
    """
    p = np.clip(np.asarray(p, dtype=np.float64), _TINY, 1 - _TINY)
    return np.log(p) - np.log1p(-p)
