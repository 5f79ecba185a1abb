# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What ``agnsf label`` prints at its end."""

from itertools import combinations

from agnsf.columns import LINE_FLUXES
from agnsf.labelers.counts import class_counts, cross_table, flag_counts, significant

__all__ = ["summarize"]

_NO_CLASS = "no class"


def _line(counts):
    return ", ".join(f"{count:,} {name or _NO_CLASS}" for name, count in counts.items())


def _one(labeler, columns, table):
    """Return the lines on one labeler."""
    lines = [f"{labeler.name}: {_line(class_counts(columns['label']))}"]
    reasons = flag_counts(columns["label_flag"]) if "label_flag" in columns else {}
    if reasons:
        lines.append(f"  flagged: {', '.join(f'{count:,} {reason}' for reason, count in reasons.items())}")
    fluxes = [name for name in labeler.requires if name in LINE_FLUXES]
    cut = getattr(labeler, "snr", None) is not None
    rows = significant(table, fluxes, snr=3) if fluxes and not cut else None
    if rows is not None:
        lines.append(f"  of these, where all lines have S/N >= 3: {_line(class_counts(columns['label'], rows))}")
    return lines


def _cross(names, first, second):
    """Return the cross-table of two labelers, the classes of the first one downwards."""
    counts = cross_table(first, second)
    down, right = (list(dict.fromkeys(pair[axis] for pair in counts)) for axis in (0, 1))
    right = sorted(right, key=list(class_counts(second)).index)
    rows = [["", *(name or _NO_CLASS for name in right)]]
    rows += [[one or _NO_CLASS, *(f"{counts.get((one, other), 0):,}" for other in right)] for one in down]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    body = ["  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [f"{names[0]} (down) and {names[1]} (across):", *body]


def summarize(labeled, labelers, table):
    """
    Return how many galaxies each labeler put in each class, and how labelers agree.

    Parameters
    ----------
    labeled : `~astropy.table.Table`
        With the columns that the labelers wrote.
    labelers : sequence of `~agnsf.Labeler`
        Those that wrote them, in their order.
    table : `~astropy.table.Table`
        With the line fluxes, and their errors where they exist. For a labeler that
        makes no signal-to-noise cut, the counts at a ratio of 3 are given, too.

    Returns
    -------
    text : str
        A few lines.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.bpt import Kewley2001
    >>> from agnsf.labelers.summary import summarize
    >>> labeled = Table({'label': ['SF', 'AGN', 'AGN'], 'label_flag': [0, 0, 0]})
    >>> summarize(labeled, [Kewley2001()], labeled)
    'kewley2001: 1 SF, 2 AGN'
    """
    names = ("label", "label_flag")
    if len(labelers) == 1:
        own = [{name: labeled[name] for name in names if name in labeled.colnames}]
    else:
        own = [
            {n: labeled[f"{n}_{one.name}"] for n in names if f"{n}_{one.name}" in labeled.colnames} for one in labelers
        ]
    lines = [line for one, columns in zip(labelers, own, strict=True) for line in _one(one, columns, table)]
    for (first, mine), (second, other) in combinations(zip(labelers, own, strict=True), 2):
        lines += _cross((first.name, second.name), mine["label"], other["label"])
    return "\n".join(lines)
