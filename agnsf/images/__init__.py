# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Bytes to pixels: decoding, color recipes, resizing, resampling onto a WCS."""

from agnsf.images.colors import RECIPES, Recipe, flux_color, judge_color, to_flux, to_rgb
from agnsf.images.decoding import MAX_PIXELS, decode, decode_fits, picture_width
from agnsf.images.grids import fill_gaps, image_window, north_up, north_up_wcs, resample
from agnsf.images.shaping import fit_input, resize
from agnsf.images.sheets import contact_sheet

__all__ = [
    "MAX_PIXELS",
    "RECIPES",
    "Recipe",
    "contact_sheet",
    "decode",
    "decode_fits",
    "fill_gaps",
    "fit_input",
    "flux_color",
    "image_window",
    "judge_color",
    "north_up",
    "north_up_wcs",
    "picture_width",
    "resample",
    "resize",
    "to_flux",
    "to_rgb",
]
