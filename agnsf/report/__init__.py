# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The files of an evaluation or a classification: numbers for machines, one page for readers."""

from agnsf.report.numbers import metrics_table, write_metrics

__all__ = ["metrics_table", "write_metrics"]
