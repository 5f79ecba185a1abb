# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
Print what ``agnsf evaluate`` found in the conventions of Xu (2023), as rows of a reStructuredText table.

Run it as ``python paper_table.py evaluation/metrics.json``.
"""

import json
import sys
from pathlib import Path

# The paper calls star-forming galaxies positive in its precision and recall.
METRICS = ("accuracy", "purity_sf", "completeness_sf", "f1_sf")
POINTS = (
    "Xu (2023), p_SF > 0.3: AGN where p_agn >= 0.7",
    "Xu (2023), p_agn > 0.3",
    "one half",
    "best accuracy",
    "everything AGN",
)


def cell(estimate):
    """Return a metric with its interval."""
    if estimate["value"] is None:
        return "–"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def rows(content):
    """Yield the lines of the table, a row for each threshold."""
    for name in POINTS:
        metrics = content["thresholds"]["points"][name]["metrics"]
        yield f"    * - {name}"
        for metric in METRICS:
            yield f"      - {cell(metrics[metric])}"
        yield f"      - {cell(content['roc_auc'])}"


if __name__ == "__main__":
    print("\n".join(rows(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
