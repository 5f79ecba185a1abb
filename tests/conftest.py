# Licensed under a 3-clause BSD style license - see LICENSE.rst
import os

os.environ["AGNSF_DISABLE_PLUGINS"] = "all"
