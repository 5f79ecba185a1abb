# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The whole evaluation of one table."""

import math
from dataclasses import dataclass, field

import numpy as np

from agnsf.columns import COLUMNS
from agnsf.evaluation.agreement import reliability
from agnsf.evaluation.comparison import compare_samples, read_others
from agnsf.evaluation.confounds import NUISANCES, catalog_baseline, columns_alone, majority, nuisances_alone
from agnsf.evaluation.groups import cells, column_groups, metrics_by_group, within_auc
from agnsf.evaluation.intervals import Bootstrap, Estimate, estimate
from agnsf.evaluation.operating import operating_points, trade_off_rows
from agnsf.evaluation.sample import Sample, read_sample
from agnsf.evaluation.subclasses import composites_apart, subclass_metrics

__all__ = ["GROUPED_BY", "Evaluation", "Questions", "evaluate_table"]

#: The columns that galaxies are grouped by where nothing else is asked for, and they are there.
GROUPED_BY = ("label_source", "z", "radius", "mag_r")


@dataclass(frozen=True)
class Questions:
    """
    What an evaluation is to find out beside the metrics.

    Parameters
    ----------
    by : tuple of str or None, optional
        Columns in whose groups every metric is given; by default those of ``GROUPED_BY`` that
        the table has.
    match : tuple of str, optional
        Columns at fixed values of which the ROC AUC is given: is it the nucleus, or the host?
    baseline : str or None, optional
        Column of probabilities from a catalog-only classifier, to compare with.
    purity, completeness : float, optional
        What two of the operating points are to reach.
    """

    by: tuple | None = None
    match: tuple = ()
    baseline: str | None = None
    purity: float = 0.9
    completeness: float = 0.9

    def wanted_columns(self):
        """Return the columns of ours that are asked for here, beside those of every evaluation."""
        asked = (*(self.by or ()), *self.match, self.baseline)
        return [name for name in dict.fromkeys((*GROUPED_BY, *NUISANCES, *asked)) if name in COLUMNS]


def _plain(content):
    """Return nested results as what JSON has."""
    if isinstance(content, Estimate):
        return content.as_dict()
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    if isinstance(content, np.generic):
        content = content.item()
    return None if isinstance(content, float) and math.isnan(content) else content


@dataclass(frozen=True, eq=False)
class Evaluation:
    """
    What `agnsf.evaluate` returns.

    Parameters
    ----------
    sample : Sample
        The galaxies that were evaluated.
    metrics : dict of str to Estimate
        Every metric with its interval, by the names of `agnsf.evaluation.METRICS`.
    sections : dict of str to dict
        What else was found out; estimates are `Estimate`.
    name : str
        What to call the table that was evaluated.
    others : dict of str to Sample
        The tables that it was compared with.
    bootstrap : Bootstrap
        How the intervals were made.

    Notes
    -----
    The sections, each empty where nothing was there to find out: ``within`` (ROC AUC of pairs in
    the same group, for each column), ``matched``, ``baselines``, ``calibration``, ``thresholds``,
    ``subclass``, ``composites``, ``by`` and ``comparison``.
    """

    sample: Sample
    metrics: dict
    sections: dict
    name: str = "p_agn"
    others: dict = field(default_factory=dict)
    bootstrap: Bootstrap = field(default_factory=Bootstrap)

    def as_dict(self):
        """Return everything for JSON: the metrics by name, then the sample and the sections."""
        how = {"level": self.bootstrap.level, "resamples": self.bootstrap.resamples, "seed": self.bootstrap.seed}
        return _plain({**self.metrics, "sample": self.sample.as_dict(), "intervals": how, **self.sections})

    def summary(self):
        """Return the headline as one line of text."""
        shown = {"ROC AUC": "roc_auc", "accuracy": "accuracy", "MCC": "mcc"}
        texts = [_said(name, self.metrics[metric]) for name, metric in shown.items()]
        return f"{len(self.sample.rows)} galaxies, {self.metrics['roc_auc'].base_rate:.1%} AGN: {', '.join(texts)}"


def _said(name, one):
    ends = f" ({one.low:.3f} to {one.high:.3f})" if math.isfinite(one.low) else ""
    return f"{name} {one.value:.3f}{ends}" if math.isfinite(one.value) else f"{name} not defined"


def _matched(sample, columns, bootstrap):
    if not columns:
        return {}
    index, bins = cells(sample.table[sample.rows], columns)
    auc = within_auc(sample.is_agn, sample.p_agn, index, weights=sample.weights, bootstrap=bootstrap)
    return {
        "columns": list(columns),
        "bins": bins,
        "roc_auc": auc,
        "columns_alone": columns_alone(sample, columns, bootstrap),
    }


def _baselines(sample, baseline, bootstrap):
    return {
        "majority": majority(sample, bootstrap),
        "catalog": catalog_baseline(sample, baseline, bootstrap) if baseline else None,
        "nuisances": nuisances_alone(sample, bootstrap),
    }


def evaluate_table(
    table, *, name="p_agn", composites=None, weight=None, in_use=None, questions=None, others=None, bootstrap=None
):
    """
    Evaluate a table whose columns have our names.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns ``label`` and ``p_agn``.
    name : str, optional
        What to call it.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What a composite counts as; by default what the labeler says.
    weight : str or None, optional
        Column of weights.
    in_use : float or None, optional
        The threshold at which the table was classified.
    questions : Questions, optional
        What to find out beside the metrics.
    others : dict of str to tuple of (`~astropy.table.Table`, float or None), optional
        Tables of the same rows to compare it with, each with the threshold that was in use.
    bootstrap : Bootstrap, optional
        How to make intervals.

    Returns
    -------
    evaluation : Evaluation
        Of the test rows, where the table has a ``split``.

    Raises
    ------
    ColumnError
        If a column is missing or holds what it must not.
    EvaluationError
        If no row can be evaluated, or the other tables are of other galaxies.
    """
    bootstrap, questions = bootstrap or Bootstrap(), questions or Questions()
    sample = read_sample(table, composites=composites, weight=weight, in_use=in_use)
    rivals = read_others(sample, others or {}, composites=composites)
    metrics = estimate(
        sample.is_agn, sample.p_agn, threshold=sample.threshold, weights=sample.weights, bootstrap=bootstrap
    )
    by = questions.by
    if by is None:
        by = [name for name in GROUPED_BY if name in table.colnames]
    evaluated = table[sample.rows]
    groups = {name: column_groups(evaluated, name) for name in by}
    sections = {
        "within": {
            name: {
                "roc_auc": within_auc(
                    sample.is_agn, sample.p_agn, one.index, weights=sample.weights, bootstrap=bootstrap
                )
            }
            for name, one in groups.items()
        },
        "matched": _matched(sample, questions.match, bootstrap),
        "baselines": _baselines(sample, questions.baseline, bootstrap),
        "calibration": reliability(sample, bootstrap),
        "thresholds": {
            "chosen_on": "validation" if sample.validation else "the evaluated galaxies",
            "points": operating_points(sample, bootstrap, purity=questions.purity, completeness=questions.completeness),
            "trade_off": trade_off_rows(sample),
        },
        "subclass": subclass_metrics(sample, bootstrap),
        "composites": composites_apart(sample, bootstrap),
        "by": {name: metrics_by_group(sample, one, bootstrap) for name, one in groups.items()},
        "comparison": compare_samples(name, sample, rivals, bootstrap) if rivals else {},
    }
    return Evaluation(sample=sample, metrics=metrics, sections=sections, name=name, others=rivals, bootstrap=bootstrap)
