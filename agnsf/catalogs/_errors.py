# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What can be wrong with a file that should hold a table."""

from agnsf.columns import AgnsfError

__all__ = ["TableFileError"]


class TableFileError(AgnsfError):
    """A file is not a table, or cannot hold the one that is to be written."""
