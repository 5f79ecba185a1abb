# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From the column ``label`` to the two classes."""

import numpy as np

from agnsf.columns import LABELS, ColumnError, is_masked, require_columns

__all__ = ["binary_labels", "strings"]

_VALUES = {"SF": 0.0, "AGN": 1.0, "composite": 1.0, "retired": np.nan, "passive": np.nan}
_COMPOSITES = {"agn": 1.0, "sf": 0.0, "drop": np.nan}


def strings(column):
    """
    Return a column of text as str.

    Parameters
    ----------
    column : `~astropy.table.Column`
        Of str or bytes, masked or not.

    Returns
    -------
    values : `~numpy.ndarray` of str, shape (n,)
        Stripped; empty where the column is masked.
    """
    values = np.ma.getdata(np.asarray(column))
    values = np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values.astype(str)
    return np.where(is_masked(column), "", np.char.strip(values))


def binary_labels(table, *, composites=None):
    """
    Return the class of every galaxy as a number.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the column ``label``, and with ``subclass`` where the labeler gave one.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What a composite counts as, whether ``label`` or ``subclass`` calls it so. By default
        the labeler decides, and where its ``label`` is ``composite`` it counts as AGN.

    Returns
    -------
    is_agn : `~numpy.ndarray` of float64, shape (n,)
        1 for AGN, 0 for SF, and NaN where the galaxy is neither: masked, retired or passive.

    Raises
    ------
    ColumnError
        If there is no column ``label``, or it holds another value.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.datasets import binary_labels
    >>> binary_labels(Table({'label': ['SF', 'AGN', 'composite', 'retired']})).tolist()
    [0.0, 1.0, 1.0, nan]
    """
    if composites is not None and composites not in _COMPOSITES:
        raise ValueError(f"composites must be 'agn', 'sf', 'drop' or None, not {composites!r}")
    require_columns(table, ["label"], who="Training or evaluation")
    names, codes = np.unique(strings(table["label"]), return_inverse=True)
    strange = [str(name) for name in names if name and name not in LABELS]
    if strange:
        raise ColumnError(
            f"The column label holds {', '.join(map(repr, strange[:5]))}; it must be {', '.join(LABELS)}, or masked"
        )
    is_agn = np.array([_VALUES.get(name, np.nan) for name in names])[codes]
    if composites is not None:
        is_composite = (names == "composite")[codes]
        if "subclass" in table.colnames:
            is_composite |= strings(table["subclass"]) == "composite"
        is_agn[is_composite & (names != "")[codes]] = _COMPOSITES[composites]
    return is_agn
