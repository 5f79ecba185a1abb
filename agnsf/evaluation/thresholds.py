# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From which probability on a galaxy counts as AGN, and what each choice costs."""

from dataclasses import dataclass

import numpy as np

from agnsf.evaluation.inputs import EvaluationError, checked, checked_weights

__all__ = ["TradeOff", "choose_threshold", "trade_off"]


@dataclass(frozen=True, eq=False)
class TradeOff:
    """
    What every threshold that makes a difference gives, from the lowest to the highest.

    Parameters
    ----------
    threshold : `~numpy.ndarray` of float64, shape (k,)
        Galaxies with ``p_agn`` at or above it are predicted to be AGN.
    purity : `~numpy.ndarray` of float64, shape (k,)
        Share of AGN (precision) among those; NaN where there are none.
    completeness : `~numpy.ndarray` of float64, shape (k,)
        Share of the AGN (recall) that are among those; NaN where the sample has no AGN.
    purity_sf, completeness_sf : `~numpy.ndarray` of float64, shape (k,)
        The same of SF among the galaxies below the threshold.
    accuracy : `~numpy.ndarray` of float64, shape (k,)
        Share of galaxies whose prediction is right.
    selected : `~numpy.ndarray` of float64, shape (k,)
        How many galaxies are predicted to be AGN; their summed weight where weights are given.
    """

    threshold: np.ndarray
    purity: np.ndarray
    completeness: np.ndarray
    purity_sf: np.ndarray
    completeness_sf: np.ndarray
    accuracy: np.ndarray
    selected: np.ndarray


def _between(scores):
    """Return thresholds in the middle between neighboring scores, 0 below and one above all."""
    middle = scores[:-1] + (scores[1:] - scores[:-1]) / 2
    middle = np.where(middle > scores[:-1], middle, scores[1:])  # neighbors may be one bit apart
    top = scores[-1] + (1 - scores[-1]) / 2
    if not top > scores[-1]:
        top = np.nextafter(scores[-1], 2)
    return np.concatenate([[0.0], middle, [top]])


def trade_off(is_agn, p_agn, *, weights=None):
    """
    Return purity, completeness, accuracy and sample size at every threshold.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        Between 0 and 1.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.

    Returns
    -------
    trade_off : TradeOff
        One threshold below all galaxies, one between any two neighbors of different ``p_agn``
        and one above all.

    Raises
    ------
    EvaluationError
        If the input is wrong or empty.

    Examples
    --------
    >>> from agnsf.evaluation import trade_off
    >>> found = trade_off([0, 1, 1], [0.2, 0.4, 0.8])
    >>> found.threshold.round(2).tolist(), found.accuracy.round(2).tolist()
    ([0.0, 0.3, 0.6, 0.9], [0.67, 1.0, 0.67, 0.33])
    """
    is_agn, p_agn = checked(is_agn, p_agn)
    weights = checked_weights(weights, len(p_agn))
    if not len(p_agn):
        raise EvaluationError("A threshold needs galaxies to choose it on; there are none")
    scores, group = np.unique(p_agn, return_inverse=True)
    agn = np.bincount(group, weights * is_agn)
    sf = np.bincount(group, weights * ~is_agn)
    # What lies at or above each threshold: sums from the top, then the empty selection.
    true_agn = np.append(np.cumsum(agn[::-1])[::-1], 0.0)
    false_agn = np.append(np.cumsum(sf[::-1])[::-1], 0.0)
    selected = true_agn + false_agn
    # And what lies below: sums from the bottom, after the empty selection.
    true_sf, false_sf = (np.insert(np.cumsum(one), 0, 0.0) for one in (sf, agn))
    with np.errstate(invalid="ignore"):
        return TradeOff(
            threshold=_between(scores),
            purity=true_agn / selected,
            completeness=true_agn / true_agn[0],
            purity_sf=true_sf / (true_sf + false_sf),
            completeness_sf=true_sf / true_sf[-1],
            accuracy=(true_agn + (false_agn[0] - false_agn)) / weights.sum(),
            selected=selected,
        )


def choose_threshold(is_agn, p_agn, *, purity=None, completeness=None, of="AGN", weights=None):
    """
    Return the probability from which on a galaxy is to be predicted AGN.

    Without an option it is the threshold of the best accuracy. Choose it on galaxies that are
    neither learned from nor reported on: those whose ``split`` is ``validation``.

    Parameters
    ----------
    is_agn : array-like of bool or of 0 and 1, shape (n,)
        Whether the labeler calls the galaxy AGN.
    p_agn : array-like of float, shape (n,)
        Between 0 and 1.
    purity : float, optional
        Take the most complete selection that is at least so pure.
    completeness : float, optional
        Take the smallest selection that is at least so complete.
    of : {'AGN', 'SF'}, optional
        The class whose purity or completeness that is; SF are those below the threshold.
    weights : array-like of float, shape (n,), optional
        Weight of each galaxy.

    Returns
    -------
    threshold : float
        In the middle between two galaxies; ``p_agn >= threshold`` means AGN. Where several are
        equally accurate, the one nearest to 0.5.

    Raises
    ------
    EvaluationError
        If the input is wrong or empty, both options are given, an option is not in (0, 1], there
        is nothing of the class to select, or no threshold reaches the purity.

    Examples
    --------
    >>> from agnsf.evaluation import choose_threshold
    >>> is_agn, p_agn = [0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.8]
    >>> round(choose_threshold(is_agn, p_agn), 2), round(choose_threshold(is_agn, p_agn, completeness=0.9), 2)
    (0.6, 0.25)
    """
    if of not in ("AGN", "SF"):
        raise EvaluationError(f"A threshold is chosen for the purity or completeness of AGN or SF, not of {of!r}")
    found = trade_off(is_agn, p_agn, weights=weights)
    if purity is not None and completeness is not None:
        raise EvaluationError("A threshold is chosen for a purity or for a completeness, not for both")
    for name, wanted in (("purity", purity), ("completeness", completeness)):
        if wanted is not None and not 0 < wanted <= 1:
            raise EvaluationError(f"The {name} must be above 0 and at most 1, not {wanted}")
    if purity is None and completeness is None:
        best = np.flatnonzero(found.accuracy >= found.accuracy.max() - 1e-12)
        nearest = best[np.argmin(abs(found.threshold[best] - 0.5))]
        return float(found.threshold[nearest])
    if of == "AGN":  # from the largest selection to the empty one
        thresholds, purities, completenesses = found.threshold, found.purity, found.completeness
    else:
        thresholds, purities = found.threshold[::-1], found.purity_sf[::-1]
        completenesses = found.completeness_sf[::-1]
    if not completenesses[0] > 0:
        raise EvaluationError(f"A threshold for a purity or completeness needs {of} to choose it on; there are none")
    if purity is not None:
        pure = np.flatnonzero(purities >= purity)
        if not len(pure):
            reached = np.nanmax(purities)
            raise EvaluationError(f"No threshold reaches the purity {purity} of {of}; the highest is {reached:.3f}")
        return float(thresholds[pure[0]])
    return float(thresholds[np.flatnonzero(completenesses >= completeness)[-1]])
