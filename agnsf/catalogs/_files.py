# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Read, write and stream tables, whatever their format."""

from pathlib import Path

from agnsf.catalogs import _csv, _ecsv, _fits, _parquet, _spectra, _votable
from agnsf.catalogs._blocks import slices, wanted
from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._formats import format_of_content, format_of_name
from agnsf.catalogs._values import simplify
from agnsf.files import replacing

__all__ = ["chunks", "is_streamed", "read_table", "row_count", "write_table"]

_FORMATS = {"fits": _fits, "ecsv": _ecsv, "votable": _votable, "parquet": _parquet, "csv": _csv, "spectra": _spectra}
_STREAMED = ("fits", "parquet")


def _format(path):
    """Return the format of what is to be read, SDSS spectra among them."""
    if Path(path).is_dir():
        return "spectra"
    name = format_of_content(path)
    return "spectra" if name == "fits" and _spectra.is_spectrum(path) else name


def read_table(path):
    """
    Read a table of galaxies.

    Whatever the format, the table comes back in one form: numbers in the machine's byte order,
    text as str without padding, and every missing value masked (nulls, NaN and empty text).

    Parameters
    ----------
    path : path-like
        A FITS, ECSV, VOTable, Parquet or CSV file. Catalogs that spread their rows over several
        files or extensions (MPA-JHU, FastSpecFit) are joined. An SDSS spectrum (``spec-*.fits``)
        is a table of one row, a folder of them one of many.

    Returns
    -------
    table : `~astropy.table.Table`
        With units, descriptions, metadata and agnsf's provenance.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TableFileError
        If it is not a table.

    Examples
    --------
    >>> from agnsf import catalogs
    >>> table = catalogs.read_table('nsa_v0_1_2.fits')  # doctest: +SKIP
    """
    return _FORMATS[_format(path)].read(Path(path))


def write_table(table, path):
    """
    Write a table of galaxies, as a whole or not at all.

    Masks, units, metadata and provenance survive in every format; an existing file is replaced.

    Parameters
    ----------
    table : `~astropy.table.Table`
        What to write.
    path : path-like
        Its suffix chooses the format: ``.fits``, ``.ecsv``, ``.vot``, ``.parquet`` or ``.csv``.

    Raises
    ------
    TableFileError
        If the name ends in none of these, or if the format cannot hold the table.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from astropy.table import MaskedColumn, Table
    >>> from agnsf import catalogs
    >>> table = Table({'label': MaskedColumn(['AGN', 'SF'], mask=[True, False])})
    >>> with TemporaryDirectory() as folder:
    ...     catalogs.write_table(table, Path(folder) / 'galaxies.vot')
    ...     print(catalogs.read_table(Path(folder) / 'galaxies.vot')['label'].tolist())
    [None, 'SF']
    """
    name, table = format_of_name(path), simplify(table)
    with replacing(path) as temporary:
        try:
            if name == "csv":
                _csv.write(table, temporary, final=Path(path).resolve())
            else:
                _FORMATS[name].write(table, temporary)
        except (TypeError, ValueError, NotImplementedError) as exc:  # of the formats' own writers
            title = {"votable": "VOTable", "parquet": "Parquet"}.get(name, name.upper())
            raise TableFileError(f"Cannot write {str(path)!r}; {title} cannot hold the table: {exc}") from exc


def chunks(path, rows, *, numbers=None):
    """
    Read a table a few rows at a time.

    FITS is read through a memory map and Parquet by row group, so that the whole table need not
    fit into memory; the other formats are read whole and then handed out in parts. Masks are
    the same as those of `read_table`.

    Parameters
    ----------
    path : path-like
        As for `read_table`.
    rows : int
        Rows of each part; the last one may be shorter.
    numbers : iterable of int or None, optional
        Which parts are wanted, counted from 0, in rising order; by default all. It is asked shortly
        before they are read. The others are not read, except for those in the same row group of a
        Parquet file.

    Yields
    ------
    table : `~astropy.table.Table`
        The next rows.

    Raises
    ------
    ValueError
        If ``rows`` is not positive.
    FileNotFoundError
        If there is no such file.
    TableFileError
        If it is not a table.
    """
    if rows < 1:
        raise ValueError(f"rows must be at least 1, not {rows}")
    name = _format(path)
    if name in _STREAMED:
        return _FORMATS[name].chunks(Path(path), rows, numbers)
    table = read_table(path)
    return slices(table, rows, (number * rows for number in wanted(len(table), rows, numbers)))


def is_streamed(path):
    """
    Return whether `chunks` reads a table piece by piece, and not as a whole.

    Parameters
    ----------
    path : path-like
        As for `read_table`.

    Returns
    -------
    streamed : bool
        True for FITS and Parquet.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TableFileError
        If it is not a table.
    """
    return _format(path) in _STREAMED


def row_count(path):
    """
    Return the number of rows of a table file.

    Parameters
    ----------
    path : path-like
        As for `read_table`.

    Returns
    -------
    count : int
        Taken from the header where the format has one (FITS, Parquet), else by reading the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TableFileError
        If it is not a table.
    """
    name = _format(path)
    return _FORMATS[name].row_count(Path(path)) if name in _STREAMED else len(read_table(path))
