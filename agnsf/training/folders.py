# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The model folder while it is made: begun, continued, or finished."""

import json
from pathlib import Path

from agnsf.files import replacing
from agnsf.training.options import TrainingError

__all__ = ["begin", "is_finished", "read_plan"]

_PLAN = "training.json"


def is_finished(folder):
    """
    Return whether a model folder is complete.

    Parameters
    ----------
    folder : path-like
        ``model.json`` is written last.
    """
    return (Path(folder) / "model.json").is_file()


def read_plan(folder):
    """
    Return what a training that has begun in a folder is to do.

    Parameters
    ----------
    folder : path-like
        The model folder.

    Returns
    -------
    plan : dict or None
        None if none has begun.

    Raises
    ------
    TrainingError
        If the file is damaged.
    """
    path = Path(folder) / _PLAN
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise TrainingError(f"{path} is damaged ({exc}); remove {folder} and train again") from exc


def begin(folder, plan, *, resume):
    """
    Begin a training in a folder, or see that the one begun there is the same.

    Parameters
    ----------
    folder : path-like
        The model folder; made if it does not exist.
    plan : dict
        What decides the result: table, classifier, options; JSON-able.
    resume : bool
        Whether a training that has begun there may go on.

    Raises
    ------
    TrainingError
        If the folder holds something else, or a training by another plan.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        if not resume:
            raise TrainingError(f"{folder} exists already; choose another folder, or go on with --resume")
        begun = read_plan(folder)
        if begun is None:
            raise TrainingError(f"{folder} holds no training that could go on; choose another folder")
        plan = json.loads(json.dumps(plan))
        differs = [key for key in plan if begun.get(key) != plan[key]]
        if differs:
            found = "; ".join(f"{key}: {begun.get(key)!r} there, {plan[key]!r} now" for key in differs)
            raise TrainingError(f"{folder} holds the training of something else ({found}); choose another folder")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / _PLAN) as part:
            part.write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
