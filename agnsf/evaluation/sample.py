# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Which galaxies of a table are evaluated, and at which threshold."""

from dataclasses import dataclass, field

import numpy as np
from astropy.table import Table

from agnsf.columns import SPLITS, ColumnError, float_values, require_columns
from agnsf.datasets.labels import binary_labels, strings
from agnsf.evaluation.inputs import EvaluationError
from agnsf.evaluation.thresholds import choose_threshold

__all__ = ["Sample", "read_sample"]

# With fewer galaxies in the rarer class than this, a metric says little.
_SMALL = 30


@dataclass(frozen=True, eq=False)
class Sample:
    """
    The galaxies that are evaluated, and how they were chosen.

    Parameters
    ----------
    table : `~astropy.table.Table`
        All the rows, in our names and units.
    rows : `~numpy.ndarray` of int, shape (n,)
        Which of them are evaluated.
    is_agn : `~numpy.ndarray` of bool, shape (n,)
        Their classes.
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Their probabilities.
    weights : `~numpy.ndarray` of float64, shape (n,), or None
        Their weights.
    validation_rows : `~numpy.ndarray` of int or None
        The rows on which thresholds are chosen; None where the table has none.
    validation : tuple of (is_agn, p_agn) or None
        Their classes and probabilities.
    threshold : float
        Galaxies with ``p_agn`` at or above it are predicted AGN.
    threshold_from : str
        Where the threshold comes from, for the reader.
    left_out : dict of str to int
        How many rows are not evaluated, by reason.
    notes : tuple of str
        What a reader must know of the sample.
    """

    table: Table
    rows: np.ndarray
    is_agn: np.ndarray
    p_agn: np.ndarray
    weights: np.ndarray | None
    validation_rows: np.ndarray | None
    validation: tuple | None
    threshold: float
    threshold_from: str
    left_out: dict = field(default_factory=dict)
    notes: tuple = ()

    @property
    def selected(self):
        """Which of the evaluated galaxies are predicted AGN."""
        return self.p_agn >= self.threshold

    @property
    def is_small(self):
        """Whether the rarer class has too few galaxies for firm numbers."""
        return min(self.is_agn.sum(), (~self.is_agn).sum()) < _SMALL

    def column(self, name):
        """Return a column of the evaluated rows."""
        require_columns(self.table, [name], who="Evaluation")
        return self.table[name][self.rows]

    def as_dict(self):
        """Return the numbers for JSON."""
        return {
            "rows": len(self.table),
            "evaluated": len(self.rows),
            "agn": int(self.is_agn.sum()),
            "sf": int((~self.is_agn).sum()),
            "left_out": self.left_out,
            "threshold": self.threshold,
            "threshold_from": self.threshold_from,
            "small": bool(self.is_small),
            "notes": list(self.notes),
        }


def _probabilities(table):
    p_agn = float_values(table, "p_agn")
    wrong = (p_agn < 0) | (p_agn > 1)
    if wrong.any():
        raise ColumnError(
            f"Column 'p_agn' must be between 0 and 1; {np.count_nonzero(wrong)} rows are not, "
            f"first row {int(np.argmax(wrong))}: {p_agn[wrong][0]}"
        )
    return p_agn


def _parts(table):
    """Return the part of each row, and which part is evaluated."""
    if "split" not in table.colnames:
        return (
            np.full(len(table), "test"),
            "test",
            ("The table has no column split: all its labeled rows are evaluated.",),
        )
    parts = strings(table["split"])
    strange = sorted(set(parts.tolist()) - {*SPLITS, ""})
    if strange:
        raise ColumnError(f"Column 'split' must hold {', '.join(SPLITS)}; found {', '.join(map(repr, strange))}")
    for part in ("test", "validation"):
        if (parts == part).any() or not len(parts):
            notes = () if part == "test" else ("No row has split test: the validation rows are evaluated.",)
            return parts, part, notes
    raise EvaluationError("Every row that has a split is for training: there is nothing left to evaluate on")


def _threshold(validation, in_use):
    """Return the threshold of the headline, and where it comes from."""
    if in_use is not None:
        return float(in_use), "the one that was in use when the table was classified"
    if validation is not None:
        return choose_threshold(*validation), "best accuracy on the validation rows"
    return 0.5, "not chosen: the table has no validation rows and names none"


def read_sample(table, *, composites=None, weight=None, in_use=None):
    """
    Choose the galaxies to evaluate.

    They are the rows that have a class and a ``p_agn``; where the table has a column ``split``,
    those of ``test``.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns ``label`` and ``p_agn``, in our names.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What a composite counts as (`agnsf.datasets.binary_labels`).
    weight : str or None, optional
        Column of weights. Rows whose weight is missing or zero are left out.
    in_use : float or None, optional
        The threshold at which the table was classified.

    Returns
    -------
    sample : Sample
        At least one galaxy.

    Raises
    ------
    ColumnError
        If a column is missing or holds what it must not.
    EvaluationError
        If no row can be evaluated.
    """
    require_columns(table, ["label", "p_agn"], who="Evaluation")
    is_agn, p_agn = binary_labels(table, composites=composites), _probabilities(table)
    weights = np.ones(len(table)) if weight is None else _weights(table, weight)
    parts, evaluated, notes = _parts(table)
    no_label, no_p = np.isnan(is_agn), np.isnan(p_agn)
    reasons = {
        "no class": no_label,
        "no p_agn": ~no_label & no_p,
        "no weight": ~no_label & ~no_p & ~(weights > 0),
    }
    usable = ~(no_label | no_p) & (weights > 0)
    for part in (*SPLITS, ""):
        if part != evaluated:
            reasons[f"split {part}" if part else "no split"] = usable & (parts == part)
    left_out = {reason: int(rows.sum()) for reason, rows in reasons.items() if rows.any()}
    rows = np.flatnonzero(usable & (parts == evaluated))
    if not len(rows):
        why = ", ".join(f"{count} with {reason}" for reason, count in left_out.items()) or "it is empty"
        raise EvaluationError(f"No row of the table can be evaluated: {why}")
    chosen = np.flatnonzero(usable & (parts == "validation") & (evaluated == "test"))
    chosen = chosen if len(chosen) else None
    validation = None if chosen is None else (is_agn[chosen] == 1, p_agn[chosen])
    threshold, threshold_from = _threshold(validation, in_use)
    return Sample(
        table=table,
        rows=rows,
        is_agn=is_agn[rows] == 1,
        p_agn=p_agn[rows],
        weights=None if weight is None else weights[rows],
        validation_rows=chosen,
        validation=validation,
        threshold=threshold,
        threshold_from=threshold_from,
        left_out=left_out,
        notes=notes,
    )


def _weights(table, name):
    require_columns(table, [name], who="Evaluation")
    weights = float_values(table, name)
    if (weights < 0).any() or np.isinf(weights).any():
        raise ColumnError(f"Column {name!r} holds weights: they must be finite and not negative")
    return np.nan_to_num(weights)
