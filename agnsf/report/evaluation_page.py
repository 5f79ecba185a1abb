# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the page of an evaluation shows."""

import math

import numpy as np
from astropy.table import Table

from agnsf import catalogs
from agnsf.datasets.labels import strings
from agnsf.evaluation import METRICS, trade_off
from agnsf.report.figures import evaluation_figures
from agnsf.report.figures.reasons import explanation_figures
from agnsf.report.page import pretty, versions
from agnsf.report.pictures import THUMBNAILS, Pictures, galleries
from agnsf.report.rows import MOST_ROWS, galaxy_rows, names_of, right_or_wrong, viewer_links

__all__ = ["evaluation_context", "pictures_said", "rows_said", "show_galleries", "trade_off_table"]

_FEW = 50
_COMPARED = ("roc_auc", "accuracy", "mcc", "brier")


def rows_said(n):
    """Say how many galaxies the page lists."""
    if n > MOST_ROWS:
        return f"The first {MOST_ROWS:,} of {n:,} galaxies; a page of all of them would be too large for a browser."
    return f"All {n:,} galaxies."


def pictures_said(pictures, n):
    """Say which pictures the page has."""
    if not pictures.source:
        return "No images were asked for; --images shows each galaxy as the image source gives it."
    text = f"Cutouts from the image source {pictures.source}."
    if len(pictures.urls) + pictures.failed < n:
        text += f" The page holds at most {THUMBNAILS} of them: those of the galleries first."
    if pictures.failed:
        text += f" There is no image of {pictures.failed} galaxies."
    return text


def show_galleries(shown, table, p_agn, pictures, *, labels=None, is_agn=None, numbers=None):
    """
    Return the galleries as the template shows them.

    Parameters
    ----------
    shown : dict of str to list of int
        Rows by title (`agnsf.report.pictures.galleries`).
    table : `~astropy.table.Table`
        The galaxies.
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        The probabilities.
    pictures : Pictures
        By row.
    labels : sequence of str, optional
        The labels, where they are known.
    is_agn : `~numpy.ndarray` of bool, shape (n,), optional
        The classes, where they are known.
    numbers : `~numpy.ndarray` of int, shape (n,), optional
        Row of each galaxy in the user's table.

    Returns
    -------
    galleries : dict of str to list of dict
    """
    found = {}
    for title, rows in shown.items():
        some = table[rows]
        names = names_of(some, None if numbers is None else numbers[rows])
        found[title] = [
            {
                "name": name,
                "link": link,
                "picture": pictures.urls.get(row),
                "p_agn": float(p_agn[row]),
                "label": "" if labels is None else labels[row],
                "is_agn": is_agn is not None and bool(is_agn[row]),
            }
            for row, name, link in zip(rows, names, viewer_links(some, pictures.source), strict=True)
        ]
    return found


def trade_off_table(sample):
    """
    Return purity, completeness, accuracy and sample size at every threshold.

    Parameters
    ----------
    sample : Sample
        The galaxies.

    Returns
    -------
    table : `~astropy.table.Table`
        A row for each threshold that makes a difference.
    """
    found = trade_off(sample.is_agn, sample.p_agn, weights=sample.weights)
    return Table(
        {name: getattr(found, name) for name in ("threshold", "purity", "completeness", "accuracy", "selected")}
    )


def _notes(sample):
    notes = list(sample.notes)
    if sample.is_small:
        smaller = min(sample.is_agn.sum(), (~sample.is_agn).sum())
        notes.append(
            f"This is a small sample: the rarer class has {smaller} galaxies. Read the intervals, not the values."
        )
    if sample.validation is None:
        notes.append(
            "There are no validation rows to choose thresholds on: those chosen here flatter the classifier, "
            "since they are reported on the galaxies that they were chosen on."
        )
    return notes


def _sample_said(sample):
    out = "; ".join(f"{count:,} with {reason}" for reason, count in sample.left_out.items())
    return (
        f"{len(sample.rows):,} of {len(sample.table):,} galaxies are evaluated: {sample.is_agn.sum():,} AGN and "
        f"{(~sample.is_agn).sum():,} SF" + (f"; left out: {out}" if out else "") + ". "
        f"The threshold is {sample.threshold:.3f}: {sample.threshold_from}."
    )


def _alone(sections):
    """Return what columns alone reach, by what to call it."""
    found = {}
    if sections["baselines"]["catalog"]:
        found[f"the column {sections['baselines']['catalog']['column']}"] = sections["baselines"]["catalog"]
    matched = sections["matched"].get("columns_alone")
    if matched:
        found[f"{', '.join(matched['columns'])} alone ({matched['learner']}, cross-validated)"] = matched
    nuisances = sections["baselines"]["nuisances"]
    if nuisances:
        found[f"circumstances alone: {', '.join(nuisances['columns'])} ({nuisances['learner']})"] = nuisances
    return found


