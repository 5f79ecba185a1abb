# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""HATS catalogs of tables."""

import json
from pathlib import Path

import numpy as np

from agnsf import catalogs
from agnsf.columns import AgnsfError, float_values, require_columns
from agnsf.distributed.extra import import_lsdb
from agnsf.distributed.frames import to_frame

__all__ = ["PROVENANCE", "make_catalog"]

#: Property of a HATS catalog that holds agnsf's provenance.
PROVENANCE = "agnsf_provenance"

_SHOWN = 5


def _positions(view):
    """Refuse rows that have no place on the sky, which a HATS catalog cannot hold."""
    require_columns(view, ["ra", "dec"], who="A HATS catalog")
    ra, dec = float_values(view, "ra"), float_values(view, "dec")
    bad = np.flatnonzero(~((ra >= 0) & (ra <= 360) & (np.abs(dec) <= 90)))
    if len(bad):
        more = ", ..." if len(bad) > _SHOWN else ""
        raise AgnsfError(
            f"{len(bad)} of {len(view)} rows have no position on the sky, without which a HATS catalog cannot hold "
            f"them (rows {', '.join(map(str, bad[:_SHOWN]))}{more}); take them out of the table"
        )
    if not len(view):
        raise AgnsfError("A HATS catalog needs at least one row; the table has none")


def make_catalog(table, output, *, columns=None, partition_rows=1_000_000):
    """
    Write a table as a HATS catalog, the form in which LSDB spreads a catalog over a cluster.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With positions. Masked values become nulls; units are not kept, and ``ra`` and ``dec`` are
        written in degrees.
    output : path-like
        The folder to write; it must not exist.
    columns : dict of str to str, optional
        Names in the table of columns of ours: ``{"ra": "ALPHA_J2000"}``.
    partition_rows : int, optional
        How many rows a partition holds at most, as far as the order of HEALPix allows.

    Raises
    ------
    AgnsfError
        If a row has no position, or the folder exists, or LSDB is not installed.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.distributed import make_catalog
    >>> make_catalog(Table({'ra': [10.0], 'dec': [2.0]}), 'galaxies.hats')  # doctest: +SKIP
    """
    lsdb, output = import_lsdb(), Path(output)
    if output.exists():
        raise AgnsfError(f"{output} exists already; remove it or name another folder")
    view = catalogs.translate(table, ["ra", "dec"], columns=columns)
    _positions(view)
    catalog = lsdb.from_dataframe(
        to_frame(view),
        ra_column="ra",
        dec_column="dec",
        catalog_name=output.name.split(".")[0],
        partition_rows=partition_rows,
    )
    catalog.write_catalog(
        output,
        as_collection=False,
        progress_bar=False,
        addl_hats_properties={PROVENANCE: json.dumps(catalogs.provenance(table))},
    )
