# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""SDSS spectra, one file each (``spec-*.fits``), as a table of their line measurements."""

import re
import warnings
from pathlib import Path

from astropy.io import fits
from astropy.table import MaskedColumn, Table

from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._map import CatalogMap
from agnsf.catalogs._portsmouth import fibre
from agnsf.catalogs._recipes import Quadrature, RestWidth, Theirs, Total
from agnsf.catalogs._values import normalize
from agnsf.columns import AgnsfWarning

__all__ = ["CATALOGS", "is_spectrum", "read"]

_NAMES = ("SPECOBJID", "BESTOBJID", "PLATE", "MJD", "FIBERID", "PLUG_RA", "PLUG_DEC")
_CLASSES = ("Z", "Z_ERR", "ZWARNING", "CLASS", "SUBCLASS")
_VALUES = ("LINEAREA", "LINEAREA_ERR", "LINEEW", "LINEEW_ERR")
_LINES = {
    "h_beta_flux": "H_BETA",
    "oiii_5007_flux": "O_III_5007",
    "oi_6300_flux": "O_I_6300",
    "h_alpha_flux": "H_ALPHA",
    "nii_6584_flux": "N_II_6583",
}
_SII = ("S_II_6716", "S_II_6730")

_SDSS = CatalogMap(
    name="sdss-spectra",
    title="SDSS spectra (SPZLINE)",
    recognized_by=(("PLUG_RA", "H_ALPHA_LINEAREA", "H_BETA_LINEAREA"),),
    columns={
        "id": Theirs("SPECOBJID"),
        "ra": Theirs("PLUG_RA"),
        "dec": Theirs("PLUG_DEC"),
        "z": Theirs("Z"),
        **{name: Theirs(f"{line}_LINEAREA") for name, line in _LINES.items()},
        **{f"{name}_err": Theirs(f"{line}_LINEAREA_ERR") for name, line in _LINES.items()},
        "sii_flux": Total(tuple(f"{line}_LINEAREA" for line in _SII)),
        "sii_flux_err": Quadrature(tuple(f"{line}_LINEAREA_ERR" for line in _SII)),
        "h_alpha_ew": RestWidth("H_ALPHA_LINEEW", "Z"),
        "nii_6584_ew": RestWidth("N_II_6583_LINEEW", "Z"),
        "aperture": fibre,
    },
    url="https://data.sdss.org/datamodel/files/SPECTRO_REDUX/RUN2D/spectra/lite/PLATE4/spec.html",
    citations=("2012AJ....144..144B",),
)

CATALOGS = (_SDSS,)


def is_spectrum(path):
    """Return whether a FITS file is one SDSS spectrum, by its first header."""
    try:
        header = fits.getheader(path, 0)
    except (OSError, EOFError):
        return False
    return "FIBERID" in header and "PLUG_RA" in header


def _line_name(text):
    """Return the name of a line as part of a column name: ``[O_III] 5007`` is O_III_5007."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()


def _row(path):
    """Return the measurements of one spectrum by column name, None where there is no value."""
    try:
        with fits.open(path, memmap=False) as hdus:
            about = hdus["SPECOBJ" if "SPECOBJ" in hdus else "SPALL"].data
            lines = hdus["SPZLINE"].data
            row = {"spectrum": Path(path).name}
            for name in (*_NAMES, *_CLASSES):
                value = about[name][0] if name in about.names else None
                row[name] = value.strip() or None if isinstance(value, str) else value
            for line in lines:
                name = _line_name(line["LINENAME"])
                if name in _LINES.values() or name in _SII:
                    fitted = line["LINEAREA_ERR"] > 0  # negative where the fit is not valid
                    row |= {f"{name}_{value}": float(line[value]) if fitted else None for value in _VALUES}
            return row
    except (OSError, EOFError, KeyError, IndexError, ValueError, TypeError) as exc:
        raise TableFileError(f"{str(path)!r} is not an SDSS spectrum with measured lines (SPZLINE): {exc}") from exc


def _column(values):
    mask = [value is None for value in values]
    known = [value for value in values if value is not None]
    filler = type(known[0])() if known else 0.0
    return MaskedColumn([filler if value is None else value for value in values], mask=mask)


def read(path):
    """
    Return the table of one spectrum, or of all in a folder.

    A file in the folder that cannot be read is left out with a warning.
    """
    path = Path(path)
    files = sorted(path.glob("spec-*.fits*")) if path.is_dir() else [path]
    if not files:
        raise TableFileError(f"The folder {str(path)!r} is not a table: it holds no SDSS spectra (spec-*.fits)")
    rows, bad = [], []
    for file in files:
        try:
            rows.append(_row(file))
        except TableFileError as exc:
            if not path.is_dir():
                raise
            bad.append(exc)
    if not rows:
        raise bad[0]
    if bad:
        message = f"{len(bad)} of {len(files)} spectra in {str(path)!r} are left out; the first: {bad[0]}"
        warnings.warn(message, AgnsfWarning, stacklevel=2)
    names = dict.fromkeys(name for row in rows for name in row)
    return normalize(Table({name: _column([row.get(name) for row in rows]) for name in names}))
