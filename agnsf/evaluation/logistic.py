# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Logistic regression on one variable, for many sets of weights at once."""

import numpy as np

__all__ = ["fit_line"]


def fit_line(x, target, weights, *, start=(1.0, 0.0), intercept=True, steps=50):
    """
    Return the slope and intercept that maximize the likelihood of classes given log-odds.

    Newton's method, run for all rows of ``weights`` together.

    Parameters
    ----------
    x : `~numpy.ndarray` of float64, shape (n,)
        The log-odds.
    target : `~numpy.ndarray` of float64, shape (n,)
        The classes 0 and 1, or probabilities of class 1.
    weights : `~numpy.ndarray` of float64, shape (b, n)
        A row for each fit.
    start : tuple of float, optional
        Slope and intercept to start from.
    intercept : bool, optional
        Whether the intercept may differ from zero.
    steps : int, optional
        Fits that have not converged after so many are given up.

    Returns
    -------
    slope, intercept : `~numpy.ndarray` of float64, shape (b,)
        NaN where the maximum does not exist, as when the classes do not overlap.
    """
    slope = np.full(len(weights), float(start[0]))
    offset = np.full(len(weights), float(start[1]) if intercept else 0.0)
    settled = np.zeros(len(weights), dtype=bool)
    for _ in range(steps):
        todo = np.flatnonzero(~settled & np.isfinite(slope))
        if not len(todo):
            break
        w = weights if len(todo) == len(weights) else weights[todo]
        step_slope, step_offset = _newton_step(x, target, w, slope[todo], offset[todo], intercept)
        slope[todo] += step_slope
        offset[todo] += step_offset
        settled[todo] = np.maximum(abs(step_slope), abs(step_offset)) < 1e-9 * (1 + abs(slope[todo]))
        # Beyond this the classes are separated: the likelihood has no maximum.
        slope[todo[abs(slope[todo]) > 1e4]] = np.nan
    slope[~settled] = np.nan
    return slope, np.where(np.isfinite(slope), offset, np.nan)


def _newton_step(x, target, weights, slope, offset, intercept):
    p = slope[:, None] * x
    p += offset[:, None]
    np.negative(p, out=p)
    with np.errstate(over="ignore"):
        np.exp(p, out=p)
    p += 1
    np.reciprocal(p, out=p)
    residual = weights * (target - p)
    gradient_slope, gradient_offset = residual @ x, residual.sum(axis=1)
    p *= 1 - p
    p *= weights
    curve_xx, curve_x, curve = p @ (x * x), p @ x, p.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if not intercept:
            return gradient_slope / curve_xx, np.zeros_like(slope)
        determinant = curve_xx * curve - curve_x**2
        return (
            (curve * gradient_slope - curve_x * gradient_offset) / determinant,
            (curve_xx * gradient_offset - curve_x * gradient_slope) / determinant,
        )
