# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""FITS: what Astropy's reader and writer do, plus masked booleans, small integers and memory-mapped rows."""

import gzip
import shutil
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from astropy.io import fits
from astropy.io.fits.verify import VerifyError, VerifyWarning
from astropy.table import Column, MaskedColumn, Table
from astropy.units import UnitsWarning
from astropy.utils.exceptions import AstropyUserWarning

from agnsf.catalogs._blocks import blocks, slices
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._row_matched import companions, matched_hdus
from agnsf.catalogs._values import blank, free_integer, normalize, storable_unit, with_values
from agnsf.columns import AgnsfWarning

__all__ = ["chunks", "read", "row_count", "write"]


@contextmanager
def _open(path):
    """Open a file and its row-matched companions; give the tables whose rows stand side by side."""
    with ExitStack() as stack:
        hdus = []
        for one in (path, *companions(path)):
            try:
                opened = stack.enter_context(fits.open(one, memmap=True, character_as_bytes=True))
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", "File may have been truncated", AstropyUserWarning)
                    hdus += matched_hdus(opened, one)
            except (OSError, EOFError) as exc:
                raise TableFileError(f"{str(one)!r} is not a FITS file that can be read: {exc}") from exc
        _check_complete(hdus)
        yield hdus


def _check_complete(hdus):
    """Raise `TableFileError` if a file ends before its rows do."""
    for hdu in hdus:
        name, rows = hdu.fileinfo()["file"].name, hdu.header["NAXIS2"]
        end = hdu.fileinfo()["datLoc"] + hdu.header["NAXIS1"] * rows + hdu.header["PCOUNT"]
        if not str(name).lower().endswith(".gz") and Path(name).stat().st_size < end:
            raise TableFileError(f"{str(name)!r} is truncated: it ends before the last of its {rows} rows")
        if rows != hdus[0].header["NAXIS2"]:
            first = hdus[0].fileinfo()["file"].name
            raise TableFileError(
                f"{str(name)!r} has {rows} rows, but {first!r} has {hdus[0].header['NAXIS2']}; they go by rows"
            )


def _part(hdu, start, stop):
    """
    Return some rows of a table as an extension of its own, in memory.

    They come through a memory map of these rows alone: one of the whole table would keep every page
    that was read, and Astropy would copy all of its columns when it lets go of them.
    """
    file = hdu.fileinfo()["file"]
    heap = any(column.format.lstrip("0123456789")[0] in "PQ" for column in hdu.columns)
    if heap or file.compression or not isinstance(hdu, fits.BinTableHDU):
        return type(hdu)(hdu.data[start:stop], hdu.header)
    header = hdu.header.copy()
    header["NAXIS2"] = stop - start
    size, offset = header["NAXIS1"] * (stop - start), hdu.fileinfo()["datLoc"] + header["NAXIS1"] * start
    rows = np.memmap(file.name, np.uint8, "r", offset, (size,)) if size else b""
    content = b"".join([header.tostring().encode("ascii"), rows])
    return fits.BinTableHDU.fromstring(content, uint=True, character_as_bytes=True)


def _rows(hdu, start, stop):
    part = _part(hdu, start, stop)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnitsWarning)  # of units that are only carried along
        warnings.filterwarnings("ignore", ".*contains NULL", AstropyUserWarning)  # which are masked below
        try:
            times = any(key.startswith("TCTYP") for key in hdu.header)
            table = Table.read(part, format="fits", mask_invalid=False, astropy_native=times)
        except (ValueError, TypeError, KeyError) as exc:
            raise TableFileError(f"Extension {hdu.name!r} of a FITS file cannot be read as a table: {exc}") from exc
    for key, value in list(table.meta.items()):
        if key in ("CHECKSUM", "DATASUM"):  # of this file, not of the next
            del table.meta[key]
        elif isinstance(value, fits.card.Undefined):
            table.meta[key] = None
    for column in part.columns:
        if column.format.lstrip("0123456789") == "L" and column.name in table.colnames:
            null = part.data.view(np.ndarray)[column.name] == 0  # neither true nor false
            if null.any():
                table[column.name] = MaskedColumn(table[column.name], mask=null)
    return normalize(table)


