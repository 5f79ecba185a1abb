# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Tell the format of a table file: by its content to read it, by its name to write it."""

import gzip
from pathlib import Path

from agnsf.catalogs._errors import TableFileError

__all__ = ["SUFFIXES", "format_of_content", "format_of_name"]

SUFFIXES = {
    "fits": (".fits", ".fit", ".fts", ".fits.gz"),
    "ecsv": (".ecsv",),
    "votable": (".vot", ".votable", ".xml"),
    "parquet": (".parquet", ".parq", ".pq"),
    "csv": (".csv",),
}
_LISTED = ", ".join(names[0] for names in SUFFIXES.values())


def format_of_name(path):
    """
    Return the format that `write_table` gives a file, by its name.

    Parameters
    ----------
    path : path-like
        The file, which need not exist.

    Returns
    -------
    format : str
        ``fits``, ``ecsv``, ``votable``, ``parquet`` or ``csv``.

    Raises
    ------
    TableFileError
        If the name ends in another way.

    Examples
    --------
    >>> from agnsf import catalogs
    >>> catalogs.format_of_name('galaxies.parquet')
    'parquet'
    """
    name = Path(path).name.lower()
    for format_name, suffixes in SUFFIXES.items():
        if name.endswith(suffixes):
            return format_name
    raise TableFileError(f"Cannot tell the format of {str(path)!r} by its name; it should end in one of {_LISTED}")


def _head(path, size=4096):
    with Path(path).open("rb") as file:
        head = file.read(size)
    if head.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(path) as file:
                return file.read(size)
        except (OSError, EOFError):
            return head
    return head


def format_of_content(path):
    """
    Return the format of an existing file.

    Every format but CSV says what it is in its first bytes; CSV is what is named so.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TableFileError
        If the file is not a table in a format that agnsf reads.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}")
    head = _head(path)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"SIMPLE  ="):
        return "fits"
    if head.startswith(b"PAR1"):
        return "parquet"
    if text.startswith(b"# %ECSV"):
        return "ecsv"
    if text.startswith(b"<") and b"<VOTABLE" in head.replace(b"vot:", b""):
        return "votable"
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")) and head and b"\0" not in head:
        return "csv"
    found = "it is empty" if not head else f"it begins with {head[:16]!r}"
    raise TableFileError(f"{str(path)!r} is not a table; expected FITS, ECSV, VOTable, Parquet or CSV, but {found}")
