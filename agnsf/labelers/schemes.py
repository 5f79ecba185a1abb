# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the class columns of published catalogs mean."""

from collections.abc import Callable
from dataclasses import dataclass

from agnsf.columns import LabelFlag
from agnsf.labelers.diagram import Region

__all__ = ["SCHEMES", "Scheme"]


@dataclass(frozen=True)
class Scheme:
    """
    How to read one catalog's classes.

    Parameters
    ----------
    name : str
        The name that ``scheme=`` takes.
    title : str
        The catalog, with its bibcode.
    columns : tuple of str
        Names of the column that has the class.
    read : callable
        From a value to a `Region`, or None if the value is no class.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    read: Callable


_SF, _COMPOSITE, _AGN = Region("SF"), Region("composite", "composite"), Region("AGN")
_SEYFERT, _LINER = Region("AGN", "Seyfert"), Region("AGN", "LINER")

_MPA_JHU = {
    1: _SF,
    2: Region("SF", "low S/N"),
    3: _COMPOSITE,
    4: _AGN,
    5: Region("", "LINER", LabelFlag.NOT_CLASSIFIED),  # by [N II]/H-alpha alone
}

_PORTSMOUTH = {
    "Star Forming": _SF,
    "Composite": _COMPOSITE,
    "Seyfert": _SEYFERT,
    "LINER": _LINER,
    "Seyfert/LINER": Region("AGN", "ambiguous"),
}

_SDSS = {
    "STARFORMING": _SF,
    "STARBURST": Region("SF", "starburst"),
    "AGN": _AGN,
    "STARFORMING BROADLINE": Region("SF", "broad line"),
    "STARBURST BROADLINE": Region("SF", "broad line"),
    "AGN BROADLINE": Region("AGN", "broad line"),
    "BROADLINE": Region("", "broad line", LabelFlag.NOT_CLASSIFIED),
}

_SCHAWINSKI = {1: _SF, 2: _COMPOSITE, 3: _SEYFERT, 4: _LINER}

#: Bits of OPT_UV_TYPE for the [N II] diagram.
_DESI_BITS = {1: _SF, 2: _COMPOSITE, 3: _SEYFERT, 4: _LINER}


def _read_desi(value):
    found = [region for bit, region in _DESI_BITS.items() if value >> bit & 1]
    return found[0] if len(found) == 1 else None


SCHEMES = (
    Scheme("mpa-jhu", "MPA-JHU (2004MNRAS.351.1151B)", ("bptclass", "BPTCLASS"), _MPA_JHU.get),
    Scheme("portsmouth", "Portsmouth (2013MNRAS.431.1383T)", ("bpt", "BPT"), _PORTSMOUTH.get),
    Scheme("sdss", "SDSS (2012AJ....144..144B)", ("SUBCLASS", "subClass"), _SDSS.get),
    Scheme(
        "schawinski2010",
        "Schawinski et al. (2010ApJ...711..284S) or Galloway et al. (2015MNRAS.448.3442G)",
        ("BPT_CLASS", "BPT_Class"),
        _SCHAWINSKI.get,
    ),
    Scheme("desi", "the DESI AGN/QSO catalog", ("OPT_UV_TYPE",), _read_desi),
)
