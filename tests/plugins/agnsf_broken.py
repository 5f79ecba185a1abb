# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin that needs a package that is not there."""

import agnsf_no_such_package  # noqa: F401
