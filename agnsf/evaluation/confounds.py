# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What else could explain the result: the host's color, the distance, the survey, the majority."""

import numpy as np

from agnsf.columns import float_values, require_columns
from agnsf.datasets.labels import strings
from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.intervals import compare
from agnsf.evaluation.thresholds import choose_threshold

__all__ = ["NUISANCES", "catalog_baseline", "columns_alone", "majority", "nuisances_alone"]

#: Columns that say how a galaxy was observed and nothing about its nucleus.
NUISANCES = ("z", "radius", "pixel_scale", "sky_noise")

_FOLDS = 5
_PROPER = ("roc_auc", "pr_auc", "brier", "log_loss")
# Below this a straight line is all that the galaxies can teach.
_ENOUGH_FOR_TREES = 2000


def majority(sample, bootstrap):
    """
    Compare with calling every galaxy what most of them are.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    found : dict
        ``class``, ``accuracy`` of the majority class and ``accuracy_gain``, the paired difference.
    """
    weights = np.ones(len(sample.rows)) if sample.weights is None else sample.weights
    agn = bool(np.average(sample.is_agn, weights=weights) >= 0.5)
    found = compare(
        sample.is_agn,
        {"majority": (np.full(len(sample.rows), float(agn)), 0.5), "ours": (sample.p_agn, sample.threshold)},
        weights=sample.weights,
        bootstrap=bootstrap,
        names=("accuracy",),
    )
    return {
        "class": "AGN" if agn else "SF",
        "accuracy": found["majority"][0]["accuracy"],
        "accuracy_gain": found["ours"][1]["accuracy"],
    }


def catalog_baseline(sample, column, bootstrap):
    """
    Compare with the probabilities of another column, as a catalog-only classifier gives them.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    column : str
        Probabilities of AGN. Rows where it is masked are left out of the comparison.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    found : dict
        ``column``, the ``metrics`` of the column, and the ``gain`` of ``p_agn`` over it: paired
        differences. The column's threshold is chosen on the validation rows, as that of ``p_agn`` is.

    Raises
    ------
    ColumnError
        If there is no such column.
    EvaluationError
        If it has no probability in any evaluated row.
    """
    require_columns(sample.table, [column], who="The catalog-only baseline")
    everywhere = float_values(sample.table, column)
    theirs = everywhere[sample.rows]
    known = np.isfinite(theirs)
    if not known.any():
        raise EvaluationError(f"Column {column!r} has no probability in any evaluated row")
    threshold = 0.5
    if sample.validation_rows is not None:
        chosen = np.isfinite(everywhere[sample.validation_rows])
        if chosen.any():
            is_agn, _ = sample.validation
            threshold = choose_threshold(is_agn[chosen], everywhere[sample.validation_rows][chosen])
    found = compare(
        sample.is_agn[known],
        {"theirs": (theirs[known], threshold), "ours": (sample.p_agn[known], sample.threshold)},
        weights=None if sample.weights is None else sample.weights[known],
        bootstrap=bootstrap,
    )
    return {"column": column, "threshold": threshold, "metrics": found["theirs"][0], "gain": found["ours"][1]}


def _features(table, names):
    """Return columns as numbers: text becomes one column of 0 and 1 for each value."""
    parts = []
    for name in names:
        if table[name].dtype.kind in "fiub":
            parts.append(float_values(table, name)[:, None])
        else:
            texts = strings(table[name])
            parts.append(np.equal.outer(texts, np.unique(texts)).astype(float))
    features = np.hstack(parts)
    return features[:, np.isfinite(features).any(axis=0)]


def _learner(n, seed):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if n >= _ENOUGH_FOR_TREES:
        return HistGradientBoostingClassifier(max_iter=100, learning_rate=0.08, random_state=seed)
    return make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=1000)
    )


def columns_alone(sample, names, bootstrap):
    """
    Return how well columns alone tell the classes apart, by cross-validation in five folds.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    names : sequence of str
        Columns of the table.
    bootstrap : Bootstrap
        How to make intervals, and the seed of the folds.

    Returns
    -------
    found : dict or None
        ``columns``, ``learner``, the ``metrics`` of the columns and the ``gain`` of ``p_agn`` over
        them. None where a class has fewer galaxies than there are folds.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    require_columns(sample.table, names, who="Evaluation at fixed columns")
    if min(sample.is_agn.sum(), (~sample.is_agn).sum()) < _FOLDS:
        return None
    features = _features(sample.table[sample.rows], names)
    if not features.shape[1]:
        return None
    learner = _learner(len(features), bootstrap.seed)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=bootstrap.seed)
    theirs = cross_val_predict(learner, features, sample.is_agn, cv=folds, method="predict_proba")[:, 1]
    found = compare(
        sample.is_agn,
        {"theirs": (theirs, 0.5), "ours": (sample.p_agn, 0.5)},
        weights=sample.weights,
        bootstrap=bootstrap,
        names=_PROPER,
    )
    name = "gradient boosting" if len(features) >= _ENOUGH_FOR_TREES else "logistic regression"
    return {"columns": list(names), "learner": name, "metrics": found["theirs"][0], "gain": found["ours"][1]}


def nuisances_alone(sample, bootstrap):
    """
    Return how well the circumstances of observation alone tell the classes apart.

    Parameters
    ----------
    sample : Sample
        The galaxies.
    bootstrap : Bootstrap
        How to make intervals.

    Returns
    -------
    found : dict or None
        As from `columns_alone`, for those of `NUISANCES` that the table has; None if it has none.
    """
    names = [name for name in NUISANCES if name in sample.table.colnames]
    return columns_alone(sample, names, bootstrap) if names else None
