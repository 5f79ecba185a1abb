# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin whose hook returns something else than classes."""

import agnsf


@agnsf.hookimpl
def register_image_sources():
    return ["sdss"]
