# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""HATS catalogs on a Dask cluster, through LSDB."""

from agnsf.distributed.classifying import classify_catalog, is_catalog
from agnsf.distributed.making import make_catalog

__all__ = ["classify_catalog", "is_catalog", "make_catalog"]
