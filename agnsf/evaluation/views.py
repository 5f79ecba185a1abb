# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Anybody's table as an evaluation reads it."""

from agnsf import catalogs

__all__ = ["evaluation_view", "threshold_in_use"]

_WANTED = ("id", "ra", "dec", "label", "subclass", "split", "p_agn", "log_nii_ha", "log_oiii_hb")


def evaluation_view(table, wanted, *, columns=None, radius_kind=None):
    """
    Return a table by our column names and units.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Anybody's.
    wanted : sequence of str
        Columns of ours, beside those of every evaluation.
    columns : dict of str to str, optional
        Names in the table of columns of ours.
    radius_kind : str, optional
        Kind of radius, where it is not to be the Petrosian one.

    Returns
    -------
    view : `~astropy.table.Table`
        Of the same rows (`agnsf.catalogs.translate`).
    """
    names = list(dict.fromkeys((*_WANTED, *wanted)))
    return catalogs.translate(table, names, columns=columns, radius_kind=radius_kind)


def threshold_in_use(table, columns=None):
    """
    Return the threshold at which agnsf classified a table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With agnsf's provenance, or without.
    columns : dict of str to str, optional
        Names in the table of columns of ours: where ``p_agn`` is another column than the one that
        agnsf wrote, its threshold says nothing of it.

    Returns
    -------
    threshold : float or None
    """
    if columns and columns.get("p_agn", "p_agn") != "p_agn":
        return None
    for stage in reversed(catalogs.provenance(table).get("stages", [])):
        if stage.get("stage") == "classify" and isinstance(stage.get("threshold"), (int, float)):
            return float(stage["threshold"])
    return None
