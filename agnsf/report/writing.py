# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Write the files of a report."""

from pathlib import Path

import numpy as np

from agnsf import catalogs
from agnsf.columns import float_values
from agnsf.files import replacing
from agnsf.report.classification_page import classification_context
from agnsf.report.evaluation_page import evaluation_context, trade_off_table
from agnsf.report.explanations import explain
from agnsf.report.numbers import write_metrics
from agnsf.report.page import versions, write_page
from agnsf.report.pictures import chosen_rows, collect_pictures, galleries

__all__ = ["write_classification", "write_evaluation"]


def _sample_pictures(sample, source, framing, access, progress):
    """Return the thumbnails of a sample by place in it."""
    shown = galleries(sample.p_agn, sample.threshold, is_agn=sample.is_agn)
    rows = chosen_rows(shown, len(sample.rows))
    table = sample.table[sample.rows]
    return collect_pictures(table, rows, source, framing=framing, access=access, progress=progress)


def write_evaluation(
    evaluation, folder, *, images=None, framing=None, access=None, model=None, provenance=None, progress=False
):
    """
    Write ``metrics.json``, ``metrics.ecsv``, ``trade_off.ecsv``, ``report.html`` and ``figures/``.

    Parameters
    ----------
    evaluation : Evaluation
        What `agnsf.evaluate` returned.
    folder : path-like
        Made if it does not exist.
    images : ImageSource, optional
        Where cutouts come from; without it there are no pictures.
    framing : Framing, optional
        How they are framed.
    access : Access, optional
        How they are asked for.
    model : `~agnsf.models.Model`, optional
        What to explain; it needs ``images`` too.
    provenance : dict of str to str, optional
        What to tell of the command, the tables and the model.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    path : `~pathlib.Path`
        Of ``report.html``.

    Raises
    ------
    OSError
        If a file cannot be written; what stood there before still stands.
    """
    from agnsf.cutouts import Framing

    folder, framing = Path(folder), framing or Framing()
    pictures = explanation = None
    if images is not None:
        pictures = _sample_pictures(evaluation.sample, images, framing, access, progress)
        if model is not None:
            explanation = explain(evaluation, model, images, framing=framing, access=access)
    content = evaluation.as_dict()
    if explanation is not None:
        content["explanations"] = explanation.as_dict()
    content["provenance"] = {**(provenance or {}), "versions": versions()}
    write_metrics(content, folder)
    catalogs.write_table(trade_off_table(evaluation.sample), folder / "trade_off.ecsv")
    context = evaluation_context(evaluation, pictures=pictures, explanation=explanation, provenance=provenance)
    (folder / "figures").mkdir(exist_ok=True)
    for figure in (*context["drawings"], *context["reasons"]):
        with replacing(folder / "figures" / f"{figure.name}.svg") as scratch:
            scratch.write_text(figure.file_text, encoding="utf-8")
    path = folder / "report.html"
    write_page(path, "evaluation.html", context)
    return path


def write_classification(
    table, path, *, threshold, images=None, framing=None, access=None, provenance=None, progress=False
):
    """
    Write the page of a classification.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The classified galaxies, by our column names (`agnsf.catalogs.translate`): ``p_agn``, and
        whatever of ``id``, ``ra``, ``dec``, ``predicted`` and ``image_status`` there is.
    path : path-like
        The HTML file.
    threshold : float
        The threshold in use.
    images : ImageSource, optional
        Where cutouts come from; without it there are no pictures.
    framing : Framing, optional
        How they are framed.
    access : Access, optional
        How they are asked for.
    provenance : dict of str to str, optional
        What to tell of the command, the table and the model.
    progress : bool, optional
        Whether to show the progress on standard error.

    Raises
    ------
    ColumnError
        If the table has no ``p_agn``.
    OSError
        If the file cannot be written; what stood there before still stands.
    """
    pictures = None
    if images is not None:
        p_agn = float_values(table, "p_agn")
        rows = [row for row in chosen_rows(galleries(p_agn, threshold), len(table)) if np.isfinite(p_agn[row])]
        pictures = collect_pictures(table, rows, images, framing=framing, access=access, progress=progress)
    context = classification_context(table, threshold, pictures=pictures, provenance=provenance)
    write_page(path, "classification.html", context)
