# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The labelers that come with agnsf: one file, one diagram."""
