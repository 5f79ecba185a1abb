# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The columns that tell how a fetch went."""

import numpy as np
from tqdm import tqdm

from agnsf.cutouts.engine import iter_cutouts

__all__ = ["fetch_all"]


def fetch_all(table, source, *, framing=None, access=None, progress=False):
    """
    Ask for every cutout, keep none in memory, and return what becomes of each.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, by our column names.
    source : ImageSource
        Where the cutouts come from.
    framing : Framing or None, optional
        How they are framed.
    access : Access or None, optional
        How they are asked for.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    columns : dict of str to `~numpy.ma.MaskedArray`, each of shape (n,)
        ``image_status``, ``image_path`` and ``image_message``.
    """
    found = {name: [""] * len(table) for name in ("status", "path", "message")}
    cutouts = iter_cutouts(table, source, framing=framing, access=access)
    for row, cutout in tqdm(cutouts, total=len(table), unit="galaxy", disable=None if progress else True):
        for name, values in found.items():
            values[row] = getattr(cutout, name)
    return {f"image_{name}": _masked_where_empty(values) for name, values in found.items()}


def _masked_where_empty(values):
    return np.ma.array(values, dtype=str, mask=[not value for value in values])
