# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Tables of galaxies: published catalogs onto our columns; read, write and stream with masks and provenance intact."""
