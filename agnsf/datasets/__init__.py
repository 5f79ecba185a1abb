# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From a table to what a classifier learns from: labels, splits, and cutouts packed once."""

from agnsf.datasets.labels import binary_labels, strings
from agnsf.datasets.packing import pack
from agnsf.datasets.packs import Pack, PackError, open_pack
from agnsf.datasets.selections import Selection
from agnsf.datasets.splits import given_split, split

__all__ = ["Pack", "PackError", "Selection", "binary_labels", "given_split", "open_pack", "pack", "split", "strings"]
