# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Some of the images of a pack, without copying them."""

import numpy as np

__all__ = ["Selection"]


class Selection:
    """
    Some rows of an array, read when they are asked for.

    Parameters
    ----------
    array : array-like
        Usually a memory map of all cutouts.
    rows : array-like of int, shape (m,)
        The rows to select, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.datasets import Selection
    >>> chosen = Selection(np.arange(10) * 10, [7, 3, 5])
    >>> len(chosen), chosen[1:].tolist(), chosen[np.array([2, 0])].tolist()
    (3, [30, 50], [50, 70])
    """

    def __init__(self, array, rows):
        self.array = array
        self.rows = np.asarray(rows, dtype=np.intp)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return np.asarray(self.array[self.rows[index]])

    @property
    def shape(self):
        """Shape of the array of selected rows."""
        return (len(self.rows), *self.array.shape[1:])

    @property
    def dtype(self):
        """Type of the values."""
        return self.array.dtype
