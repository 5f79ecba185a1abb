# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The NASA-Sloan Atlas: v0_1_2 has emission lines, v1_0_1 has none."""

import warnings

import numpy as np

from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._recipes import LogMass, Theirs
from agnsf.columns import AgnsfWarning

__all__ = ["CATALOGS"]

_LINES = {
    "h_alpha_flux": "HA",
    "h_beta_flux": "HB",
    "oiii_5007_flux": "O3",
    "nii_6584_flux": "N2",  # 6584 alone
    "sii_flux": "S2",  # the doublet
    "oi_6300_flux": "O1",
}
_FIBER_RADIUS = 1.5  # arcsec


def _measured(their):
    """Tell the rows that have an SDSS spectrum, with the fibre on the nucleus."""
    plate, ra, dec, plug_ra, plug_dec = map(their, ("PLATE", "RA", "DEC", "PLUG_RA", "PLUG_DEC"))
    if plate is None:
        return None
    good = plate > 0
    if any(one is None for one in (ra, dec, plug_ra, plug_dec)):
        return good
    east = ((plug_ra - ra + 180) % 360 - 180) * np.cos(np.radians(dec))
    missed = good & (3600 * np.hypot(east, plug_dec - dec) > _FIBER_RADIUS)
    if missed.any():
        message = f"Lines are masked where the fibre (PLUG_RA, PLUG_DEC) was {_FIBER_RADIUS} arcsec off the nucleus"
        warnings.warn(message, AgnsfWarning, stacklevel=2)
    return good & ~missed


_PLACE = {name: Theirs(theirs) for name, theirs in {"id": "NSAID", "ra": "RA", "dec": "DEC", "z": "Z"}.items()}
_BLANTON = "2011AJ....142...31B"

_V0 = CatalogMap(
    name="nsa",
    title="NASA-Sloan Atlas v0_1_2",
    recognized_by=(("NSAID", "HAFLUX", "HBFLUX", "O3FLUX", "N2FLUX"),),
    columns={
        **_PLACE,
        "radius": Theirs("PETROTHETA"),
        **{name: Theirs(f"{line}FLUX") for name, line in _LINES.items()},
        **{f"{name}_err": Theirs(f"{line}FLUXERR") for name, line in _LINES.items()},
        "h_alpha_ew": Theirs("HAEW"),
        "nii_6584_ew": Theirs("N2EW"),
        "log_mass": LogMass("MASS", h=1.0),
    },
    missing=(-9999.0, -999.0),
    measured=_measured,
    aperture=3.0,
    url="https://sdss.physics.nyu.edu/mblanton/v0/nsa_v0_1_2.fits",
    citations=(_BLANTON,),
)

_V1 = CatalogMap(
    name="nsa-v1",
    title="NASA-Sloan Atlas v1_0_1",
    recognized_by=(("NSAID", "PETRO_THETA"), ("NSAID", "ELPETRO_THETA")),
    columns={
        **_PLACE,
        "radius": Theirs("PETRO_THETA"),
        "log_mass": (LogMass("SERSIC_MASS", h=1.0), LogMass("ELPETRO_MASS", h=1.0)),
    },
    missing=(-9999.0, -999.0),
    lacks=(
        "version 1 of the NASA-Sloan Atlas has none; use version 0_1_2, or cross-match with MPA-JHU or Portsmouth"
        " by PLATE, MJD and FIBERID or by position (NSAID differs between the versions)"
    ),
    url="https://www.sdss4.org/dr17/manga/manga-target-selection/nsa/",
    citations=(_BLANTON,),
)

CATALOGS = (_V0, _V1)
