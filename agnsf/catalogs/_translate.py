# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The columns of anybody's table as ours."""

import warnings
from copy import deepcopy

import numpy as np
from astropy import units as u
from astropy.table import Table

from agnsf.catalogs._coordinates import coordinates
from agnsf.catalogs._known import catalog_map, find_map
from agnsf.catalogs._lookup import Lookup, Values, as_ours, finished
from agnsf.catalogs._radius import radius
from agnsf.catalogs._redshift import checked_redshift, redshift_name
from agnsf.columns import LINE_FLUXES, AgnsfWarning, ColumnError, require_columns

__all__ = ["recognize", "translate"]

_FLUXES = {*LINE_FLUXES, *(f"{name}_err" for name in LINE_FLUXES)}
_LINES = {*_FLUXES, "h_alpha_ew", "nii_6584_ew"}


def recognize(table, *, catalog=None):
    """
    Return what agnsf knows of the published catalog that a table comes from.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Any table.
    catalog : str or None, optional
        The catalog's name, for a table that its columns do not tell.

    Returns
    -------
    catalog : CatalogMap or None
        None if no catalog is recognized.

    Raises
    ------
    ColumnError
        If there is no catalog of the name.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> names = ['NSAID', 'HAFLUX', 'HBFLUX', 'O3FLUX', 'N2FLUX']
    >>> catalogs.recognize(Table({name: [1.0] for name in names})).aperture
    3.0
    """
    return find_map(table) if catalog is None else catalog_map(catalog)


def translate(table, wanted, *, optional=(), columns=None, catalog=None, radius_kind=None):
    """
    Return a view of a table that has our columns, in our units.

    Each wanted column is looked for in this order: the name given in ``columns``; the map of the
    catalog that is forced; our own name; the map of the catalog that is recognized; the other
    usual spellings, for coordinates, redshift and radius.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Anybody's. It is not changed; what needs no conversion is shared, not copied.
    wanted : iterable of str
        Columns of ours.
    optional : iterable of str, optional
        More columns of ours, welcome where they are good: one that cannot be used is left out, and a
        redshift that is none is masked, with a warning instead of an error.
    columns : dict of str to str or None, optional
        Our name to theirs, where they must be told.
    catalog : str or None, optional
        Treat the table as this published catalog.
    radius_kind : str or None, optional
        Which radius is to serve as ``radius``: ``"petrosian"`` (as without it), ``"petrosian-50"``,
        ``"petrosian-90"``, ``"elpetro"``, ``"elpetro-50"``, ``"sersic"`` or another name, which goes
        with ``columns={"radius": ...}``.

    Returns
    -------
    table : `~astropy.table.Table`
        All columns of the input, and those of ``wanted`` that were found, masked where the catalog
        has no value. A column ``z`` that is a magnitude is left out if the redshift is wanted.

    Raises
    ------
    ColumnError
        If a column named in ``columns`` is missing, if the catalog that is forced does not fit, if
        a unit cannot be converted, or if a redshift lies outside (-0.1, 10).

    Warns
    -----
    AgnsfWarning
        If ``id`` is wanted and has duplicates, if radii are not credible and are masked, or if an
        ``optional`` column is no good.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf import catalogs
    >>> table = Table({'RAJ2000': [12.5], 'DEJ2000': [-0.5]}, units={'RAJ2000': 'hourangle'})
    >>> view = catalogs.translate(table, ['ra', 'dec'])
    >>> round(float(view['ra'][0]), 6), float(view['dec'][0])
    (187.5, -0.5)
    """
    wanted, columns = list(dict.fromkeys(wanted)), dict(columns or {})
    optional = [name for name in dict.fromkeys(optional) if name not in wanted]
    for ours, theirs in columns.items():
        require_columns(table, [theirs], who=f"Our column {ours!r}, as it was named,")
    lookup, known, forced = Lookup(table), recognize(table, catalog=catalog), catalog is not None
    result = Table(table, copy=False)
    result.meta = deepcopy(table.meta)
    place = _place(lookup, columns, known) if {"ra", "dec"} & {*wanted, *optional} else {}

    def column_of(name, *, lenient=False):
        theirs = columns.get(name)
        if name in ("ra", "dec"):
            return place.get(name)
        if name == "radius":
            return radius(lookup, theirs, radius_kind)
        if name == "z":
            return _redshift(lookup, theirs, known, lenient=lenient)
        if theirs is not None:
            return _named(name, theirs, lookup, known)
        return _found(name, lookup, known, forced=forced)

    for name in wanted:
        _put(result, name, column_of(name))
    for name in optional:
        try:
            _put(result, name, column_of(name, lenient=True))
        except ColumnError as exc:
            warnings.warn(f"Column {name!r} is not used: {exc}", AgnsfWarning, stacklevel=2)
            if name in result.colnames:  # the user's own column of that name is not what we mean
                result.remove_column(name)
    if "id" in wanted and "id" in result.colnames:
        _warn_of_duplicates(result["id"])
    _common_flux_unit(result, wanted)
    _check_lines(result, wanted, known, forced=forced)
    return result


