# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure the galaxies of a table, each on its cutout."""

import numpy as np
from astropy.table import MaskedColumn
from tqdm import tqdm

from agnsf.columns import float_values
from agnsf.cutouts.engine import iter_cutouts
from agnsf.images import RECIPES
from agnsf.measure import MeasureError, measure_cutout, measurement_names

__all__ = ["measure_all"]


def measure_all(table, source, *, framing=None, access=None, fwhm=1.3, progress=False):
    """
    Measure the galaxies of a table.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, by our column names; ``ebv`` is used where it stands.
    source : ImageSource
        Where the cutouts come from, after its ``prepare``.
    framing : Framing or None, optional
        How they are framed.
    access : Access or None, optional
        How they are asked for.
    fwhm : float, optional
        Full width at half maximum of the point-spread function, in arcsec.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    columns : dict of str to column, each of shape (n,)
        ``image_status``, the measurements, and ``measure_message``.
    """
    names = measurement_names(_flux_bands(source))
    values = np.full((len(names), len(table)), np.nan)
    status, message = ["ok"] * len(table), [""] * len(table)
    ebv = float_values(table, "ebv") if "ebv" in table.colnames else np.full(len(table), np.nan)
    cutouts = iter_cutouts(table, source, framing=framing, access=access)
    for row, cutout in tqdm(cutouts, total=len(table), unit="galaxy", disable=None if progress else True):
        status[row] = cutout.status
        try:
            found = measure_cutout(cutout, color=source.color, fwhm=fwhm, ebv=ebv[row])
        except MeasureError as exc:
            message[row] = str(exc)
            continue
        values[:, row] = [found.get(name, np.nan) for name in names]
    return {
        "image_status": np.array(status, dtype=str),
        **{
            name: MaskedColumn(one, mask=~np.isfinite(one), unit=unit or None, description=meaning)
            for one, (name, (unit, meaning)) in zip(values, names.items(), strict=True)
        },
        "measure_message": np.ma.array(message, dtype=str, mask=[not one for one in message]),
    }


def _flux_bands(source):
    """Return the bands in which a source's cutouts give flux; empty for pictures that cannot."""
    if source.bands != "rgb":
        return source.bands
    return RECIPES[source.color].bands if RECIPES[source.color].invertible else ""
