# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Checkpoints: ``epoch-003.safetensors`` beside ``epoch-003.json``; never a pickle."""

import hashlib
import json
import re
import warnings
from pathlib import Path

from agnsf.columns import AgnsfWarning
from agnsf.files import replacing

__all__ = ["checkpoint_epochs", "latest_checkpoint", "prune_checkpoints", "read_checkpoint", "write_checkpoint"]

FORMAT = 1
_NAME = re.compile(r"epoch-(\d{3,})\.json")


def _paths(folder, epoch):
    stem = Path(folder) / f"epoch-{epoch:03d}"
    return stem.with_suffix(".safetensors"), stem.with_suffix(".json")


def _digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checkpoint(folder, epoch, tensors, record):
    """
    Write the checkpoint of an epoch; what is there under that name is replaced at once or not at all.

    The JSON file comes last and holds the digest of the other: a checkpoint that is not whole is
    recognized.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist.
    epoch : int
        Epochs that are done.
    tensors : dict of str to `torch.Tensor`
        None of which share memory.
    record : dict
        Everything else; JSON-able.

    Raises
    ------
    OSError
        If the disk is full; the checkpoints before stay, and nothing half-written is left.
    """
    from safetensors.torch import save

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data, head = _paths(folder, epoch)
    try:
        with replacing(head) as head_part, replacing(data) as data_part:  # the inner one gets its name first
            data_part.write_bytes(save(tensors))  # save_file would make it unreadable for anybody else
            full = {"format": FORMAT, "epoch": epoch, "sha256": _digest(data_part), **record}
            head_part.write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")
    except OSError as exc:
        exc.add_note(f"while writing {data}; the checkpoints before it stand: mend it and go on with --resume")
        raise


def read_checkpoint(folder, epoch):
    """
    Read the checkpoint of an epoch.

    Parameters
    ----------
    folder : path-like
        Where the checkpoints are.
    epoch : int
        Which one.

    Returns
    -------
    record : dict
        What `write_checkpoint` was given, with ``format``, ``epoch`` and ``sha256``.
    tensors : dict of str to `torch.Tensor`
        On the CPU.

    Raises
    ------
    ValueError
        If it is not whole.
    """
    from safetensors.torch import load_file

    data, head = _paths(folder, epoch)
    record = json.loads(head.read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise ValueError(f"its format is {record.get('format')!r}, not {FORMAT}")
    if not data.is_file() or _digest(data) != record.get("sha256"):
        raise ValueError(f"{data.name} is not the file that belongs to it")
    return record, load_file(str(data))


def checkpoint_epochs(folder):
    """
    Return the epochs that have a checkpoint.

    Parameters
    ----------
    folder : path-like
        Where the checkpoints are.

    Returns
    -------
    epochs : list of int
        Rising.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return []
    return sorted(int(match[1]) for match in (_NAME.fullmatch(path.name) for path in folder.iterdir()) if match)


def latest_checkpoint(folder):
    """
    Return the last checkpoint that is whole.

    Parameters
    ----------
    folder : path-like
        Where the checkpoints are.

    Returns
    -------
    found : tuple of (record, tensors), or None
        As `read_checkpoint` returns them; None if there is none.

    Warns
    -----
    AgnsfWarning
        For a checkpoint that is not whole; it is left out.
    """
    for epoch in reversed(checkpoint_epochs(folder)):
        try:
            return read_checkpoint(folder, epoch)
        except (ValueError, AttributeError, OSError) as exc:
            text = f"Checkpoint {_paths(folder, epoch)[1]} is not whole ({exc}); the one before is used"
            warnings.warn(text, AgnsfWarning, stacklevel=2)
    return None


def prune_checkpoints(folder, *, keep, best):
    """
    Remove old checkpoints.

    Parameters
    ----------
    folder : path-like
        Where the checkpoints are.
    keep : int or None
        How many of the newest stay; None keeps all.
    best : int or None
        One more epoch that stays.
    """
    epochs = checkpoint_epochs(folder)
    for epoch in epochs[:-keep] if keep else []:
        if epoch != best:
            data, head = _paths(folder, epoch)
            head.unlink()
            data.unlink(missing_ok=True)
