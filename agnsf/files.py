# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Write a file as a whole or not at all."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing"]


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
    temporary = path.with_name(f".{secrets.token_hex(6)}.{path.name}")
    try:
        yield temporary
        if durable:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
