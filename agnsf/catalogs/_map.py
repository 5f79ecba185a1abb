# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What agnsf knows of a published catalog."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["CatalogMap"]


@dataclass(frozen=True)
class CatalogMap:
    """
    How the columns of a published catalog become ours.

    Parameters
    ----------
    name : str
        The name that ``catalog=`` and ``--catalog`` take.
    title : str
        The catalog's own name.
    recognized_by : tuple of tuple of str
        Sets of columns of theirs, in any case; a table that has all columns of one set is taken
        for this catalog. A map without any is used only when it is asked for.
    columns : dict of str to recipe or tuple of recipes
        For each column of ours how it follows from theirs (``agnsf.catalogs._recipes``); of
        several, the first counts whose columns are there.
    missing : tuple of float, optional
        Values that stand for no value.
    measured : callable or None, optional
        From a function that returns a column of theirs, or None where there is none, to a boolean
        array that tells the rows whose lines were measured, or None for all rows.
    aperture : float or None, optional
        Diameter in arcsec of the fibre that took the spectra, if it is the same for all.
    flux_errors : bool, optional
        Whether line fluxes come with errors. Where they do not, nothing can be said about the
        signal-to-noise ratio, and a labeler must be told not to ask for one.
    lacks : str, optional
        For a catalog without line fluxes: what to do about it.
    url : str, optional
        Where it is described and downloaded.
    citations : tuple of str, optional
        Bibcodes of the papers to cite.
    """

    name: str
    title: str
    recognized_by: tuple[tuple[str, ...], ...]
    columns: Mapping[str, object] = field(repr=False)
    missing: tuple[float, ...] = ()
    measured: Callable | None = field(default=None, repr=False)
    aperture: float | None = None
    flux_errors: bool = True
    lacks: str = ""
    url: str = ""
    citations: tuple[str, ...] = ()

    def recipes(self, name):
        """Return the ways to make one of our columns, the best first."""
        found = self.columns.get(name, ())
        return found if isinstance(found, tuple) else (found,)

    def recipe(self, name, lookup):
        """Return the best way for which the table has the columns, or None."""
        return next((one for one in self.recipes(name) if lookup.has(*one.needs)), None)
