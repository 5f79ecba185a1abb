# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The files of an evaluation or a classification: numbers for machines, one page for readers."""

from agnsf.report.numbers import metrics_table, write_metrics
from agnsf.report.pictures import Pictures, collect_pictures
from agnsf.report.writing import write_classification, write_evaluation

__all__ = [
    "Pictures",
    "collect_pictures",
    "metrics_table",
    "write_classification",
    "write_evaluation",
    "write_metrics",
]
