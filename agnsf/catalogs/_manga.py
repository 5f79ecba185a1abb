# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The DAPall file of MaNGA, whose line fluxes have no errors."""

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import Channels, Theirs, Total

__all__ = ["CATALOGS"]

_LINES = {
    "h_alpha_flux": ("Ha-6564",),
    "h_beta_flux": ("Hb-4862",),
    "oiii_5007_flux": ("OIII-5008",),
    "nii_6584_flux": ("NII-6585",),
    "sii_flux": ("SII-6718", "SII-6732"),
    "oi_6300_flux": ("OI-6302",),
}
_WIDTHS = {"h_alpha_ew": ("Ha-6564",), "nii_6584_ew": ("NII-6585",)}

#: The channels of DR17, of which only the lines above need names.
_DR17 = ("",) * 14 + ("Hb-4862", "OIII-4960", "OIII-5008", "", "", "", "OI-6302", "OI-6365", "NII-6549")
_DR17 = (*_DR17, "Ha-6564", "NII-6585", "SII-6718", "SII-6732", *("",) * 8)


def _sum(column, lines):
    """Return the recipe for the vectors of the file, and for the single columns of SkyServer."""
    single = tuple(f"{column}_{line.replace('-', '_')}" for line in lines)
    return (Channels(column, lines, _DR17, keyword="ELG"), Total(single))


def _measured(their):
    """Tell the rows that the pipeline finished."""
    done = their("DAPDONE")
    return None if done is None else done > 0


def _map(name, title, region, *, recognized, aperture):
    widths = {ours: _sum(f"EMLINE_GEW_{region}", lines) for ours, lines in _WIDTHS.items()} if region == "1RE" else {}
    return CatalogMap(
        name=name,
        title=title,
        recognized_by=recognized,
        columns={
            "id": Theirs("PLATEIFU"),
            "ra": Theirs("OBJRA"),
            "dec": Theirs("OBJDEC"),
            "z": (Theirs("NSA_Z"), Theirs("Z")),
            **{ours: _sum(f"EMLINE_GFLUX_{region}", lines) for ours, lines in _LINES.items()},
            **widths,
        },
        missing=(-999.0, -9999.0),
        measured=_measured,
        aperture=aperture,
        flux_errors=False,
        url="https://www.sdss4.org/dr17/manga/manga-analysis-pipeline/",
        citations=("2019AJ....158..231W", "2019AJ....158..160B"),
    )


CATALOGS = (
    _map(
        "manga-dapall",
        "MaNGA DAPall (within one effective radius)",
        "1RE",
        recognized=(("PLATEIFU", "EMLINE_GFLUX_1RE"), ("PLATEIFU", "EMLINE_GFLUX_1RE_HA_6564")),
        aperture=None,
    ),
    _map("manga-dapall-center", "MaNGA DAPall (central 2.5 arcsec)", "CEN", recognized=(), aperture=2.5),
)
