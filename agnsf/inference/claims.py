# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Which process does which part: locks that end with the process that holds them."""

import errno
import os
import warnings

from agnsf.columns import AgnsfWarning

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["Claims"]

_TAKEN = (errno.EACCES, errno.EAGAIN)


class Claims:
    """
    Claims on numbered parts, shared by all processes that open the same file.

    A claim is a lock on one byte of the file. The system lifts it when its process ends in
    whatever way, so that nothing has to be cleaned up after a crash. Where there are no such locks
    every claim is granted: a part is then done twice, with the same result.

    Parameters
    ----------
    path : path-like
        The file; made if it does not exist.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from agnsf.inference.claims import Claims
    >>> with TemporaryDirectory() as folder:
    ...     claims = Claims(f'{folder}/claims')
    ...     granted = claims.take(7)
    ...     claims.drop(7)
    ...     claims.close()
    >>> granted
    True
    """

    def __init__(self, path):
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        os.utime(path)
        self.began = os.fstat(self._file).st_mtime
        self._locks = fcntl is not None

    def take(self, number):
        """Claim a part; return False if another process holds it."""
        if not self._locks:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError as exc:
            if exc.errno in _TAKEN:
                return False
            self._locks = False
            warnings.warn(
                f"The file system has no locks ({exc}): processes that share the run folder will repeat work",
                AgnsfWarning,
                stacklevel=2,
            )
        return True

    def drop(self, number):
        """Give a claim back."""
        if self._locks:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    def close(self):
        """Give all claims back."""
        os.close(self._file)