def _not_asked(sections):
    lines = []
    if not sections["matched"]:
        lines.append("The ROC AUC at fixed host properties was not asked for: --match COLUMN.")
    if not sections["baselines"]["catalog"]:
        lines.append("A catalog-only classifier was not given: --baseline COLUMN.")
    return lines


def evaluation_context(evaluation, *, pictures=None, explanation=None, provenance=None):
    """
    Return what the template of an evaluation shows.

    Parameters
    ----------
    evaluation : Evaluation
        What `agnsf.evaluate` returned.
    pictures : Pictures, optional
        Thumbnails by place in the sample.
    explanation : Explanation, optional
        Why the model says what it says.
    provenance : dict of str to str, optional
        What to tell of the command, the tables and the model.

    Returns
    -------
    context : dict
        For `agnsf.report.page.render`; ``drawings`` and ``reasons`` are lists of `Figure`.
    """
    sample, sections = evaluation.sample, evaluation.sections
    pictures = pictures or Pictures()
    table = sample.table[sample.rows]
    labels = strings(table["label"]).tolist()
    predicted = np.where(sample.selected, "AGN", "SF")
    shown = galleries(sample.p_agn, sample.threshold, is_agn=sample.is_agn)
    columns = {"p_agn": None, "label": None, "predicted": predicted.tolist()}
    columns["verdict"] = right_or_wrong(sample.is_agn, sample.selected)
    columns |= {name: None for name in ("subclass", *sections["by"]) if name in table.colnames and name not in columns}
    content = galaxy_rows(table, columns, source=pictures.source, numbers=sample.rows)
    if pictures.urls:
        content["pictures"] = {str(row): url for row, url in pictures.urls.items()}
    comparison = sections["comparison"]
    jumps = [("headline", "In short"), ("metrics", "Metrics"), ("figures", "Figures"), ("confounds", "Confounds")]
    jumps += [("comparison", "Comparison")] * bool(comparison) + [("thresholds", "Thresholds")]
    grouped = bool(sections["by"] or sections["subclass"] or sections["composites"])
    jumps += [("groups", "Groups")] * grouped + [("pictures", "Pictures"), ("galaxies", "Galaxies")]
    return {
        "title": "Evaluation of AGN Probabilities",
        "subtitle": f"{evaluation.name}: {len(sample.rows):,} galaxies, {sample.is_agn.mean():.0%} AGN",
        "sections": [*jumps, ("provenance", "Provenance")],
        "notes": _notes(sample),
        "level": f"{evaluation.bootstrap.level:.0%}",
        "metrics": evaluation.metrics,
        "meanings": METRICS,
        "sample_said": _sample_said(sample),
        "matched": sections["matched"],
        "within": sections["within"],
        "majority": sections["baselines"]["majority"],
        "alone": _alone(sections),
        "not_asked": _not_asked(sections),
        "calibration": sections["calibration"],
        "comparison": comparison,
        "compared": _COMPARED,
        "first_name": evaluation.name,
        "chosen_on": "the validation rows" if sample.validation else "the evaluated galaxies themselves",
        "points": sections["thresholds"]["points"],
        "trade_off": sections["thresholds"]["trade_off"],
        "by": sections["by"],
        "few": lambda estimate: estimate.n < _FEW or math.isnan(estimate.value),
        "subclasses": sections["subclass"],
        "composites": sections["composites"],
        "drawings": evaluation_figures(evaluation),
        "shown": show_galleries(
            shown, table, sample.p_agn, pictures, labels=labels, is_agn=sample.is_agn, numbers=sample.rows
        ),
        "with_pictures": bool(pictures.source),
        "pictures_said": pictures_said(pictures, len(sample.rows)),
        "explained_said": _explained_said(explanation),
        "reasons": [] if explanation is None else explanation_figures(explanation),
        "galaxies": content,
        "rows_said": rows_said(len(sample.rows)),
        "filters": [("label", "Label"), ("predicted", "Predicted"), ("verdict", "Right or wrong")],
        "provenance": (provenance or {}) | {name: f"version {text}" for name, text in versions().items()},
        "stages": pretty(catalogs.provenance(sample.table).get("stages", []))
        if catalogs.provenance(sample.table)
        else "",
    }


def _explained_said(explanation):
    if explanation is None:
        return "No explanations were asked for; they need --images and --classifier."
    text = (
        "The nucleus (within 0.15 radii) is covered with the median of the ring around it, the disc (to 1 radius) "
        "and the surroundings with that of the image's border. A change below zero means that what was covered speaks "
        "for AGN. A galaxy without its disc is unlike any that the classifier has seen: its change says little."
    )
    return text if explanation.maps else text + " The classifier is no network: it has no Grad-CAM maps."
