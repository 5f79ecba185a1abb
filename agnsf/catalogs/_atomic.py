# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Write a file as a whole or not at all."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing"]


@contextmanager
def replacing(path):
    """
    Give a temporary name beside the file, and rename it when the block ends well.

    Whatever else happens, a full disk or Ctrl-C, the temporary file is removed
    and the file that was there before is left as it was.

    Parameters
    ----------
    path : path-like
        The file to write. A link is followed, not replaced.

    Yields
    ------
    temporary : `~pathlib.Path`
        A name in the same folder, with the same suffixes, that does not exist yet.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    """
    path = Path(path).resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"Cannot write {str(path)!r}: it is a folder")
    temporary = path.with_name(f".{secrets.token_hex(6)}.{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
