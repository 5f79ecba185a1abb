# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Everything that could change a bit of the result, to be frozen in ``run.json``."""

from dataclasses import asdict, fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version

from agnsf import catalogs
from agnsf.models import model_hash

__all__ = ["facts_of"]

_PACKAGES = (
    "agnsf",
    "astropy",
    "numpy",
    "photutils",
    "pillow",
    "reproject",
    "scikit-learn",
    "simplejpeg",
    "timm",
    "torch",
)


def _versions():
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def facts_of(task, *, table, compute):
    """
    Return what must be the same for two processes to work at one result.

    Parameters
    ----------
    task : Task
        What is done.
    table : dict
        What tells one table from another, and how it is divided.
    compute : dict or None
        How the network is run.

    Returns
    -------
    facts : dict
        JSON-able; without credentials.
    """
    names = [field.name for field in fields(task.source)] if is_dataclass(task.source) else []
    options = {name: getattr(task.source, name) for name in names if name != "connections"}
    return catalogs.without_credentials(
        {
            "table": table,
            "model": model_hash(task.name),
            "images": {"source": task.source.name, "options": options, **asdict(task.framing)},
            "columns": {**task.columns, "radius_kind": task.radius_kind},
            "decision": task.decision.record(),
            "compute": compute,
            "versions": _versions(),
        }
    )
