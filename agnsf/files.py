# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Write a file as a whole or not at all."""

import os
import secrets
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

__all__ = ["replacing", "write_whole"]


def _beside(path):
    """Return a name that no other process and no other thread takes."""
    return path.with_name(f".{secrets.token_hex(6)}.{path.name}")


@contextmanager
def replacing(path, *, durable=True):
    """
    Give a temporary name beside a file, and rename it when the block ends well.

    Whatever else happens, a full disk or Ctrl-C, the temporary file is removed and the file that
    was there before is left as it was. Of several who write one file, the last wins.

    Parameters
    ----------
    path : path-like
        The file to write. A link is followed, not replaced.
    durable : bool, optional
        Whether the file is to survive a power cut that comes after the block: the disk is waited
        for. Where a damaged file is noticed and made again, there is no need.

    Yields
    ------
    temporary : `~pathlib.Path`
        A name in the same folder, beginning with a dot and ending as the file's, that does not
        exist yet.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    IsADirectoryError
        If a folder has that name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from agnsf.files import replacing
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / 'notes.txt') as temporary:
    ...         count = temporary.write_text('as a whole')
    ...     [path.name for path in Path(folder).iterdir()]
    ['notes.txt']
    """
    path = Path(path)
    if path.is_symlink():
        path = path.resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"Cannot write {str(path)!r}: it is a folder")
    temporary = _beside(path)
    try:
        yield temporary
        if durable:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(data, path):
    """
    Write bytes into a file, as a whole or not at all: the quick way for many small files.

    The disk is not waited for: of a power cut, a damaged file may be left, for its reader to notice.

    Parameters
    ----------
    data : bytes
        All of the file.
    path : `~pathlib.Path`
        The file. What has that name is replaced, a link, too.

    Raises
    ------
    OSError
        If it cannot be written. What was there before is left as it was.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from agnsf.files import write_whole
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(b'as a whole', Path(folder) / 'notes.txt')
    ...     [path.name for path in Path(folder).iterdir()]
    ['notes.txt']
    """
    temporary = _beside(path)
    try:
        with FileIO(temporary, "x") as file:
            rest = memoryview(data)
            while rest:  # an unbuffered file may take less than it is given
                rest = rest[file.write(rest) :]
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
