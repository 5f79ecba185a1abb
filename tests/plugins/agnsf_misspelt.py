# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin whose hook has a wrong name."""

import agnsf


@agnsf.hookimpl
def register_labellers():
    return []
