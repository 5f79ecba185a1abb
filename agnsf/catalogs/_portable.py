# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Metadata as JSON, for the formats in which Astropy keeps none."""

import json
import warnings

from astropy.table import serialize

from agnsf.columns import AgnsfWarning

__all__ = ["json_meta", "plain_columns"]


def plain_columns(table):
    """Return a table in which mixin columns (coordinates, times) are split into plain ones."""
    return serialize.represent_mixins_as_columns(table)


def json_meta(table):
    """Return the metadata that JSON can hold, provenance included; warn about the rest."""
    kept, lost = {}, []
    for key, value in table.meta.items():
        try:
            kept[str(key)] = json.loads(json.dumps(value))
        except (TypeError, ValueError):
            lost.append(str(key))
    if lost:
        message = f"The metadata {', '.join(lost)} cannot be written as JSON; it is left out"
        warnings.warn(message, AgnsfWarning, stacklevel=2)
    return kept
