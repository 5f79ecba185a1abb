# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How the finer classes fare: Seyferts, LINERs, and composites apart."""

import math

import numpy as np

from agnsf.datasets.labels import binary_labels, strings
from agnsf.evaluation.intervals import Estimate, estimate
from agnsf.evaluation.metrics import METRICS

__all__ = ["composite_rows", "composites_apart", "subclass_metrics"]


def composite_rows(table):
    """
    Return which galaxies are composites, by ``label`` or by ``subclass``.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``label``, and ``subclass`` where there is one.

    Returns
    -------
    composite : `~numpy.ndarray` of bool, shape (n,)
    """
    found = np.zeros(len(table), dtype=bool)
    for name in {"label", "subclass"} & set(table.colnames):
        found |= np.char.lower(strings(table[name])) == "composite"
    return found


def _share(sample, rows, bootstrap):
    """Return the share of some galaxies that is predicted AGN."""
    weights = np.ones(len(rows)) if sample.weights is None else sample.weights
    n = int(rows.sum())
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0, math.nan)
    value = float(np.average(sample.selected[rows], weights=weights[rows]))
    effective = weights[rows].sum() ** 2 / (weights[rows] ** 2).sum()
    base_rate = float(np.average(sample.is_agn[rows], weights=weights[rows]))
    return Estimate(value, *bootstrap.wilson(value, effective), n, base_rate)


def _against_sf(sample, rows, sf, bootstrap):
    """Return the ROC AUC of some galaxies, counted as AGN, against the SF galaxies."""
    used = rows | sf
    weights = None if sample.weights is None else sample.weights[used]
    return estimate(rows[used], sample.p_agn[used], weights=weights, bootstrap=bootstrap, names=("roc_auc",))["roc_auc"]


def subclass_metrics(sample, bootstrap):
    """
    Return how each subclass is judged.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    metrics : dict of str to dict of str to Estimate
        By the name of the subclass: ``predicted_agn``, the share that is predicted AGN, and
        ``roc_auc_against_sf``, its ranking against all SF galaxies outside it. Empty where the
        table has no subclasses.
    """
    if "subclass" not in sample.table.colnames:
        return {}
    names = strings(sample.column("subclass"))
    found = {}
    for name in sorted(set(names.tolist()) - {""}):
        rows = names == name
        found[name] = {
            "predicted_agn": _share(sample, rows, bootstrap),
            "roc_auc_against_sf": _against_sf(sample, rows, ~sample.is_agn & ~rows, bootstrap),
        }
    return found


def composites_apart(sample, bootstrap):
    """
    Return the metrics without the composites, and how the composites are judged.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    metrics : dict
        ``without`` (every metric), ``predicted_agn`` and ``roc_auc_against_sf`` of the composites.
        Empty where there are none.
    """
    table = sample.table[sample.rows]
    composite = composite_rows(table)
    if not composite.any():
        return {}
    kept = ~composite
    sf = kept & (binary_labels(table) == 0)
    weights = None if sample.weights is None else sample.weights[kept]
    return {
        "without": estimate(
            sample.is_agn[kept],
            sample.p_agn[kept],
            threshold=sample.threshold,
            weights=weights,
            bootstrap=bootstrap,
            names=tuple(METRICS),
        ),
        "predicted_agn": _share(sample, composite, bootstrap),
        "roc_auc_against_sf": _against_sf(sample, composite, sf, bootstrap),
    }