def _put(result, name, column):
    if column is None:
        if name == "z" and "z" in result.colnames:  # a magnitude
            result.remove_column("z")
    elif name in result.colnames:
        result.replace_column(name, column, copy=False)
    else:
        result.add_column(column, name=name, copy=False)


def _place(lookup, columns, known):
    names = tuple(columns.get(one) for one in ("ra", "dec"))
    if any(names) and not all(names):
        names = tuple(given or one for given, one in zip(names, ("ra", "dec"), strict=True))
        require_columns(lookup.table, names, who="A position")
    if not any(names) and known is not None:
        recipes = [known.recipe(one, lookup) for one in ("ra", "dec")]
        names = tuple(lookup.name(recipe.name) for recipe in recipes if recipe is not None)
    return coordinates(lookup.table, names if len(names) == 2 and all(names) else None)


def _redshift(lookup, theirs, known, *, lenient):
    if theirs is None:
        recipe = known.recipe("z", lookup) if known else None
        theirs = redshift_name(lookup, recipe and recipe.name)
    if theirs is None:
        return None
    column = _without_missing(as_ours(lookup.table[theirs], "z"), known)
    return checked_redshift(column, theirs, lenient=lenient)


def _without_missing(column, known):
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    gone = np.isin(values, known.missing) if known and known.missing else False
    return finished(values, mask | gone, column.name) if np.any(gone) else column


def _named(name, theirs, lookup, known):
    """Return the column that the user named; if the catalog's map knows it, with its sign and unit."""
    if known is not None:
        for recipe in known.recipes(name):
            if [need.lower() for need in recipe.needs] == [theirs.lower()]:
                return _made(name, recipe, lookup, known)
    return as_ours(lookup.table[theirs], name)


def _found(name, lookup, known, *, forced):
    """Return the column that has our name or that the catalog's map makes, or None."""
    recipe = known.recipe(name, lookup) if known else None
    own = lookup.name(name)
    if recipe is not None and (own is None or forced or own in map(lookup.name, recipe.needs)):
        return _made(name, recipe, lookup, known)  # the catalog's own column may have our name
    if own is not None:
        return as_ours(lookup.table[own], name)
    if name == "aperture" and known is not None and known.aperture is not None:
        return finished(np.full(len(lookup.table), known.aperture), False, name)
    return None


def _made(name, recipe, lookup, known):
    """Return a column by a catalog's recipe, masked where the catalog has no value."""
    if name == "id":
        return as_ours(lookup.table[lookup.name(recipe.name)], name)
    their = Values(lookup, known.missing)
    values = recipe(their)
    mask = np.isnan(values)
    if name in _LINES and known.measured is not None and (measured := known.measured(their)) is not None:
        mask = mask | ~measured
    return finished(values, mask, name)


def _warn_of_duplicates(column):
    values = np.ma.getdata(column)[~np.ma.getmaskarray(column)]
    count = len(values) - len(np.unique(values))
    if count:
        message = f"{count} rows repeat the id of another row; rows are matched by position, never by id"
        warnings.warn(message, AgnsfWarning, stacklevel=3)


def _common_flux_unit(result, wanted):
    """Bring fluxes that were given in different units to one, since only ratios matter."""
    fluxes = [name for name in wanted if name in _FLUXES and name in result.colnames and result[name].unit is not None]
    for name in fluxes[1:]:
        column, target = result[name], result[fluxes[0]].unit
        if column.unit == target:
            continue
        try:
            factor = column.unit.to(target)
        except u.UnitConversionError as exc:
            raise ColumnError(
                f"The unit of {name}, {column.unit}, does not go with that of {fluxes[0]}, {target}"
            ) from exc
        converted = finished(np.ma.getdata(column) * factor, np.ma.getmaskarray(column), name, target)
        result.replace_column(name, converted, copy=False)


def _check_lines(result, wanted, known, *, forced):
    lines = [name for name in wanted if name in _LINES and not name.endswith("_err")]
    if known is None or not lines or any(name in result.colnames for name in lines):
        return
    if known.lacks:
        raise ColumnError(f"The table has no emission lines, and {known.lacks}")
    if forced:
        needs = dict.fromkeys(need for name in lines for one in known.recipes(name)[:1] for need in one.needs)
        missing = [need for need in needs if not Lookup(result).has(need)]
        there = ", ".join(result.colnames) or "no columns"
        raise ColumnError(f"Catalog {known.name!r} needs the column(s) {', '.join(missing)}; the table has {there}")
