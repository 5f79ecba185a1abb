# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Several classifiers on the same galaxies."""

import functools

import numpy as np

from agnsf.datasets.labels import binary_labels, strings
from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.intervals import compare
from agnsf.evaluation.sample import read_sample

__all__ = ["compare_samples", "read_others"]


def _same_galaxies(first, other, name):
    """Refuse a table whose rows are other galaxies, as far as can be seen."""
    if len(first) != len(other):
        raise EvaluationError(
            f"{name} has {len(other)} rows and the first table {len(first)}: compare tables of the same rows"
        )
    if {"id"} <= set(first.colnames) & set(other.colnames):
        different = strings(first["id"]) != strings(other["id"])
        if different.any():
            raise EvaluationError(
                f"{name} has another id than the first table in {np.count_nonzero(different)} rows, "
                f"first in row {int(np.argmax(different))}: compare tables of the same rows"
            )
    ours, theirs = binary_labels(first), binary_labels(other)
    different = (ours != theirs) & ~(np.isnan(ours) & np.isnan(theirs))
    if different.any():
        raise EvaluationError(
            f"{name} has another label than the first table in {np.count_nonzero(different)} rows, "
            f"first in row {int(np.argmax(different))}: compare tables of the same labels"
        )


def read_others(sample, others, *, composites=None):
    """
    Choose the galaxies of other tables that hold the same rows.

    Parameters
    ----------
    sample : Sample
        The galaxies of the first table.
    others : dict of str to tuple of (`~astropy.table.Table`, float or None)
        The other tables by name, each with the threshold that was in use.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What a composite counts as.

    Returns
    -------
    samples : dict of str to Sample
        By name.

    Raises
    ------
    EvaluationError
        If the rows are not the same galaxies.
    """
    samples = {}
    for name, (table, in_use) in others.items():
        _same_galaxies(sample.table, table, name)
        samples[name] = read_sample(table, composites=composites, in_use=in_use)
    return samples


def compare_samples(name, sample, others, bootstrap):
    """
    Compare classifiers on the galaxies that all of them have a probability for.

    Parameters
    ----------
    name : str
        What to call the first sample.
    sample : Sample
        The first one.
    others : dict of str to Sample
        The other ones, of the same rows.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    found : dict
        ``n``, the number of common galaxies; ``metrics`` by name; and ``difference`` from the
        first by the name of each other one, from resamples in which all see the same galaxies.

    Raises
    ------
    EvaluationError
        If there is no common galaxy.
    """
    samples = {name: sample, **others}
    common = functools.reduce(np.intersect1d, [one.rows for one in samples.values()])
    if not len(common):
        raise EvaluationError("The tables have no evaluated row in common")
    candidates = {}
    for key, one in samples.items():
        candidates[key] = (one.p_agn[np.searchsorted(one.rows, common)], one.threshold)
    at = np.searchsorted(sample.rows, common)
    weights = None if sample.weights is None else sample.weights[at]
    found = compare(sample.is_agn[at], candidates, weights=weights, bootstrap=bootstrap)
    return {
        "n": len(common),
        "metrics": {key: estimates for key, (estimates, _) in found.items()},
        "difference": {key: differences for key, (_, differences) in found.items() if key != name},
    }
