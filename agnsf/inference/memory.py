# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Memory that a network has freed, kept for its next batch."""

import ctypes
import sys
from contextlib import contextmanager, suppress

__all__ = ["freed_memory_kept"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as mallopt calls them
_KEPT = 2**30  # bytes


@contextmanager
def freed_memory_kept():
    """
    Let the C library keep memory that is freed, while the block lasts.

    A network frees a hundred megabytes with each batch. The C library gives that back to the system
    at once, in threads more than elsewhere (Dask asks it to: ``MALLOC_TRIM_THRESHOLD_``), and a good
    part of the time would go into getting it again. What is kept at the end of the block is given
    back.
    """
    library = None
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than that of GNU
            library = ctypes.CDLL(None)
            library.mallopt(_TRIM_THRESHOLD, _KEPT)
            library.mallopt(_MMAP_THRESHOLD, _KEPT)
    try:
        yield
    finally:
        with suppress(AttributeError):
            library.malloc_trim(0)
