# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The emission lines of GAMA (SpecLineSFR)."""

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import AbsorptionCorrected, ByValue, Quadrature, Theirs, Total, Unless

__all__ = ["CATALOGS"]

_SDSS, _AAOMEGA = 1, 5  # SURVEY_CODE of the spectra that are calibrated in flux
_BALMER = {"h_alpha_flux": "HA", "h_beta_flux": "HB"}
#: R is the redder line of a doublet; [O I] 6300 is the bluer one.
_FORBIDDEN = {"oiii_5007_flux": "OIIIR", "nii_6584_flux": "NIIR", "oi_6300_flux": "OIB"}
_FIT = {"HA": "HA", "NIIR": "HA", "OIB": "OI", "SIIR": "SII", "SIIB": "SII", "HB": "HB", "OIIIR": "HB"}
_SII = ("SIIR", "SIIB")


def _fitted(recipe, *lines):
    """Return a recipe that counts only where no parameter of a line ran into a limit and the fit went well."""
    flags = [f"{line}_NPEG" for line in lines] + [f"{_FIT[line]}_FITFAIL" for line in lines]
    return Unless(recipe, tuple(dict.fromkeys(flags)))


def _measured(their):
    """Tell the rows whose spectra are calibrated in flux."""
    survey = their("SURVEY_CODE")
    return None if survey is None else (survey == _SDSS) | (survey == _AAOMEGA)


_GAMA = CatalogMap(
    name="gama",
    title="GAMA SpecLineSFR",
    recognized_by=(("HA_FLUX", "HB_FLUX", "OIIIR_FLUX", "NIIR_FLUX"),),
    columns={
        "id": (Theirs("CATAID"), Theirs("SPECID")),
        "ra": Theirs("RA"),
        "dec": Theirs("DEC"),
        "z": Theirs("Z"),
        **{
            f"{name}{end}": _fitted(AbsorptionCorrected(f"{line}_FLUX{end.upper()}", f"{line}_EW"), line)
            for name, line in _BALMER.items()
            for end in ("", "_err")
        },
        **{
            f"{name}{end}": _fitted(Theirs(f"{line}_FLUX{end.upper()}"), line)
            for name, line in _FORBIDDEN.items()
            for end in ("", "_err")
        },
        "sii_flux": _fitted(Total(tuple(f"{line}_FLUX" for line in _SII)), *_SII),
        "sii_flux_err": _fitted(Quadrature(tuple(f"{line}_FLUX_ERR" for line in _SII)), *_SII),
        "h_alpha_ew": _fitted(AbsorptionCorrected("HA_EW", "HA_EW"), "HA"),
        "nii_6584_ew": _fitted(Theirs("NIIR_EW"), "NIIR"),
        "aperture": ByValue("SURVEY_CODE", {_SDSS: 3.0, _AAOMEGA: 2.1}),
    },
    missing=(-99999.0, -9999.0, -999.0),
    measured=_measured,
    url="https://www.gama-survey.org/dr4/",
    citations=("2013MNRAS.430.2047H", "2017MNRAS.465.2671G"),
)

CATALOGS = (_GAMA,)
