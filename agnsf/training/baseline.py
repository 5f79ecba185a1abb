# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the magnitudes alone tell: the yardstick beside every result from images."""

import numpy as np

from agnsf.columns import float_values
from agnsf.evaluation import EvaluationError, choose_threshold
from agnsf.plugins import load_classifier
from agnsf.training.judging import measure

__all__ = ["catalog_baseline"]

_MAGNITUDES = ("mag_u", "mag_g", "mag_r", "mag_i", "mag_z")


def catalog_baseline(sets):
    """
    Return the metrics of a classifier that sees magnitudes and no image.

    Parameters
    ----------
    sets : dict of str to tuple of (images, table)
        Train, validation and test, with the column ``label``.

    Returns
    -------
    baseline : dict or None
        ``classifier``, ``features``, ``threshold`` and ``metrics`` of the test galaxies; None
        where the table has fewer than two of the columns ``mag_u``, ``mag_g``, ``mag_r``,
        ``mag_i``, ``mag_z``, or too few galaxies.
    """
    (images, table), validation, test = sets["train"], sets["validation"], sets["test"]
    features = tuple(
        name for name in _MAGNITUDES if name in table.colnames and np.isfinite(float_values(table, name)).any()
    )
    if len(features) < 2:
        return None
    fitted = load_classifier("photometric", features=features).fit(images, table)
    try:
        threshold = choose_threshold(validation[1]["label"] == "AGN", fitted.predict(*validation))
    except EvaluationError:
        return None
    is_agn = np.asarray(test[1]["label"] == "AGN")
    metrics = measure(is_agn, fitted.predict(*test) if len(is_agn) else np.zeros(0), threshold=threshold)
    return {"classifier": fitted.name, "features": list(features), "threshold": threshold, "metrics": metrics}