def _side_by_side(hdus, start, stop):
    first = _rows(hdus[0], start, stop)
    for hdu in hdus[1:]:
        other = _rows(hdu, start, stop)
        for name in other.colnames:
            if name not in first.colnames:
                first.add_column(other[name], copy=False)
    return first


def read(path):
    """Return the table of a FITS file."""
    with _open(path) as hdus:
        return _side_by_side(hdus, 0, hdus[0].header["NAXIS2"])


def row_count(path):
    """Return the number of rows without reading them."""
    with _open(path) as hdus:
        return hdus[0].header["NAXIS2"]


def chunks(path, rows, numbers=None):
    """Yield the table a few rows at a time, through a memory map."""
    with _open(path) as hdus:
        for start, stop, starts in blocks(hdus[0].header["NAXIS2"], rows, numbers):
            yield from slices(_side_by_side(hdus, start, stop), rows, starts)


def _integers(values, mask):
    """Return masked integers and a stand-in that no row has, which becomes TNULL."""
    if values.dtype.kind == "u" and values.dtype.itemsize > 1 and values.max(initial=0) < 2**63:
        values = values.astype(np.int64)  # TNULL of an unsigned column is read in different ways
    null = free_integer(values[~mask])
    if null is None:
        values = values.astype(np.int64)
        null = free_integer(values[~mask])
    return values, null


def _encoded(column):
    """Return a column as the FITS writer of Astropy keeps it whole."""
    values, null = blank(column), None
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    kind = values.dtype.kind
    if kind == "U" and np.ascontiguousarray(values).view(np.uint32).max(initial=0) > 127:
        message = f"FITS cannot hold column {column.name!r}: it has text beyond ASCII; write ECSV, Parquet or VOTable"
        raise TableFileError(message)
    if values.dtype == np.int8:  # which Astropy would write as logical
        values = values.astype(np.int16)
    elif kind in "US" and values.dtype.itemsize == 0:
        values = values.astype(f"{kind}1")
    if kind in "iu" and mask.any():
        values, null = _integers(values, mask)
    encoded = with_values(column, values, mask if null is not None else False)
    encoded.unit, encoded.format = storable_unit(column.unit, "fits"), None
    if null is not None:
        encoded.fill_value = null
    return encoded


def _storable(meta):
    """Return the metadata that FITS cards can hold; warn about the rest."""
    kept, lost = {}, []
    for key, value in meta.items():
        try:
            for item in value if isinstance(value, list) else [value]:
                fits.Card("comment" if key == "comments" else key, item).verify("exception")
            kept[key] = value
        except (ValueError, TypeError, VerifyError):
            lost.append(str(key))
    if lost:
        message = f"FITS cannot hold the metadata {', '.join(lost)}; it is left out"
        warnings.warn(message, AgnsfWarning, stacklevel=2)
    return kept


def _patch_null_booleans(path, nulls):
    """Write the zero byte where a logical value is masked; Astropy would write F."""
    with fits.open(path) as hdus:
        dtype, rows, offset = hdus[1].columns.dtype, hdus[1].header["NAXIS2"], hdus.fileinfo(1)["datLoc"]
    if not rows:
        return
    raw = np.memmap(path, mode="r+", dtype=dtype, shape=(rows,), offset=offset)
    for name, null in nulls.items():
        raw[name].view(np.uint8).reshape(null.shape)[null] = 0
    raw.flush()


def write(table, path):
    """Write a table to a new FITS file."""
    if path.suffix.lower() == ".gz":
        with TemporaryDirectory(dir=path.parent) as folder:
            plain = Path(folder) / "table.fits"
            write(table, plain)
            with plain.open("rb") as source, gzip.open(path, "wb") as target:
                shutil.copyfileobj(source, target)
        return
    out, nulls = Table(table, copy=False), {}
    for name in out.colnames:
        column = out[name]
        if not isinstance(column, Column):  # a mixin
            continue
        mask = np.broadcast_to(getattr(column, "mask", False), column.shape)
        if column.dtype.kind == "b" and mask.any():
            nulls[name] = mask
        out.replace_column(name, _encoded(column), copy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VerifyWarning)  # of long keywords, which become HIERARCH cards
        warnings.simplefilter("ignore", UnitsWarning)  # of units that are in no standard
        out.meta = _storable(table.meta)
        out.write(path, format="fits")
    if nulls:
        _patch_null_booleans(path, nulls)
