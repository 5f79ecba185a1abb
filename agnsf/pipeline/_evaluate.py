# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Evaluate: the probabilities against the labels."""

__all__ = ["evaluate"]


def evaluate(
    table,
    *,
    others=None,
    name="p_agn",
    composites=None,
    weight=None,
    questions=None,
    bootstrap=None,
    keep=(),
    columns=None,
    radius_kind=None,
):
    """
    Compare ``p_agn`` with ``label``, where both are known.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns ``label`` and ``p_agn``. Where it has ``split``, thresholds are chosen on its
        validation rows and the metrics are those of its test rows.
    others : dict of str to `~astropy.table.Table`, optional
        Tables of the same rows with the ``p_agn`` of other classifiers, to compare with, by name.
    name : str, optional
        What to call the table itself.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What composites count as; by default what the labeler says, and AGN where it does not.
    weight : str, optional
        Column of weights.
    questions : `~agnsf.evaluation.Questions`, optional
        What to find out beside the metrics: groups, galaxies alike in some columns, baselines.
    bootstrap : `~agnsf.evaluation.Bootstrap`, optional
        Level, number of resamples and seed of the intervals.
    keep : sequence of str, optional
        Columns of ours that the pictures of a report need, beside those of every evaluation.
    columns : dict of str to str, optional
        Names in the tables of columns of ours: ``{"p_agn": "PROB"}``.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.

    Returns
    -------
    evaluation : `~agnsf.evaluation.Evaluation`
        Every metric with its interval. `agnsf.report.write_evaluation` writes its files.

    Raises
    ------
    ColumnError
        If a column is missing.
    EvaluationError
        If no row has both a class and a probability, or the other tables are of other galaxies.

    Examples
    --------
    >>> from astropy.table import Table
    >>> import agnsf
    >>> table = Table({'label': ['SF', 'SF', 'AGN', 'AGN'], 'p_agn': [0.1, 0.6, 0.4, 0.9]})
    >>> agnsf.evaluate(table).metrics['roc_auc'].value
    0.75
    """
    from agnsf.evaluation import Questions, evaluate_table
    from agnsf.evaluation.views import evaluation_view, threshold_in_use

    questions = questions or Questions()
    wanted = (*questions.wanted_columns(), *keep)
    return evaluate_table(
        evaluation_view(table, wanted, columns=columns, radius_kind=radius_kind),
        name=name,
        composites=composites,
        weight=weight,
        in_use=threshold_in_use(table, columns),
        questions=questions,
        others={
            key: (
                evaluation_view(other, wanted, columns=columns, radius_kind=radius_kind),
                threshold_in_use(other, columns),
            )
            for key, other in (others or {}).items()
        },
        bootstrap=bootstrap,
    )
