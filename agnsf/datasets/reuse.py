# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Learn from a pack that is there already, where it is."""

import numpy as np

from agnsf import catalogs
from agnsf.columns import is_masked, require_columns
from agnsf.datasets.packs import Pack, open_pack
from agnsf.datasets.selections import Selection
from agnsf.image_sources.pack import Pack as PackSource

__all__ = ["original_recipe", "pack_in_place"]


def original_recipe(source):
    """
    Return the image recipe of the pack behind an image source.

    Parameters
    ----------
    source : ImageSource
        Any.

    Returns
    -------
    recipe : dict or None
        None if the source is no pack.
    """
    return dict(open_pack(source.path).recipe) if isinstance(source, PackSource) else None


def pack_in_place(table, source, *, input, size):
    """
    Return the images of a table from a pack, without decoding or copying any.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the column ``pack_row``.
    source : ImageSource
        Any.
    input : {'rgb', 'flux'}
        What the classifier takes.
    size : int
        Width and height of the images that it takes, in pixels.

    Returns
    -------
    pack : Pack or None
        Its images are a `agnsf.datasets.Selection`; None if the source is no pack, or one of
        other images.
    """
    if not isinstance(source, PackSource):
        return None
    require_columns(table, ["pack_row"], who="Image source 'pack'")
    opened = open_pack(source.path)
    if (opened.input, opened.size) != (input, size):
        return None
    rows = np.ma.getdata(np.asarray(table["pack_row"])).astype(np.intp)
    known = ~is_masked(table["pack_row"]) & (rows >= 0) & (rows < len(opened.images))
    rows = np.where(known, rows, 0)
    statuses = np.where(known, np.asarray(opened.table["image_status"]).astype(str)[rows], "missing")
    stage = {"stage": "fetch", "images": dict(opened.recipe)}
    return Pack(
        Selection(opened.images, rows),
        catalogs.add_columns(table, {"image_status": statuses}, stage=stage),
        opened.recipe,
    )
