# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The figures of a report, as SVG whose ink is that of the page."""

import numpy as np

from agnsf.columns import float_values
from agnsf.evaluation.groups import column_groups
from agnsf.report.figures.curves import purity_curve, roc_curve
from agnsf.report.figures.predictions import confusion, distribution, reliability_diagram
from agnsf.report.figures.style import Figure
from agnsf.report.figures.trends import line_plane, trend

__all__ = ["Figure", "classification_figures", "evaluation_figures"]


def evaluation_figures(evaluation):
    """
    Draw the figures of an evaluation.

    Parameters
    ----------
    evaluation : Evaluation
        What `agnsf.evaluate` returned.

    Returns
    -------
    figures : list of Figure
        Those that the galaxies allow: a ROC curve needs both classes.
    """
    sample, made = evaluation.sample, []
    if sample.is_agn.any() and not sample.is_agn.all():
        roc_curve(evaluation, made)
        purity_curve(evaluation, made)
    confusion(evaluation, made)
    reliability_diagram(evaluation, made)
    distribution(sample.p_agn, sample.threshold, made, is_agn=sample.is_agn)
    table = sample.table[sample.rows]
    line_plane(table, sample.p_agn, made)
    for column, metrics in evaluation.sections["by"].items():
        trend(column, metrics, _middles(table, column), evaluation.bootstrap.level, made)
    return made


def _middles(table, column):
    """Return the median of a column in each of its bins; nothing where it is not cut into bins."""
    groups = column_groups(table, column)
    if not groups.edges:
        return []
    values = float_values(table, column)
    return [float(np.median(values[groups.index == number])) for number in range(len(groups.edges) - 1)]


def classification_figures(table, p_agn, threshold):
    """
    Draw the figures of a classification, where there are no classes to compare with.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies.
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        NaN where there is none.
    threshold : float
        The threshold in use.

    Returns
    -------
    figures : list of Figure
        Empty if no galaxy has a probability.
    """
    made, known = [], np.isfinite(p_agn)
    if known.any():
        distribution(p_agn[known], threshold, made)
        line_plane(table[known], p_agn[known], made)
    return made
