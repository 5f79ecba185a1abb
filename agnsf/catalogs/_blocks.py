# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Short chunks out of long blocks, because every block costs as much as thousands of rows."""

from itertools import groupby

__all__ = ["blocks", "slices", "wanted"]

_BLOCK = 32768


def wanted(total, rows, numbers=None):
    """Return the numbers of the chunks that are wanted: all, unless some are named."""
    return range(-(-total // rows)) if numbers is None else numbers


def blocks(total, rows, numbers=None):
    """
    Say which rows to read at once for chunks of some rows.

    Parameters
    ----------
    total : int
        Rows of the table.
    rows : int
        Rows of each chunk.
    numbers : iterable of int or None, optional
        The chunks that are wanted, in rising order; by default all.

    Yields
    ------
    start, stop : int
        The rows to read.
    starts : list of int
        Where the chunks in them begin, counted from ``start``.
    """
    size = max(1, _BLOCK // rows)  # in chunks
    for _, group in groupby(wanted(total, rows, numbers), key=lambda number: number // size):
        starts = [number * rows for number in group]
        yield starts[0], min(starts[-1] + rows, total), [start - starts[0] for start in starts]


def slices(table, rows, starts):
    """Yield some chunks of a table; they share its memory."""
    for start in starts:
        yield table[start : start + rows]
