# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The image sources that come with agnsf."""
