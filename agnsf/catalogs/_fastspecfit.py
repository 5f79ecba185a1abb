# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""FastSpecFit, the lines of DESI spectra."""

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import InverseVariance, LogMass, Theirs, Total, VegaError, VegaMagnitude

__all__ = ["CATALOGS"]

_LINES = {
    "h_alpha_flux": "HALPHA",
    "h_beta_flux": "HBETA",
    "oiii_5007_flux": "OIII_5007",
    "nii_6584_flux": "NII_6584",
    "oi_6300_flux": "OI_6300",
}
_SII = ("SII_6716", "SII_6731")
_AB_MINUS_VEGA = {"w1": 2.699, "w2": 3.339, "w3": 5.174}

_FASTSPECFIT = CatalogMap(
    name="fastspecfit",
    title="DESI FastSpecFit",
    recognized_by=(("HALPHA_FLUX", "HBETA_FLUX", "OIII_5007_FLUX", "NII_6584_FLUX"),),
    columns={
        "id": Theirs("TARGETID"),
        "ra": Theirs("RA"),
        "dec": Theirs("DEC"),
        "z": Theirs("Z"),
        **{name: Theirs(f"{line}_FLUX") for name, line in _LINES.items()},
        "sii_flux": Total(tuple(f"{line}_FLUX" for line in _SII)),
        **{f"{name}_err": InverseVariance((f"{line}_FLUX_IVAR",)) for name, line in _LINES.items()},
        "sii_flux_err": InverseVariance(tuple(f"{line}_FLUX_IVAR" for line in _SII)),
        "h_alpha_ew": Theirs("HALPHA_EW"),
        "nii_6584_ew": Theirs("NII_6584_EW"),
        "log_mass": LogMass("LOGMSTAR", h=1.0, is_log=True),
        **{f"mag_{band}": VegaMagnitude(f"FLUX_{band.upper()}", vega) for band, vega in _AB_MINUS_VEGA.items()},
        **{
            f"mag_{band}_err": VegaError(f"FLUX_{band.upper()}", f"FLUX_IVAR_{band.upper()}") for band in _AB_MINUS_VEGA
        },
    },
    aperture=1.5,
    url="https://fastspecfit.readthedocs.io/en/latest/vacs.html",
    citations=("2023ascl.soft08005M",),
)

CATALOGS = (_FASTSPECFIT,)
