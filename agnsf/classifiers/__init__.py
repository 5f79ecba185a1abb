# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The classifiers that come with agnsf."""
