# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts of a whole table in one array: ``cutouts.npy``, ``table.parquet``, ``pack.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table

from agnsf import catalogs
from agnsf.columns import USABLE_STATUSES, AgnsfError

__all__ = ["FORMAT", "Pack", "PackError", "open_pack"]

FORMAT = 1
_JSON_LIMIT = 2**20  # bytes; a pack.json has less than a kB


class PackError(AgnsfError):
    """A pack cannot be made or read."""


@dataclass(frozen=True, eq=False)
class Pack:
    """
    The cutouts of a table, decoded and resized.

    Parameters
    ----------
    images : `~numpy.ndarray`
        One per row of the table: uint8 of shape (n, size, size, 3), or float16 of shape
        (n, band, size, size); often a memory map. Zero where the row has no image.
    table : `~astropy.table.Table`
        The galaxies, with the column ``image_status``.
    recipe : dict
        The image recipe: ``source``, ``options``, ``color``, ``size``, ``field_of_view``,
        ``pixel_scale``.
    """

    images: np.ndarray
    table: Table
    recipe: Mapping[str, Any]

    @property
    def usable(self):
        """True where the row has an image."""
        return np.isin(np.asarray(self.table["image_status"]).astype(str), USABLE_STATUSES)

    @property
    def input(self):
        """``"rgb"`` or ``"flux"``."""
        return "rgb" if self.images.dtype == np.uint8 else "flux"

    @property
    def size(self):
        """Width and height of the images in pixels."""
        return self.images.shape[2]


def _read_header(path):
    if not path.is_file():
        raise PackError(f"{path.parent} is no finished pack: it has no {path.name}; make it with 'agnsf fetch --pack'")
    if path.stat().st_size > _JSON_LIMIT:
        raise PackError(f"{path} is larger than {_JSON_LIMIT} bytes; it is no header of a pack")
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        kind = header["format"]
    except (ValueError, TypeError, KeyError, RecursionError) as exc:
        raise PackError(f"{path} is damaged: {exc!r}; make the pack again") from exc
    if kind != FORMAT:
        raise PackError(f"{path} has the format {kind!r}, this version of agnsf reads {FORMAT}; update agnsf")
    return header


def open_pack(folder):
    """
    Open a pack; its images stay on disk until they are used.

    Parameters
    ----------
    folder : path-like
        Where `agnsf.datasets.pack` wrote it.

    Returns
    -------
    pack : Pack
        With a read-only memory map of the images.

    Raises
    ------
    PackError
        If there is no finished pack, or it is damaged.
    """
    folder = Path(folder)
    header = _read_header(folder / "pack.json")
    table = catalogs.read_table(folder / "table.parquet")
    path = folder / "cutouts.npy"
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as exc:
        raise PackError(f"{path} is damaged: {exc}; make the pack again") from exc
    if list(images.shape) != header.get("shape") or str(images.dtype) != header.get("dtype"):
        raise PackError(f"{path} holds {images.dtype} {images.shape}, not what pack.json says; make the pack again")
    if len(table) != len(images):
        raise PackError(f"{folder} has {len(images)} cutouts for {len(table)} rows; make the pack again")
    return Pack(images, table, header["recipe"])
