# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Decode every cutout once, into a pack."""

import json
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from agnsf import catalogs
from agnsf.columns import USABLE_STATUSES
from agnsf.cutouts import Access, Framing, image_recipe, iter_cutouts
from agnsf.datasets.packs import FORMAT, Pack, PackError, open_pack
from agnsf.datasets.reuse import original_recipe
from agnsf.datasets.stores import FileStore, MemoryStore
from agnsf.files import replacing
from agnsf.images import fit_input

__all__ = ["pack"]

_PASSING = ("server_error", "timeout")  # worth another try when a pack is continued


def pack(
    table,
    source,
    *,
    input="rgb",
    size=128,
    color=None,
    framing=None,
    access=None,
    radius_kind=None,
    folder=None,
    progress=False,
):
    """
    Fetch and decode the cutout of every row once, into one array.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, with the columns that the source needs (`agnsf.catalogs.translate`).
    source : ImageSource
        Where the cutouts come from.
    input : {'rgb', 'flux'}, optional
        What the classifier takes: pictures, or flux images.
    size : int, optional
        Width and height in pixels of the images in the pack.
    color : str or None, optional
        The color recipe by which flux becomes a picture; by default the source's own.
    framing : `~agnsf.cutouts.Framing` or None, optional
        Size and field of view to ask the source for.
    access : `~agnsf.cutouts.Access` or None, optional
        Connections and cache.
    radius_kind : str or None, optional
        Kind of the radius that sets the field of view, for the image recipe.
    folder : path-like or None, optional
        Where the pack goes; by default it is kept in memory. An unfinished pack of the same
        table in that folder is continued, and a finished one is opened.
    progress : bool, optional
        Whether to show a progress bar on standard error.

    Returns
    -------
    pack : Pack
        One image per row, in the table's order.

    Raises
    ------
    PackError
        If the folder holds a pack of something else.
    OSError
        If the disk is full; what was written serves the next attempt.
    """
    framing, access = framing or Framing(), access or Access()
    source = source.prepare(table)
    recipe = original_recipe(source) or image_recipe(source, framing, color=color, radius_kind=radius_kind)
    recipe = json.loads(json.dumps(recipe))  # lists for tuples, as the file will say
    planes = len(source.bands) if input == "flux" else 3
    shape = (len(table), planes, size, size) if input == "flux" else (len(table), size, size, 3)
    dtype = np.float16 if input == "flux" else np.uint8
    identity = {
        "recipe": recipe,
        "shape": list(shape),
        "dtype": np.dtype(dtype).name,
        "table_hash": catalogs.table_hash(table, table.colnames),
    }
    if folder is not None and (Path(folder) / "pack.json").exists():
        return _open_same(folder, identity)
    store = MemoryStore(shape, dtype) if folder is None else FileStore(folder, shape, dtype, identity)
    finish = partial(fit_input, input=input, size=size, color=color or source.color)
    with closing(store):
        _fill(store, table, source, framing=framing, access=access, finish=finish, progress=progress)
        images = store.images()
    statuses, messages = (np.array([store.done[row][part] for row in range(len(table))], dtype=str) for part in (0, 1))
    new = {"image_status": statuses, "image_message": np.ma.array(messages, mask=messages == "")}
    if folder is not None:
        new["pack_row"] = np.arange(len(table))  # by which the image source pack finds a galaxy's image
    packed = Pack(images, catalogs.add_columns(table, new, stage={"stage": "fetch", "images": recipe}), recipe)
    if folder is not None:
        _finish(store, packed, identity)
    return packed


def _fill(store, table, source, *, framing, access, finish, progress):
    """Ask for the cutouts of the rows that are not done."""
    settled = {row for row, (status, _) in store.done.items() if status not in _PASSING}
    todo = [row for row in range(len(table)) if row not in settled]
    rest = table if len(todo) == len(table) else table[todo]
    cutouts = iter_cutouts(rest, source, framing=framing, access=access, finish=finish)
    with closing(cutouts), tqdm(total=len(todo), desc="pack", unit="img", disable=None if progress else True) as bar:
        for index, cutout in cutouts:
            usable = cutout.status in USABLE_STATUSES
            store.put(todo[index], cutout.pixels if usable else None, cutout.status, cutout.message)
            bar.update()


def _open_same(folder, identity):
    header = json.loads((Path(folder) / "pack.json").read_text(encoding="utf-8"))
    if header.get("identity") != identity:
        raise PackError(
            f"{folder} holds the pack of another table, image source or size; remove it or choose another folder"
        )
    return open_pack(folder)


def _finish(store, packed, identity):
    catalogs.write_table(packed.table, store.folder / "table.parquet")
    header = {
        "format": FORMAT,
        "shape": list(packed.images.shape),
        "dtype": packed.images.dtype.name,
        "recipe": packed.recipe,
        "identity": identity,
    }
    with replacing(store.folder / "pack.json") as temporary:
        temporary.write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")
    store.finish()
