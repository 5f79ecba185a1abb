# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure galaxies on their images: profiles of color, concentration, shape and clumpiness."""

from agnsf.measure._pictures import PICTURE_RINGS, picture_feature_names, picture_features

__all__ = ["PICTURE_RINGS", "picture_feature_names", "picture_features"]
