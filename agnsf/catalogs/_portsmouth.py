# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The Portsmouth emission lines of SDSS and BOSS spectra."""

import numpy as np

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import Quadrature, Theirs, Total

__all__ = ["CATALOGS", "fibre"]

_LINES = {
    "h_alpha_flux": "Ha_6562",
    "h_beta_flux": "Hb_4861",
    "oiii_5007_flux": "OIII_5006",
    "nii_6584_flux": "NII_6583",
    "oi_6300_flux": "OI_6300",
}
_SII = ("SII_6716", "SII_6730")
_FIRST_BOSS_PLATE = 3510


class _Fibre:
    """The fibre by the plate: 3 arcsec with the SDSS spectrographs, 2 with those of BOSS."""

    needs = ("PLATE",)

    def __call__(self, their):
        plate = their("PLATE")
        return np.where(np.isnan(plate), np.nan, np.where(plate < _FIRST_BOSS_PLATE, 3.0, 2.0))


fibre = _Fibre()

_PORTSMOUTH = CatalogMap(
    name="portsmouth",
    title="Portsmouth emissionLinesPort",
    recognized_by=(tuple(f"Flux_{_LINES[name]}" for name in list(_LINES)[:4]),),
    columns={
        "id": Theirs("SPECOBJID"),
        "ra": Theirs("RA"),
        "dec": Theirs("DEC"),
        "z": Theirs("Z"),
        "radius": Theirs("petroRad_r"),
        **{name: Theirs(f"Flux_{line}") for name, line in _LINES.items()},
        "sii_flux": Total(tuple(f"Flux_{line}" for line in _SII)),
        **{f"{name}_err": Theirs(f"Flux_{line}_Err") for name, line in _LINES.items()},
        "sii_flux_err": Quadrature(tuple(f"Flux_{line}_Err" for line in _SII)),
        "h_alpha_ew": Theirs("EW_Ha_6562"),
        "nii_6584_ew": Theirs("EW_NII_6583"),
        "aperture": fibre,
    },
    missing=(-9999.0, -999.0),
    url="https://www.sdss4.org/dr17/spectro/galaxy_portsmouth/",
    citations=("2013MNRAS.431.1383T",),
)

CATALOGS = (_PORTSMOUTH,)
