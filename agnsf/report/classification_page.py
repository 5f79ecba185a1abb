# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the page of a classification shows, where there are no labels to compare with."""

import numpy as np

from agnsf import catalogs
from agnsf.columns import float_values, require_columns
from agnsf.datasets.labels import strings
from agnsf.report.evaluation_page import pictures_said, rows_said, show_galleries
from agnsf.report.figures import classification_figures
from agnsf.report.page import pretty, versions
from agnsf.report.pictures import Pictures, galleries
from agnsf.report.rows import galaxy_rows

__all__ = ["classification_context"]

_SHOWN = ("p_agn", "p_agn_std", "predicted", "image_status", "p_lines", "novelty", "unfamiliar", "z")


def _counts(table, p_agn, threshold):
    """Return the cards of the headline: name, value, and what else to say."""
    known = np.isfinite(p_agn)
    selected = known & (p_agn >= threshold)
    found = [
        ("galaxies", f"{len(table):,}", f"{np.count_nonzero(~known):,} without p_agn"),
        ("predicted AGN", f"{selected.sum():,}", f"at or above {threshold:.3f}"),
        ("predicted SF", f"{(known & ~selected).sum():,}", f"below {threshold:.3f}"),
    ]
    if known.any():
        found.append(("sum of p_agn", f"{p_agn[known].sum():,.1f}", "AGN to be expected, if calibrated"))
    if "unfamiliar" in table.colnames:
        strange = float_values(table, "unfamiliar") == 1
        found.append(("unfamiliar", f"{strange.sum():,}", "unlike what the classifier was trained on"))
    return found


def classification_context(table, threshold, *, pictures=None, provenance=None):
    """
    Return what the template of a classification shows.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The classified galaxies, in our names.
    threshold : float
        The threshold in use.
    pictures : Pictures, optional
        Thumbnails by row.
    provenance : dict of str to str, optional
        What to tell of the command, the table and the model.

    Returns
    -------
    context : dict
        For `agnsf.report.page.render`.

    Raises
    ------
    ColumnError
        If the table has no ``p_agn``.
    """
    require_columns(table, ["p_agn"], who="The report of a classification")
    pictures = pictures or Pictures()
    p_agn = float_values(table, "p_agn")
    columns = {name: None for name in _SHOWN if name in table.colnames}
    content = galaxy_rows(table, columns, source=pictures.source)
    if pictures.urls:
        content["pictures"] = {str(row): url for row, url in pictures.urls.items()}
    drawings = classification_figures(table, p_agn, threshold)
    statuses = {}
    if "image_status" in table.colnames:
        names, counts = np.unique(strings(table["image_status"]), return_counts=True)
        statuses = dict(sorted(zip(names.tolist(), counts.tolist(), strict=True), key=lambda one: -one[1]))
    stages = catalogs.provenance(table).get("stages", [])
    jumps = [("headline", "In short")] + [("figures", "Figures")] * bool(drawings)
    filters = [
        (name, title) for name, title in (("predicted", "Predicted"), ("image_status", "Image")) if name in columns
    ]
    return {
        "title": "Classification of Galaxies",
        "subtitle": f"{len(table):,} galaxies; {np.isfinite(p_agn).sum():,} have a p_agn",
        "sections": [*jumps, ("pictures", "Pictures"), ("galaxies", "Galaxies"), ("provenance", "Provenance")],
        "notes": [
            "p_agn is the probability that the labeler of the training sample would call the galaxy AGN, given its "
            "image and provided that its lines can be measured. It is not the probability of a black hole."
        ],
        "counts": _counts(table, p_agn, threshold),
        "statuses": statuses,
        "drawings": drawings,
        "shown": show_galleries(galleries(p_agn, threshold), table, p_agn, pictures, numbers=np.arange(len(table))),
        "with_pictures": bool(pictures.source),
        "pictures_said": pictures_said(pictures, len(table)),
        "galaxies": content,
        "rows_said": rows_said(len(table)),
        "filters": filters,
        "provenance": (provenance or {}) | {name: f"version {text}" for name, text in versions().items()},
        "stages": pretty(stages) if stages else "",
    }
