# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classes that a catalog brings with it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from astropy.table import MaskedColumn

import agnsf
from agnsf.columns import ColumnError, LabelFlag, float_values, is_masked
from agnsf.labelers.diagram import Region
from agnsf.labelers.line_diagram import EMITTING
from agnsf.labelers.schemes import SCHEMES

__all__ = ["Published"]

_NO_CLASS = Region("", flag=LabelFlag.NOT_CLASSIFIED)


def _regions(scheme, column):
    """Return the distinct values of a column as regions, and for each row which of them it has."""
    plain = np.ma.getdata(np.asarray(column))
    if plain.dtype.kind in "SU":
        plain = np.char.strip(plain.astype(str))
    elif plain.dtype.kind not in "iu":
        raise ColumnError(f"Column {column.name!r} must hold whole numbers or text to be a class, not {plain.dtype}")
    values, inverse = np.unique(plain, return_inverse=True)
    regions = [scheme.read(value) or _NO_CLASS for value in values.tolist()] + [_NO_CLASS]
    return regions, np.where(is_masked(column), len(values), inverse)


@dataclass(frozen=True)
class Published(agnsf.Labeler):
    """
    Read the class that a published catalog gives.

    It understands the column ``bptclass`` of MPA-JHU (2004MNRAS.351.1151B), ``bpt`` of Portsmouth
    (2013MNRAS.431.1383T), ``SUBCLASS`` of SDSS (2012AJ....144..144B), ``BPT_CLASS`` of Schawinski et al.
    (2010ApJ...711..284S) and Galloway et al. (2015MNRAS.448.3442G), and ``OPT_UV_TYPE`` of the DESI
    AGN/QSO catalog. What the catalog does not classify is masked, and so is class 5 of MPA-JHU, a
    LINER by two lines only, which is not to be trusted. A LINER with less than 3 Angstrom of
    H-alpha, where that is known, is a retired galaxy (2011MNRAS.413.1687C).

    Parameters
    ----------
    column : str, optional
        The column that has the class; by default it is found by its name.
    scheme : {"auto", "mpa-jhu", "portsmouth", "sdss", "schawinski2010", "desi"}, optional
        What its values mean; by default what the name of the column tells.
    retired : {"retired", "AGN"}, optional
        The label of a LINER with less than 3 Angstrom of H-alpha, where that is known.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.labelers.published import Published
    >>> Published().label(Table({'bptclass': [1, 3, 4, 5, -1]}))['label'].tolist()
    ['SF', 'composite', 'AGN', None, None]
    """

    column: str = ""
    scheme: Literal["auto", "mpa-jhu", "portsmouth", "sdss", "schawinski2010", "desi"] = "auto"
    retired: Literal["retired", "AGN"] = "retired"

    name = "published"
    optional: ClassVar[tuple[str, ...]] = ("h_alpha_ew",)

    def _find(self, table):
        """Return the scheme and the name of its column."""
        candidates = [scheme for scheme in SCHEMES if self.scheme in ("auto", scheme.name)]
        if self.column:
            named = [scheme for scheme in candidates if self.column in scheme.columns]
            if self.column not in table.colnames:
                raise ColumnError(
                    f"Labeler 'published' was told to read {self.column!r}; the table has {', '.join(table.colnames)}"
                )
            found = [(scheme, self.column) for scheme in (named or candidates)]
        else:
            found = [(scheme, name) for scheme in candidates for name in scheme.columns if name in table.colnames]
        if not found:
            known = ", ".join(name for scheme in candidates for name in scheme.columns)
            raise ColumnError(
                f"Labeler 'published' needs one of the columns {known}; the table has {', '.join(table.colnames)}"
            )
        if len(found) > 1:
            choices = " or ".join(f"scheme={scheme.name} with column={name}" for scheme, name in found)
            raise ColumnError(f"Labeler 'published' cannot tell which class to read; choose {choices}")
        return found[0]

    def label(self, table):
        """Return the class of every row; see `agnsf.Labeler.label`."""
        scheme, name = self._find(table)
        regions, which = _regions(scheme, table[name])
        labels, subclasses, flags = (np.array(part) for part in zip(*regions, strict=True))
        labels = labels.astype(np.result_type(labels, np.dtype("U7")))[which]  # long enough for 'retired'
        subclasses = subclasses.astype(np.result_type(subclasses, np.dtype("U7")))[which]
        if "h_alpha_ew" in table.colnames:
            weak = (subclasses == "LINER") & (labels != "") & (float_values(table, "h_alpha_ew") < EMITTING.value)
            labels[weak], subclasses[weak] = self.retired, "retired"
        source = f"Column {name} of {scheme.title}"
        return {
            "label": MaskedColumn(labels, mask=labels == "", description=source),
            "subclass": MaskedColumn(subclasses, mask=subclasses == "", description=source),
            "label_flag": flags[which].astype(np.int16),
        }


@agnsf.hookimpl
def register_labelers():
    """Return the labeler that reads classes."""
    return [Published]
