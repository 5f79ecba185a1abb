# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Coadded images of the Legacy Surveys on a local disk, for those who have them all."""

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

import agnsf
from agnsf.columns import AgnsfError, float_values
from agnsf.images import fill_gaps, flux_color, image_window, north_up_wcs, resample

__all__ = ["Bricks"]

_OPEN = 32  # files that each thread keeps open
_STEP = 0.1  # deg; less than half of a brick, so that no brick under a cutout is passed over
_open_files = threading.local()


@dataclass(frozen=True)
class Bricks(agnsf.ImageSource):
    """
    Cutouts of the Legacy Surveys' coadded images, read from a local disk.

    Parameters
    ----------
    path : str, optional
        The folder that has ``coadd``: one region of a data release, such as ``dr10/south``.
    bands : str, optional
        One letter for each band.
    bricks : str, optional
        The table of bricks, relative to ``path``.
    """

    path: str = "."
    bands: str = "grz"
    bricks: str = "survey-bricks.fits.gz"

    name = "bricks"
    connections: ClassVar[int] = min(8, os.cpu_count() or 2)

    @property
    def color(self):
        """The color recipe that suits the bands."""
        return flux_color(self.bands)

    def prepare(self, table):
        """Read the table of bricks before any cutout is asked for."""
        self._sky()
        return self

    def group(self, table):
        """Return the brick in which each galaxy lies."""
        return self._sky().containing(float_values(table, "ra"), float_values(table, "dec"))

    def cutout(self, row, *, size, pixel_scale):
        """Return the flux of one galaxy, of all the bricks that its cutout touches."""
        grid = north_up_wcs(row["ra"], row["dec"], size=size, pixel_scale=pixel_scale)
        names = self._sky().around(row["ra"], row["dec"], size * pixel_scale / 3600)
        planes = []
        for band in self.bands:
            files = (_open_image(self._file(name, band)) for name in names)
            pieces = [piece for file in files if file is not None if (piece := file.piece(grid)) is not None]
            planes.append(resample(pieces, grid) if pieces else np.full((size, size), np.nan, dtype=np.float32))
        if np.isnan(planes).all():
            raise agnsf.CutoutError("outside", f"no image in {self.path} of the brick(s) {', '.join(names) or 'there'}")
        return fill_gaps(agnsf.Cutout(np.stack(planes), bands=self.bands, pixel_scale=pixel_scale, wcs=grid))

    def _sky(self):
        return _read_bricks(Path(self.path, self.bricks))

    def _file(self, name, band):
        return str(Path(self.path, "coadd", name[:3], name, f"legacysurvey-{name}-image-{band}.fits.fz"))


class _Sky:
    """Which brick lies where: rows of equal declination, ordered by right ascension in each."""

    def __init__(self, names, ra, dec):
        order = np.lexsort((ra, dec))
        self._names, self._ra = names[order], ra[order]
        self._dec, self._start = np.unique(dec[order], return_index=True)
        self._end = np.append(self._start[1:], len(order))

    def containing(self, ra, dec):
        """Return the number of the brick at each place; -1 where there is none south of it."""
        ra, dec = np.broadcast_arrays(np.mod(np.nan_to_num(ra), 360), np.nan_to_num(dec))
        found = np.full(ra.shape, -1)
        rows = np.searchsorted(self._dec, dec, side="right") - 1
        for row in np.unique(rows[rows >= 0]):
            inside = rows == row
            start, end = self._start[row], self._end[row]
            place = np.searchsorted(self._ra[start:end], ra[inside], side="right") - 1
            found[inside] = np.where(place >= 0, start + place, end - 1)
        return found

    def around(self, ra, dec, width):
        """Return the names of all bricks under a square of a width in degrees."""
        steps = np.linspace(-0.5, 0.5, int(np.ceil(width / _STEP)) + 2) * width
        decs = np.clip(dec + steps, -90, 90)
        stretch = 1 / np.maximum(np.cos(np.radians(decs)), 1e-3)
        ras = ra + np.clip(steps[None, :] * stretch[:, None], -180, 180)
        found = np.unique(self.containing(ras, decs[:, None]))
        return [str(name) for name in self._names[found[found >= 0]]]


@lru_cache(maxsize=4)
def _read_bricks(path):
    """Return the bricks of a data release."""
    from astropy.io import fits

    try:
        with fits.open(path) as hdus:
            table = hdus[1].data
            names = np.char.strip(np.asarray(table["BRICKNAME"]).astype(str))
            ra, dec = (np.asarray(table[name], dtype=np.float64) for name in ("RA1", "DEC1"))
    except (OSError, KeyError, IndexError) as exc:
        raise AgnsfError(
            f"Image source 'bricks' cannot read the table of bricks {path} ({exc}); name its folder by the option path"
        ) from exc
    return _Sky(names, ra, dec)


class _Image:
    """One open file, of which no more is unpacked than a cutout needs."""

    def __init__(self, path):
        from astropy.io import fits
        from astropy.wcs import WCS

        self._hdus = fits.open(path, memmap=False)
        try:
            self._image = next(hdu for hdu in self._hdus if hdu.is_image and hdu.header.get("NAXIS", 0) == 2)
            self._wcs = WCS(self._image.header, fix=False).celestial
        except BaseException:
            self._hdus.close()
            raise

    def piece(self, grid):
        """Return the pixels under a grid with their WCS, or None."""
        window = image_window(self._wcs, self._image.shape, grid)
        if window is None:
            return None
        pixels = np.array(self._image.section[window], dtype=np.float32)
        pixels[pixels == 0] = np.nan  # what no exposure covers
        return pixels, self._wcs[window]

    def __del__(self):
        if hasattr(self, "_hdus"):
            self._hdus.close()


def _open_image(path):
    """Return an image that this thread has open, or opens now; None where there is no such file."""
    files = _open_files.__dict__.setdefault("by_path", OrderedDict())
    if path not in files:
        try:
            files[path] = _Image(path)
        except FileNotFoundError:
            files[path] = None
        except (OSError, ValueError, TypeError, StopIteration) as exc:
            raise agnsf.CutoutError(
                "corrupt", f"expected an image of a brick in {path}, found something else: {exc}"
            ) from exc
        while len(files) > _OPEN:
            files.popitem(last=False)
    files.move_to_end(path)
    return files[path]


@agnsf.hookimpl
def register_image_sources():
    """Return the image source."""
    return [Bricks]
