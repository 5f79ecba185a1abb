# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin whose hook fails."""

import agnsf


@agnsf.hookimpl
def register_classifiers():
    raise RuntimeError("no classifier today")
