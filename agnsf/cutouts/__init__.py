# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Many cutouts at once: framing, threads, the cache, checks, and how each ended."""

from agnsf.cutouts.engine import iter_cutouts
from agnsf.cutouts.exporting import draw_sheet, export_files
from agnsf.cutouts.fetching import fetch_all
from agnsf.cutouts.framing import Access, Framing
from agnsf.cutouts.recipe import image_recipe, recipe_differences
from agnsf.cutouts.summary import Tally, require_images, summarize

__all__ = [
    "Access",
    "Framing",
    "Tally",
    "draw_sheet",
    "export_files",
    "fetch_all",
    "image_recipe",
    "iter_cutouts",
    "recipe_differences",
    "require_images",
    "summarize",
]
