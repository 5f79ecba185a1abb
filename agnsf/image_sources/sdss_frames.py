# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Cutouts made of the calibrated frames of SDSS."""

import bz2
import csv
import io
from functools import lru_cache
from urllib.parse import urlencode

import numpy as np

import agnsf
from agnsf.images import fill_gaps, north_up_wcs, resample

__all__ = ["cutout_from_frames"]

_MAX_BYTES = 64 * 2**20  # of one frame, unpacked; they have 12 MiB
_KEPT = 6  # frames in memory: two fields in three bands, 70 MiB
_MOST_FIELDS = 12
_LONGEST = 30.0  # arcmin that the server looks around


def cutout_from_frames(source, row, *, size, pixel_scale, download):
    """
    Return the flux of one galaxy, from all the frames that cover its cutout.

    Parameters
    ----------
    source : Sdss
        Its addresses, data release and bands.
    row : dict
        With ``ra`` and ``dec`` in degrees.
    size : int
        Width and height in pixels.
    pixel_scale : float
        In arcsec per pixel.
    download : callable
        From a URL to `bytes`.

    Returns
    -------
    cutout : `~agnsf.Cutout`
        Flux in nanomaggies per pixel of the cutout.
    """
    fields = _fields(source, row, size * pixel_scale, download)
    if not fields:
        raise agnsf.CutoutError("outside", "no frame of SDSS covers the position")
    grid = north_up_wcs(row["ra"], row["dec"], size=size, pixel_scale=pixel_scale)
    planes = []
    for band in source.bands:
        frames = [_frame(_frame_url(source, field, band), download) for field in fields]
        planes.append(resample(frames, grid))
    pixels = np.stack(planes)
    if np.isnan(pixels).all():
        raise agnsf.CutoutError("outside", "the frames of SDSS do not reach the position")
    return fill_gaps(agnsf.Cutout(pixels, bands=source.bands, pixel_scale=pixel_scale, wcs=grid))


def _fields(source, row, width, download):
    """
    Return (rerun, run, camcol, field) of the frames that cover a square.

    They are those on which the server has primary objects in the circle around the square, so
    that of the many scans of one stripe only the best is used.
    """
    radius = min(_LONGEST, width / 60 / 2 * np.sqrt(2))
    query = (
        "SELECT DISTINCT p.rerun, p.run, p.camcol, p.field "
        f"FROM fGetNearbyObjEq({row['ra'] % 360:.7f}, {row['dec']:.7f}, {radius:.4f}) AS n "
        "JOIN PhotoPrimary AS p ON p.objID = n.objID"
    )
    address = f"{source.base_url}/dr{source.data_release}/SkyServerWS/SearchTools/SqlSearch"
    url = f"{address}?{urlencode({'cmd': query, 'format': 'csv'})}"
    return _parse_fields(download(url, check=_parse_fields))


def _parse_fields(answer):
    """Return the fields that an answer lists; refuse one that is no list of fields."""
    lines = [line for line in answer.decode("utf-8", "replace").splitlines() if not line.startswith("#")]
    try:
        rows = [tuple(int(value) for value in row) for row in csv.reader(lines[1:])]
    except ValueError:
        rows = None
    if rows is None or lines[:1] != ["rerun,run,camcol,field"] or any(len(row) != 4 for row in rows):
        said = " ".join(" ".join(lines).split())[:100]
        raise agnsf.CutoutError("server_error", f"expected a list of frames, the server answered {said!r}")
    if len(rows) > _MOST_FIELDS:
        raise agnsf.CutoutError("bad_request", f"{len(rows)} frames cover the cutout, more than {_MOST_FIELDS}")
    return rows


def _frame_url(source, field, band):
    rerun, run, camcol, number = field
    release = source.data_release
    survey = "boss" if release <= 12 else "eboss" if release <= 17 else "prior-surveys/sdss4-dr17-eboss"
    folder = f"{source.frames_url}/dr{release}/{survey}/photoObj/frames/{rerun}/{run}/{camcol}"
    return f"{folder}/frame-{band}-{run:06d}-{camcol}-{number:04d}.fits.bz2"


@lru_cache(maxsize=_KEPT)
def _frame(url, download):
    """Return the flux and the WCS of a frame; the last few stay in memory, for the galaxies beside."""
    from astropy.io import fits
    from astropy.wcs import WCS

    try:
        with fits.open(io.BytesIO(_unpacked(download(url, check=_unpacked))), memmap=False) as hdus:
            flux = np.asarray(hdus[0].data, dtype=np.float32)
            wcs = WCS(hdus[0].header, fix=False).celestial
    except (OSError, ValueError, TypeError, IndexError) as exc:
        raise agnsf.CutoutError("corrupt", f"expected a frame of SDSS, found something else: {exc}") from exc
    if flux.ndim != 2:
        raise agnsf.CutoutError("corrupt", f"expected a frame of SDSS, found an image of {flux.ndim} dimensions")
    return flux, wcs


def _unpacked(data):
    """Return the FITS file inside a bz2 file; refuse one that unpacks to more than a frame."""
    try:
        unpacked = bz2.BZ2Decompressor().decompress(data, _MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise agnsf.CutoutError("corrupt", f"expected a frame packed by bzip2, found {data[:12]!r}") from exc
    if len(unpacked) > _MAX_BYTES or not unpacked.startswith(b"SIMPLE  =") or len(unpacked) % 2880:
        raise agnsf.CutoutError("corrupt", f"expected a FITS file of whole blocks, found {len(unpacked)} bytes")
    return unpacked
