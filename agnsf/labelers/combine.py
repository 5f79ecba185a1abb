# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What several labelers have in common: their inputs, their provenance, their columns side by side."""

from collections import Counter
from dataclasses import asdict, is_dataclass

import numpy as np

from agnsf import catalogs
from agnsf.columns import LINE_FLUXES, AgnsfError, ColumnError, float_values

__all__ = ["check_errors", "combine", "describe", "wanted_columns"]

#: Columns of one value whatever the labeler.
_RATIOS = ("log_nii_ha", "log_sii_ha", "log_oi_ha", "log_oiii_hb")


def wanted_columns(labelers):
    """
    Return the columns that labelers use.

    Parameters
    ----------
    labelers : sequence of `~agnsf.Labeler`
        One or more.

    Returns
    -------
    names : list of str
        Required ones, their errors, and optional ones.
    """
    names = []
    for labeler in labelers:
        names += [*labeler.requires, *(f"{name}_err" for name in labeler.requires), *labeler.optional]
    return list(dict.fromkeys(names))


def _aperture(known, table, catalog):
    """Return the diameter in arcsec of the fibres, a list if they differ, or None if it is not known."""
    if known is not None and known.aperture is not None:
        return known.aperture
    view = catalogs.translate(table, ["aperture"], catalog=catalog)
    if "aperture" not in view.colnames:
        return None
    values = float_values(view, "aperture")
    found = np.unique(values[np.isfinite(values)]).tolist()
    return found[0] if len(found) == 1 else found or None


def describe(labelers, table, *, catalog=None):
    """
    Return what the provenance says of labelers.

    Parameters
    ----------
    labelers : sequence of `~agnsf.Labeler`
        One or more.
    table : `~astropy.table.Table`
        The user's table.
    catalog : str or None, optional
        The published catalog that it comes from; by default it is recognized by its columns.

    Returns
    -------
    stage : dict
        Names, options and citations; catalog, and aperture in arcsec, where they are known.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.bpt import Kewley2001Cut
    >>> from agnsf.labelers.combine import describe
    >>> describe([Kewley2001Cut()], Table({'ra': [1.0]}))
    {'labelers': [{'name': 'kewley2001-cut', 'options': {}}], 'citations': ['2003MNRAS.346.1055K']}
    """
    known = catalogs.recognize(table, catalog=catalog)
    entries = [{"name": one.name, "options": asdict(one) if is_dataclass(one) else {}} for one in labelers]
    sources = [*labelers, known] if known else labelers
    citations = dict.fromkeys(bibcode for one in sources for bibcode in getattr(one, "citations", ()))
    stage = {"labelers": entries, "citations": list(citations)}
    facts = {"catalog": known and known.name, "aperture": _aperture(known, table, catalog)}
    return stage | {name: fact for name, fact in facts.items() if fact is not None}


def check_errors(labeler, table, known):
    """
    Refuse a signal-to-noise cut for a published catalog that has no errors.

    Parameters
    ----------
    labeler : `~agnsf.Labeler`
        The rule.
    table : `~astropy.table.Table`
        With the labeler's columns.
    known : `~agnsf.catalogs.CatalogMap` or None
        The published catalog that the measurements come from.

    Raises
    ------
    ColumnError
        If the cut could not be made; an explicit ``snr=None`` says that none is wanted.
    """
    fluxes = [name for name in labeler.requires if name in LINE_FLUXES]
    cut = getattr(labeler, "snr", None)
    if known is None or known.flux_errors or cut is None or any(f"{name}_err" in table.colnames for name in fluxes):
        return
    if fluxes:
        raise ColumnError(
            f"{known.title} has no flux errors, so labeler {labeler.name!r} cannot ask for a signal-to-noise ratio "
            f"of {cut}; give it snr=None (-L snr=none) to label without"
        )


def _check(labeler, columns, length):
    """Refuse what a labeler must not return."""
    who = f"Labeler {labeler.name!r}"
    if "label" not in columns:
        raise AgnsfError(f"{who} must return the column 'label'; it returned {', '.join(columns) or 'nothing'}")
    for name, values in columns.items():
        if len(values) != length:
            raise AgnsfError(f"{who} returned {len(values)} values of {name!r} for {length} rows")


def combine(labelers, found, *, length):
    """
    Return the columns of one or more labelers as one set.

    Parameters
    ----------
    labelers : sequence of `~agnsf.Labeler`
        One or more, of different names.
    found : sequence of dict of str to array-like
        What each of them returned.
    length : int
        The number of rows.

    Returns
    -------
    columns : dict of str to array-like, each of shape (n,)
        Those of the first labeler under their own names. If there are several, those of each
        with its name appended, too: ``label_whan``; the line ratios are the same for all.

    Raises
    ------
    AgnsfError
        If there is none, if two have the same name, or if one does not keep its contract.

    Examples
    --------
    >>> from agnsf.labelers.bpt import Kauffmann2003, Kewley2001
    >>> from agnsf.labelers.combine import combine
    >>> combine([Kauffmann2003(), Kewley2001()], [{'label': ['AGN']}, {'label': ['SF']}], length=1)
    {'label': ['AGN'], 'label_kauffmann2003': ['AGN'], 'label_kewley2001': ['SF']}
    """
    if not labelers:
        raise AgnsfError("At least one labeler is needed")
    twice = [name for name, times in Counter(one.name for one in labelers).items() if times > 1]
    if twice:
        raise AgnsfError(f"Labeler {twice[0]!r} is given twice; its columns would have one name")
    for labeler, own in zip(labelers, found, strict=True):
        _check(labeler, own, length)
    columns = dict(found[0])
    if len(found) > 1:
        for labeler, own in zip(labelers, found, strict=True):
            for name, values in own.items():
                columns[name if name in _RATIOS else f"{name}_{labeler.name}"] = values
    return columns
