# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts that were packed once, by ``agnsf fetch --pack``."""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

import agnsf
from agnsf import catalogs
from agnsf.columns import USABLE_STATUSES, AgnsfError, require_columns

__all__ = ["Pack"]

_MAX_JSON = 2**20  # bytes
_FALLBACK_PIXEL_SCALE = 0.262  # arcsec; of galaxies without a radius, as when the pack was made


@dataclass(frozen=True)
class Pack(agnsf.ImageSource):
    """
    Cutouts of a pack: one array of images that are decoded already.

    The table says by its column ``pack_row`` which image is whose: ``table.parquet`` in the pack
    has it, and so has any selection of its rows.

    Parameters
    ----------
    path : str, optional
        The folder of the pack.
    """

    path: str = "."

    name = "pack"
    needs = ()
    connections: ClassVar[int] = min(4, os.cpu_count() or 2)

    @property
    def color(self):
        """The color recipe with which the pack was made."""
        return _open(self.path).recipe.get("color", "unknown")

    @property
    def bands(self):
        """The bands of the pack, or ``rgb`` for pictures."""
        opened = _open(self.path)
        return "rgb" if opened.images.dtype == np.uint8 else opened.recipe.get("bands", "")

    def prepare(self, table):
        """Open the pack, and see whether the table says which image is whose."""
        _open(self.path)
        require_columns(
            table, ["pack_row"], who=f"Image source 'pack' (take {Path(self.path) / 'table.parquet'}, or a part of it)"
        )
        return self

    def cutout(self, row, *, size, pixel_scale):
        """Return one image of the pack, in the size that it has there."""
        opened, number = _open(self.path), row["pack_row"]
        if number is None or not 0 <= number < len(opened.images):
            raise agnsf.CutoutError("missing", f"the pack has {len(opened.images)} images, and none of number {number}")
        if opened.statuses[number] not in USABLE_STATUSES:
            raise agnsf.CutoutError(opened.statuses[number], opened.messages[number])
        image = opened.images[number]
        return agnsf.Cutout(
            np.array(image, dtype=np.uint8 if image.dtype == np.uint8 else np.float32),
            bands=self.bands,
            pixel_scale=opened.pixel_scale(row.get("radius")),
            color=self.color if image.dtype == np.uint8 else "",
            status=opened.statuses[number],
            message=opened.messages[number],
        )


class _Opened:
    """The images of a pack, as a memory map, with what became of each."""

    def __init__(self, folder):
        try:
            header = (folder / "pack.json").read_bytes()[:_MAX_JSON]
            self.recipe = json.loads(header)["recipe"]
            self.images = np.load(folder / "cutouts.npy", mmap_mode="r", allow_pickle=False)
            table = catalogs.read_table(folder / "table.parquet")
            self.statuses = [str(status) for status in table["image_status"]]
        except (OSError, ValueError, KeyError, TypeError, AgnsfError) as exc:
            raise AgnsfError(
                f"Image source 'pack' finds no finished pack in {folder} ({exc}); make one with 'agnsf fetch --pack', "
                "and name it by the option path"
            ) from exc
        if len(self.statuses) != len(self.images):
            raise AgnsfError(
                f"The pack {folder} has {len(self.images)} images for {len(self.statuses)} rows; make it again"
            )
        messages = table["image_message"] if "image_message" in table.colnames else [""] * len(table)
        self.messages = ["" if np.ma.is_masked(message) else str(message) for message in messages]

    def pixel_scale(self, radius):
        """Return the pixel scale of a galaxy's image, in arcsec; None where it was not recorded."""
        if "size" not in self.recipe:
            return None
        fixed, width = self.recipe.get("pixel_scale"), self.images.shape[2]
        if fixed is None and radius is not None and 0 < radius < np.inf:
            return radius * self.recipe["field_of_view"] / width
        return (fixed or _FALLBACK_PIXEL_SCALE) * self.recipe["size"] / width


@lru_cache(maxsize=8)
def _open_version(path, version):
    return _Opened(Path(path))


def _open(path):
    """Return a pack that is open already, unless it was made again since."""
    try:
        version = Path(path, "pack.json").stat().st_mtime_ns
    except OSError:
        version = None
    return _open_version(path, version)


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Pack]
