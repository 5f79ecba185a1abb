# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Image files that the user has already."""

import os
import stat
import string
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.columns import AgnsfError, AgnsfWarning, require_columns
from agnsf.images import RECIPES, decode, decode_fits, flux_color, judge_color, north_up, picture_width

__all__ = ["Folder"]

_MAX_BYTES = 512 * 2**20
_JUDGED = 25  # pictures that are looked at to tell their color


class _Pattern(string.Formatter):
    """Fill a pattern from the columns of a row; no attributes and no indices of them."""

    def get_field(self, field_name, args, kwargs):
        return kwargs[field_name], field_name

    def format_field(self, value, format_spec):
        return super().format_field(value, format_spec).strip()


@dataclass(frozen=True)
class Folder(agnsf.ImageSource):
    """
    Image files in a folder: JPEG, PNG or FITS.

    A column ``pixel_scale`` of the table, in arcsec, is taken for the scale of the pictures, which
    do not tell it themselves; measurements in arcsec need it.

    Parameters
    ----------
    path : str, optional
        The folder.
    pattern : str, optional
        Name of a galaxy's file in it, with columns of the table in braces: ``{objid}.jpeg`` or
        ``{plate}/{id:06d}.png``. ``{band}`` stands for one FITS file for each of the ``bands``.
    color : str, optional
        Color recipe of the pictures; ``auto`` takes the table's column ``color``, else judges
        it from the sky of the pictures.
    bands : str, optional
        The bands of FITS files, one letter each; by default those that their headers name.
    zero_point : float or None, optional
        For FITS files without a known unit: the AB magnitude of one count in a pixel.
    """

    path: str = "."
    pattern: str = "{id}.jpeg"
    color: str = "auto"
    bands: str = "rgb"
    zero_point: float | None = None

    name = "folder"
    needs = ()
    connections: ClassVar[int] = min(8, os.cpu_count() or 2)

    def __post_init__(self):
        if self.color not in ("auto", *RECIPES):
            raise AgnsfError(
                f"Image source 'folder' knows no color {self.color!r}; there are auto, {', '.join(RECIPES)}"
            )
        try:
            fields = self._fields
        except ValueError as exc:
            raise AgnsfError(f"Image source 'folder' cannot read the pattern {self.pattern!r}: {exc}") from exc
        if "band" in fields and self.bands == "rgb":
            raise AgnsfError(
                "Image source 'folder' needs the option bands, such as bands=grz, for a pattern with {band}"
            )

    def prepare(self, table):
        """Return the source with its color settled; see `agnsf.ImageSource.prepare`."""
        wanted = [field for field in self._fields if field != "band"]
        require_columns(table, wanted, who=f"Image source 'folder' with the pattern {self.pattern!r}")
        if not Path(self.path).is_dir():
            raise AgnsfError(f"Image source 'folder' finds no folder {self.path!r}; name it by the option path")
        if self.color != "auto":
            return self
        if "color" in table.colnames:
            colors = {str(color) for color in np.ma.compressed(np.ma.asarray(table["color"]))}
            return replace(self, color=colors.pop()) if len(colors) == 1 else self
        color = self._judge(table, wanted)
        return replace(self, color=color) if color else self

    def cutout(self, row, *, size, pixel_scale):
        """Return what the galaxy's file holds, in the file's own size and pixel scale."""
        if "band" in self._fields:
            planes = [self._flux(*self._read({**row, "band": band}), band) for band in self.bands]
            if len({plane.pixels.shape for plane in planes}) > 1:
                raise agnsf.CutoutError("corrupt", "the images in the bands differ in shape")
            pixels = np.concatenate([plane.pixels for plane in planes])
            found = replace(planes[0], pixels=pixels, bands=self.bands, path="")
        else:
            data, path = self._read(row)
            if not data.startswith(b"SIMPLE  ="):
                color = row.get("color") if self.color == "auto" else self.color
                picture = decode(data, at_least=size)
                scale = row.get("pixel_scale")
                if scale is not None:
                    scale = float(scale) * picture_width(data) / picture.shape[1]
                return agnsf.Cutout(picture, pixel_scale=scale, color=str(color or "unknown"), path=path)
            found = self._flux(data, path, "" if self.bands == "rgb" else self.bands)
        return north_up(found, ra=row.get("ra"), dec=row.get("dec"))

    def _flux(self, data, path, bands):
        return replace(decode_fits(data, bands=bands, zero_point=self.zero_point), path=path)

    @cached_property
    def _fields(self):
        return [field for _, field, _, _ in _Pattern().parse(self.pattern) if field is not None]

    def _judge(self, table, wanted):
        """Return the color of the first files that can be read, with a warning; empty if there are none."""
        pictures = []
        for number in range(min(len(table), 20 * _JUDGED)):
            values = {name: table[name][number] for name in wanted}
            row = {name: None if np.ma.is_masked(value) else value for name, value in values.items()}
            try:
                cutout = self.cutout(row, size=64, pixel_scale=1.0)
            except agnsf.CutoutError:
                continue
            if not cutout.is_picture:
                return flux_color(cutout.bands)
            pictures.append(cutout.pixels)
            if len(pictures) == _JUDGED:
                break
        if not pictures:
            return ""
        color = judge_color(pictures)
        warnings.warn(
            f"Image source 'folder' takes the color of the pictures in {self.path!r} to be {color!r}, "
            "by the level of their sky; the option color says otherwise",
            AgnsfWarning,
            stacklevel=4,
        )
        return color

    def _read(self, row):
        """Return the bytes and the path of a row's file."""
        values = {name: row.get(name) for name in self._fields}
        empty = [name for name, value in values.items() if value is None]
        if empty:
            raise agnsf.CutoutError("missing", f"the row has no value in {', '.join(empty)}")
        try:
            name = _Pattern().format(self.pattern, **values)
        except (ValueError, TypeError) as exc:
            raise agnsf.CutoutError("missing", f"the pattern {self.pattern!r} does not fit the row: {exc}") from exc
        relative = PurePath(name)
        if relative.is_absolute() or ".." in relative.parts:
            warnings.warn(
                f"Image source 'folder' does not read {name!r}, which leaves the folder {self.path!r} "
                f"(the row with {', '.join(f'{key} {value!r}' for key, value in values.items())})",
                AgnsfWarning,
                stacklevel=2,
            )
            raise agnsf.CutoutError("missing", f"the file name {name!r} leaves the folder {self.path!r}")
        path = Path(self.path, relative)
        try:
            with open(path, "rb", opener=_open_without_waiting) as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    raise agnsf.CutoutError("missing", f"{path} is not a file")
                if found.st_size > _MAX_BYTES:
                    raise agnsf.CutoutError(
                        "corrupt", f"{path} has {found.st_size} bytes; expected at most {_MAX_BYTES}"
                    )
                return file.read(), str(path)
        except (OSError, ValueError) as exc:
            raise agnsf.CutoutError("missing", f"no file {path} ({getattr(exc, 'strerror', exc)})") from exc


def _open_without_waiting(path, flags):
    """Open a file; a pipe among the images must not make us wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Folder]
