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
    recognized_by : tuple of str
        Columns of theirs, in any case, that together identify the catalog.
    columns : dict of str to recipe
        For each column of ours how it follows from theirs (``agnsf.catalogs._recipes``).
    missing : tuple of float, optional
        Values that stand for no value.
    measured : callable or None, optional
        From a function that returns a column of theirs, or None where there is none, to a boolean
        array that tells the rows whose lines were measured, or None for all rows.
    aperture : float or None, optional
        Diameter in arcsec of the fibre that took the spectra.
    flux_errors : bool, optional
        Whether line fluxes come with errors. Where they do not, nothing can be said about the
        signal-to-noise ratio, and a labeler must be told not to ask for one.
    lacks : str, optional
        For a catalog without line fluxes: what to do about it.
    url : str, optional
        Where it is downloaded.
    citations : tuple of str, optional
        Bibcodes of the papers to cite.
    """

    name: str
    title: str
    recognized_by: tuple[str, ...]
    columns: Mapping[str, object] = field(repr=False)
    missing: tuple[float, ...] = ()
    measured: Callable | None = field(default=None, repr=False)
    aperture: float | None = None
    flux_errors: bool = True
    lacks: str = ""
    url: str = ""
    citations: tuple[str, ...] = ()
