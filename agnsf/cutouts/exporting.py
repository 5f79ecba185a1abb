# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts taken out of the cache, to be kept and to be looked at."""

import os
import shutil
from pathlib import Path, PurePath

import numpy as np

from agnsf.columns import USABLE_STATUSES, AgnsfError
from agnsf.cutouts.engine import iter_cutouts
from agnsf.images import contact_sheet
from agnsf.roles import Cutout

__all__ = ["draw_sheet", "export_files"]

_DRAWN = 64  # cutouts on a sheet


def export_files(paths, names, folder):
    """
    Link the files of cutouts into a folder, each under its galaxy's name.

    Parameters
    ----------
    paths : sequence of str
        The column ``image_path``; masked or empty where there is no file.
    names : sequence
        The galaxies' names, for instance the column ``id``.
    folder : path-like
        Where the links go; it is made if need be. A file is copied where it cannot be linked.

    Returns
    -------
    count : int
        The number of files.

    Raises
    ------
    AgnsfError
        If names occur more than once, or cannot be those of files, or there is no file at all.
    """
    links = {}
    for path, name in zip(paths, names, strict=True):
        if not np.ma.is_masked(path) and path:
            links.setdefault(_file_name(name), []).append(Path(path))
    double = [name for name, same in links.items() if len(same) > 1]
    if double:
        raise AgnsfError(
            f"{len(double)} name(s) occur more than once, such as {double[0]!r}: files need names of their own"
        )
    if not links:
        raise AgnsfError("There are no files to export: the image source makes its cutouts when they are asked for")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, [path] in links.items():
        _link(path, folder / f"{name}{path.suffix}")
    return len(links)


def _file_name(name):
    text = "" if np.ma.is_masked(name) else str(name).strip()
    if not text or text != PurePath(text).name or text.startswith(".") or "\0" in text:
        raise AgnsfError(f"{text!r} cannot be the name of a file; name another column by --id")
    return text


def _link(path, target):
    """Put a file in a place, whole or not at all, whatever is there."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    try:
        os.link(path, partial)
    except OSError:  # another file system, or one without links
        shutil.copyfile(path, partial)
    partial.replace(target)


def draw_sheet(table, source, *, fetched, names=None, framing=None, access=None):
    """
    Return one picture of the first cutouts of a table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, by our column names.
    source : ImageSource
        Where their cutouts come from. Those that it gave before are asked for again, which the
        cutout cache answers.
    fetched : `~astropy.table.Table`
        The same galaxies, with the columns ``image_status`` and ``image_message``.
    names : sequence or None, optional
        What to write below each; by default the number of its row.
    framing : Framing or None, optional
        How they are framed.
    access : Access or None, optional
        How they are asked for.

    Returns
    -------
    sheet : `~PIL.Image.Image`
        Of no more than 64 cutouts.
    """
    count = min(len(table), _DRAWN)
    statuses = [str(status) for status in fetched["image_status"][:count]]
    messages = ["" if np.ma.is_masked(message) else str(message) for message in fetched["image_message"][:count]]
    drawn = [Cutout(None, status=status, message=message) for status, message in zip(statuses, messages, strict=True)]
    usable = [row for row, status in enumerate(statuses) if status in USABLE_STATUSES]
    for place, cutout in iter_cutouts(table[usable], source, framing=framing, access=access):
        drawn[usable[place]] = cutout
    return contact_sheet(drawn, [str(name) for name in (range(count) if names is None else names[:count])])
