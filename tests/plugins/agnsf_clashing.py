# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""A plugin that takes the name of a labeler that agnsf has."""

from dataclasses import dataclass

import agnsf


@dataclass(frozen=True)
class Kewley(agnsf.Labeler):
    """Another one of the same name."""

    name = "kewley2001"

    def label(self, table):
        return {"label": ["SF"] * len(table)}


@agnsf.hookimpl
def register_labelers():
    return [Kewley]
