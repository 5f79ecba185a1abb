# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The MPA-JHU catalog of SDSS DR7/DR8, and the table that astroML makes of it."""

from dataclasses import replace

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import Quadrature, Ratio, Theirs, Total

__all__ = ["CATALOGS"]

_LINES = {
    "h_alpha_flux": "H_ALPHA",
    "h_beta_flux": "H_BETA",
    "oiii_5007_flux": "OIII_5007",
    "nii_6584_flux": "NII_6584",
    "oi_6300_flux": "OI_6300",
}
_SII = ("SII_6717", "SII_6731")

#: By how much the errors are too small, found from galaxies that were observed twice.
_ERROR_FACTORS = {
    "h_alpha_flux": 2.473,
    "h_beta_flux": 1.882,
    "oiii_5007_flux": 1.566,
    "nii_6584_flux": 2.039,
    "oi_6300_flux": 1.378,
    "sii_flux": 1.621,
}


def _errors(factors):
    lines = {f"{name}_err": Theirs(f"{line}_FLUX_ERR", factors.get(name, 1.0)) for name, line in _LINES.items()}
    doublet = Quadrature(tuple(f"{line}_FLUX_ERR" for line in _SII), factors.get("sii_flux", 1.0))
    return {**lines, "sii_flux_err": doublet}


def _measured(their):
    """Tell the rows that galSpecInfo calls reliable."""
    reliable = their("RELIABLE")
    return None if reliable is None else reliable > 0


def _width(line):
    """Return how to get an equivalent width; H-alpha and [N II] blend in EQW, which is negative in emission."""
    return (Ratio(f"{line}_FLUX", f"{line}_CONT"), Theirs(f"{line}_EQW", -1.0), Theirs(f"{line}_REQW", -1.0))


_FOUR = ("H_ALPHA_FLUX", "H_BETA_FLUX", "OIII_5007_FLUX", "NII_6584_FLUX")
_CITATIONS = ("2003MNRAS.341...33K", "2004MNRAS.351.1151B", "2004ApJ...613..898T")

_MPAJHU = CatalogMap(
    name="mpa-jhu",
    title="MPA-JHU galSpecLine",
    recognized_by=tuple(
        (*_FOUR, other)
        for other in ("H_ALPHA_CONT", "H_ALPHA_EQW", "SII_6717_FLUX", "SPECTOFIBER", "SIGMA_BALMER", "SPECOBJID")
    ),
    columns={
        "id": (Theirs("SPECOBJID"), Theirs("OBJID")),
        "ra": Theirs("RA"),
        "dec": Theirs("DEC"),
        "z": Theirs("Z"),
        "radius": Theirs("petroRad_r"),
        **{name: Theirs(f"{line}_FLUX") for name, line in _LINES.items()},
        "sii_flux": Total(tuple(f"{line}_FLUX" for line in _SII)),
        **_errors({}),
        "h_alpha_ew": _width("H_ALPHA"),
        "nii_6584_ew": _width("NII_6584"),
        "log_mass": Theirs("LGM_TOT_P50"),
    },
    missing=(-9999.0, -999.0),
    measured=_measured,
    aperture=3.0,
    url="https://www.sdss4.org/dr17/spectro/galaxy_mpajhu/",
    citations=_CITATIONS,
)

_SCALED = replace(
    _MPAJHU,
    name="mpa-jhu-scaled",
    title="MPA-JHU galSpecLine, with errors as repeated observations have them",
    recognized_by=(),
    columns={**_MPAJHU.columns, **_errors(_ERROR_FACTORS)},
)

_ASTROML = replace(
    _MPAJHU,
    name="astroml",
    title="MPA-JHU as astroML's fetch_sdss_specgals returns it",
    recognized_by=((*_FOUR, "H_DELTA_FLUX", "LGM_TOT_P50", "BPTCLASS", "MODELMAG_U", "RCHI2"),),
    columns={**_MPAJHU.columns, "id": Theirs("OBJID")},
    url="https://www.astroml.org/user_guide/datasets.html",
    citations=(*_CITATIONS, "2012cidu.conf...47V"),
)

CATALOGS = (_ASTROML, _MPAJHU, _SCALED)
