# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The radius that frames a galaxy, without the values that are none."""

import warnings

import numpy as np

from agnsf.catalogs._lookup import as_ours, finished
from agnsf.columns import AgnsfWarning, ColumnError

__all__ = ["radius"]

#: Where the usual catalogs have which radius.
_NAMES = {
    "petrosian": ("PETROTHETA", "PETRO_THETA", "petroRad_r"),
    "petrosian-50": ("PETROTH50", "PETRO_TH50", "petroR50_r"),
    "petrosian-90": ("PETROTH90", "PETRO_TH90", "petroR90_r"),
    "elpetro": ("ELPETRO_THETA",),
    "elpetro-50": ("ELPETRO_TH50_R", "NSA_ELPETRO_TH50_R"),
    "sersic": ("SERSIC_TH50", "NSA_SERSIC_TH50"),
}
_FAILED_FIT = 27.6537  # arcsec; the NASA-Sloan Atlas has 27.653702 where its Petrosian fit failed
_SMALLEST = 3.0  # arcsec; below it the same fit is not to be trusted


def radius(lookup, theirs, kind):
    """Return the radius as a column of ours, in arcsec, or None where the table has none."""
    kind = kind or "petrosian"
    if kind not in _NAMES and theirs is None:
        listed = ", ".join(_NAMES)
        raise ColumnError(
            f"No radius of the kind {kind!r} is known ({listed} are); name its column by --column radius=NAME"
        )
    spelled = _NAMES.get(kind, ())
    candidates = (theirs,) if theirs else ("radius", *spelled) if kind == "petrosian" else (*spelled, "radius")
    names = [name for name in map(lookup.name, candidates) if name is not None]
    if not names:
        return None
    column = as_ours(lookup.table[names[0]], "radius")
    return _credible(column, smallest=_SMALLEST if kind == "petrosian" else 0.0)


def _credible(column, *, smallest):
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    with np.errstate(invalid="ignore"):
        bad = (np.abs(values - _FAILED_FIT) < 5e-5) | (values < smallest) | (values <= 0)
    bad &= ~mask
    if not bad.any():
        return column
    message = (
        f"Radii of {_FAILED_FIT} arcsec (a failed fit of the NASA-Sloan Atlas) and below {smallest:g} arcsec"
        " are masked; these galaxies are framed at the fixed pixel scale"
    )
    warnings.warn(message, AgnsfWarning, stacklevel=4)
    return finished(values, mask | bad, "radius")
