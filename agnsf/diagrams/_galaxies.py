# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Which labeler a picture shows, and where its galaxies lie."""

import numpy as np

from agnsf import catalogs
from agnsf.columns import LABELS, AgnsfError, float_values, require_columns
from agnsf.diagrams._axes import DIAGRAMS
from agnsf.labelers.combine import wanted_columns
from agnsf.labelers.counts import plain_labels
from agnsf.plugins import load_labeler

__all__ = ["diagram_labeler", "fits_diagram", "galaxies_of"]


def fits_diagram(diagram, labeler):
    """
    Return whether a labeler uses the axes of a diagram.

    Parameters
    ----------
    diagram : str
        A key of `DIAGRAMS`.
    labeler : `~agnsf.Labeler`
        Any.

    Returns
    -------
    fits : bool
        Whether it uses the ordinate and at least one of the abscissae.
    """
    used = {*getattr(labeler, "ratios", ()), *labeler.requires}
    axes = DIAGRAMS[diagram]
    return axes.ordinate.column in used and any(axis.column in used for axis in axes.abscissae)


def diagram_labeler(diagram, table):
    """
    Return the labeler that a picture of a table shows unless it is told.

    Parameters
    ----------
    diagram : str
        A key of `DIAGRAMS`.
    table : `~astropy.table.Table`
        If `agnsf.label` has labeled it, the first of its labelers that uses the diagram's axes is taken.

    Returns
    -------
    labeler : `~agnsf.Labeler`
        With the options that it had.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.diagrams import diagram_labeler
    >>> diagram_labeler('bpt', Table()).name
    'kewley2001-cut'
    """
    for stage in reversed(catalogs.provenance(table).get("stages", [])):
        for entry in stage.get("labelers", []) if stage.get("stage") == "label" else []:
            labeler = load_labeler(entry["name"], **entry["options"])
            if fits_diagram(diagram, labeler):
                return labeler
    return load_labeler(DIAGRAMS[diagram].labeler)


def galaxies_of(diagram, table, labeler, *, columns=None, catalog=None):
    """
    Return the coordinates and the classes of galaxies.

    Parameters
    ----------
    diagram : str
        A key of `DIAGRAMS`.
    table : `~astropy.table.Table`
        With the columns that the labeler requires.
    labeler : `~agnsf.Labeler`
        The rule.
    columns, catalog : optional
        As in `agnsf.label`.

    Returns
    -------
    at : dict of str to `~numpy.ndarray`
        The coordinates, NaN where there is none, and the redshift where it is known.
    labels : `~numpy.ndarray` of str
        Empty where there is no class.
    classes : list of str
        The labels that occur, in their usual order.

    Raises
    ------
    AgnsfError
        If the labeler does not use the diagram's axes, or nothing has a class.
    """
    axes = DIAGRAMS[diagram]
    if not fits_diagram(diagram, labeler):
        raise AgnsfError(
            f"Labeler {labeler.name!r} does not use the axes of the diagram {diagram!r}; "
            f"take another with --labeler, for example {axes.labeler}"
        )
    view = catalogs.translate(table, wanted_columns([labeler]), columns=columns, catalog=catalog)
    require_columns(view, labeler.requires, who=f"Labeler {labeler.name!r}")
    found = labeler.label(view)
    at = {}
    for name in (*(axis.column for axis in axes.abscissae), axes.ordinate.column, "z"):
        if name in found:
            at[name] = np.ma.filled(found[name], np.nan)
        elif name in view.colnames and name in (*labeler.requires, "z"):
            at[name] = float_values(view, name)
    labels = plain_labels(found["label"])
    classes = [name for name in LABELS if np.any(labels == name)]
    if not classes:
        raise AgnsfError(
            f"Labeler {labeler.name!r} gives none of the {len(table)} galaxies a class; there is nothing to draw"
        )
    return at, labels, classes
