# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The table of galaxies on a page."""

import math

import numpy as np

from agnsf.columns import float_values
from agnsf.datasets.labels import strings

__all__ = ["MOST_ROWS", "galaxy_rows", "names_of", "right_or_wrong", "viewer_links"]

#: A page lists no more galaxies than this: each takes about 100 bytes, and the browser holds them all.
MOST_ROWS = 20_000

# Addresses to follow, not to load: a page opens none of them by itself.
_SKYSERVER = "https://skyserver.sdss.org/dr18/VisualTools/navi?ra={ra:.6f}&dec={dec:.6f}"
_LEGACY = "https://www.legacysurvey.org/viewer/?ra={ra:.6f}&dec={dec:.6f}&layer={layer}&zoom=15"


def names_of(table, numbers=None):
    """
    Return what to call each galaxy: its id, else the number of its row.

    Parameters
    ----------
    table : `~astropy.table.Table`
        In our names.
    numbers : `~numpy.ndarray` of int, shape (n,), optional
        Row of each galaxy in the user's table, where this one holds only some of them.

    Returns
    -------
    names : list of str
        An id of 18 digits keeps them all.
    """
    rows = [f"row {row}" for row in (range(len(table)) if numbers is None else numbers)]
    if "id" not in table.colnames:
        return rows
    return [name or row for name, row in zip(strings(table["id"]).tolist(), rows, strict=True)]


def viewer_links(table, source=""):
    """
    Return the address of each galaxy in the viewer of its survey.

    Parameters
    ----------
    table : `~astropy.table.Table`
        In our names.
    source : str, optional
        Name of the image source: ``sdss`` leads to SkyServer, anything else to the Legacy Surveys.

    Returns
    -------
    links : list of str
        Empty where there are no coordinates.
    """
    if not {"ra", "dec"} <= set(table.colnames):
        return [""] * len(table)
    form = _SKYSERVER if source == "sdss" else _LEGACY
    places = zip(float_values(table, "ra").tolist(), float_values(table, "dec").tolist(), strict=True)
    return [
        form.format(ra=ra, dec=dec, layer="ls-dr10") if math.isfinite(ra) and math.isfinite(dec) else ""
        for ra, dec in places
    ]


def _values(table, name):
    """Return a column as what JSON has: rounded numbers, text, and None where masked."""
    if table[name].dtype.kind in "fiub":
        return [round(value, 4) if math.isfinite(value) else None for value in float_values(table, name).tolist()]
    return [value or None for value in strings(table[name]).tolist()]


def galaxy_rows(table, columns, *, source="", numbers=None):
    """
    Return the galaxies as lists, for the page's own script.

    Parameters
    ----------
    table : `~astropy.table.Table`
        In our names. Rows beyond `MOST_ROWS` are left out.
    columns : dict of str to (list or None)
        What to show after the galaxy's name: a list of values, or None for the table's own column
        of that name.
    source : str, optional
        Name of the image source, for the links.
    numbers : `~numpy.ndarray` of int, shape (n,), optional
        As for `names_of`.

    Returns
    -------
    content : dict
        ``columns``: names, with whether each holds numbers; ``rows``: name, link and values.
    """
    table, numbers = table[:MOST_ROWS], None if numbers is None else numbers[:MOST_ROWS]
    values = {
        name: _values(table, name) if given is None else list(given)[:MOST_ROWS] for name, given in columns.items()
    }
    numeric = {name: not any(isinstance(value, str) for value in found) for name, found in values.items()}
    return {
        "columns": [{"name": name, "numeric": bool(numeric[name])} for name in values],
        "rows": [
            list(row)
            for row in zip(names_of(table, numbers), viewer_links(table, source), *values.values(), strict=True)
        ],
    }


def right_or_wrong(is_agn, selected):
    """Return the verdict on each prediction as a word."""
    return np.where(is_agn == selected, "right", "wrong").tolist()
