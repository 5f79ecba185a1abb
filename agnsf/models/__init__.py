# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Trained classifiers in their folders: read, write, and the ones that ship."""
