# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""VOTable, with the metadata as INFO elements."""

import json
import warnings
from contextlib import suppress
from xml.parsers.expat import ExpatError

import numpy as np
from astropy.io import votable
from astropy.io.votable.tree import Info
from astropy.table import Column, MaskedColumn, Table
from astropy.units import UnitsWarning

from agnsf.catalogs._errors import TableFileError
from agnsf.catalogs._portable import json_meta, plain_columns
from agnsf.catalogs._values import blank, free_integer, normalize, storable_unit

__all__ = ["read", "write"]

_PREFIX = "meta."  # of an INFO that holds metadata other than the provenance, as JSON

#: VOTable has no type of these; the next wider one takes their place.
_WIDER = {"int8": np.int16, "uint16": np.int32, "uint32": np.int64, "float16": np.float32}


def read(path):
    """Return the first table of a VOTable file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", votable.exceptions.VOWarning)  # of harmless breaches of the standard
            warnings.simplefilter("ignore", UnitsWarning)  # of units that are only carried along
            # As VOTable's own "vounit", dex would be a tenth of an ex; normalize knows the other standards.
            found = votable.parse(path, verify="ignore", unit_format="generic").get_first_table()
            table = normalize(found.to_table(use_names_over_ids=True))
    except (ExpatError, IndexError, ValueError, OSError, EOFError) as exc:
        raise TableFileError(f"{str(path)!r} is not a VOTable that can be read: {exc}") from exc
    for column in table.itercols():
        column.info.description = " ".join((column.info.description or "").split()) or None  # it comes wrapped
    for info in found.infos:
        if info.name == "AGNSF":
            table.meta["AGNSF"] = info.value
        elif info.name and info.name.startswith(_PREFIX):
            with suppress(ValueError):  # somebody else's
                table.meta[info.name.removeprefix(_PREFIX)] = json.loads(info.value)
    return table


def _encode(column):
    name, values = column.name, blank(column)
    mask = np.broadcast_to(getattr(column, "mask", False), values.shape)
    if values.dtype.name in _WIDER:
        values = values.astype(_WIDER[values.dtype.name])
    elif values.dtype == np.uint64:
        if values.max(initial=0) >= 2**63:
            raise TableFileError(
                f"VOTable cannot hold column {name!r}: a value exceeds 2**63 - 1; write FITS, ECSV or Parquet"
            )
        values = values.astype(np.int64)
    elif values.dtype.kind == "O":
        raise TableFileError(f"VOTable cannot hold column {name!r}: its values are Python objects")
    elif values.dtype.itemsize == 0:
        values = values.astype("U1")
    if values.ndim > 1 and (values.dtype.kind in "US" or (values.dtype.kind == "b" and mask.any())):
        what = "arrays of text" if values.dtype.kind != "b" else "arrays of booleans with masked ones"
        raise TableFileError(f"VOTable cannot hold column {name!r}: {what}; write FITS, ECSV or Parquet")
    if values.dtype.kind in "US" or not mask.any():
        return Column(values)  # no text is empty text
    new = MaskedColumn(values, mask=mask)
    if values.dtype.kind in "iu":
        new.meta = {"values": {"null": free_integer(values[~mask])}}
    return new


def write(table, path):
    """Write a table to a new VOTable file."""
    plain = plain_columns(table)
    out = Table()
    for name in plain.colnames:
        column = _encode(plain[name])
        column.name, column.unit = name, storable_unit(plain[name].unit, "vounit")
        column.description = plain[name].description
        out.add_column(column)
    with warnings.catch_warnings():
        # Of units that are in no standard, or deprecated like Angstrom.
        warnings.simplefilter("ignore", UnitsWarning)
        warnings.simplefilter("ignore", votable.exceptions.VOWarning)
        file = votable.from_table(out)
        infos = file.get_first_table().infos
        for key, value in json_meta(table).items():
            if key == "AGNSF":
                infos.append(Info(name=key, value=value))
            elif key not in ("ID", "name", "description"):
                infos.append(Info(name=_PREFIX + key, value=json.dumps(value)))
        file.to_xml(str(path))
