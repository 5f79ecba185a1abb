# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``metrics.json`` and ``metrics.ecsv``."""

import json
from pathlib import Path

from astropy.table import Table

from agnsf import catalogs
from agnsf.files import replacing

__all__ = ["metrics_table", "write_metrics"]

_FIELDS = ("value", "low", "high", "n", "base_rate")


def _estimates(content, path=()):
    """Yield the path and the fields of every estimate in nested dicts and lists."""
    if isinstance(content, dict) and set(_FIELDS) == set(content):
        yield path, content
        return
    if isinstance(content, dict):
        items = content.items()
    elif isinstance(content, list):
        items = enumerate(content)
    else:
        return
    for key, inner in items:
        yield from _estimates(inner, (*path, str(key)))


def metrics_table(content):
    """
    Return every metric as a row of a table.

    Parameters
    ----------
    content : dict
        What ``Evaluation.as_dict`` returned.

    Returns
    -------
    table : `~astropy.table.Table`
        With the columns ``section`` (the names under which ``metrics.json`` has it, joined by
        slashes; ``all`` for the whole sample), ``metric``, ``value``, ``low``, ``high``, ``n`` and
        ``base_rate``; NaN where a number does not exist.
    """
    rows = list(_estimates(content))
    columns = {
        "section": ["/".join(path[:-1]) or "all" for path, _ in rows],
        "metric": [path[-1] for path, _ in rows],
    }
    for name in _FIELDS:
        columns[name] = [float("nan") if fields[name] is None else fields[name] for _, fields in rows]
    return Table(columns, dtype=[str, str, "f8", "f8", "f8", "i8", "f8"])


def write_metrics(content, folder):
    """
    Write ``metrics.json`` and ``metrics.ecsv``.

    Parameters
    ----------
    content : dict
        What ``Evaluation.as_dict`` returned.
    folder : path-like
        Made if it does not exist.

    Returns
    -------
    path : `~pathlib.Path`
        Of ``metrics.json``.

    Raises
    ------
    OSError
        If a file cannot be written; what stood there before still stands.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    catalogs.write_table(metrics_table(content), folder / "metrics.ecsv")
    path = folder / "metrics.json"
    with replacing(path) as scratch:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        scratch.write_text(text + "\n", encoding="utf-8")
    return path
