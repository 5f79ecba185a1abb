# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure galaxies on their images: sizes, colors, concentration, shape and clumpiness."""

from agnsf.measure._colors import picture_color_names, picture_colors
from agnsf.measure._galaxy import MEASUREMENTS, MeasureError, measure_cutout, measurement_names
from agnsf.measure._pictures import PICTURE_RINGS, picture_feature_names, picture_features, picture_sky

__all__ = [
    "MEASUREMENTS",
    "PICTURE_RINGS",
    "MeasureError",
    "measure_cutout",
    "measurement_names",
    "picture_color_names",
    "picture_colors",
    "picture_feature_names",
    "picture_features",
    "picture_sky",
]
