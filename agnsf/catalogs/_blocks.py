# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Short chunks out of long blocks, because every block costs as much as thousands of rows."""

__all__ = ["block_of", "slices"]

_BLOCK = 32768


def block_of(rows):
    """Return how many rows to read at once for chunks of some rows: a multiple of them."""
    return rows * max(1, _BLOCK // rows)


def slices(table, rows):
    """Yield a table a few rows at a time; the parts share its memory."""
    for start in range(0, len(table), rows):
        yield table[start : start + rows]
