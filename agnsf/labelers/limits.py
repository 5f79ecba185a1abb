# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Upper limits: the classes that a galaxy can have where a line is not significant."""

from itertools import product

import numpy as np

from agnsf.columns import ColumnError, LabelFlag, float_values
from agnsf.labelers.lines import minimum_snr

__all__ = ["with_limits"]

#: Rows that a limit can help; with any other bit set it cannot.
_CENSORED = LabelFlag.LOW_SNR | LabelFlag.NON_POSITIVE_FLUX

#: In dex; farther than any ratio of two numbers.
_FAR = 1e6

# Codes of the columns ``log_..._limit``.
_UPPER, _LOWER, _UNDETERMINED = 1, 2, 3


def _intervals(labeler, inputs):
    """Return the least and the greatest value of each ratio, and the code of its limit."""
    flux = {}
    for name in dict.fromkeys(name for pair in labeler.ratios.values() for name in pair):
        limit = minimum_snr(labeler.snr, name) * inputs[f"{name}_err"]
        detected = (inputs[name] > 0) & (inputs[name] >= limit)
        flux[name] = (np.where(detected, inputs[name], 0.0), np.where(detected, inputs[name], limit), ~detected)
    low, high, codes = {}, {}, {}
    for ratio, (above, below) in labeler.ratios.items():
        (top_low, top_high, top_limit), (bottom_low, bottom_high, bottom_limit) = flux[above], flux[below]
        low[ratio] = np.maximum(np.log10(top_low / bottom_high), -_FAR)
        high[ratio] = np.minimum(np.log10(top_high / bottom_low), _FAR)
        codes[ratio] = np.int8(_UPPER) * top_limit + np.int8(_LOWER) * bottom_limit
    return low, high, codes


def _possible(labeler, inputs, low, high):
    """
    Return the regions that each galaxy can lie in, as a bit mask of their codes.

    Each boundary is crossed at most once along an axis, so the corners of the box between the
    lowest and the highest ratios tell whether the box lies above it, below it, or on both sides.
    A region is possible if it follows from sides that are.
    """
    fixed = labeler.coordinates(inputs)
    above, below = None, None
    for corner in product((low, high), repeat=len(low)):
        at = fixed | {name: side[name] for name, side in zip(low, corner, strict=True)}
        sides = np.array(labeler.sides(at))
        above, below = (sides, ~sides) if above is None else (above | sides, below | ~sides)
    regions = np.zeros(above.shape[1], dtype=np.int32)
    for choice in product((False, True), repeat=len(above)):
        allowed = np.logical_and.reduce([above[i] if side else below[i] for i, side in enumerate(choice)])
        regions |= np.where(allowed, 1 << int(labeler.decide(*map(np.bool_, choice))), 0).astype(np.int32)
    return regions


def _meaning(regions, bits):
    """Return label, subclass, flag and set of labels for some regions of which any is possible."""
    possible = [region for code, region in enumerate(regions, start=1) if bits >> code & 1]
    labels = list(dict.fromkeys(region.label for region in possible))
    subclasses = {region.subclass for region in possible}
    names = list(dict.fromkeys(region.label or region.subclass for region in possible))
    if len(labels) > 1:
        return "", "", int(LabelFlag.LIMIT), ",".join(names)
    flag = possible[0].flag if labels == [""] else 0
    return labels[0], subclasses.pop() if len(subclasses) == 1 else "", int(flag), ",".join(names)


def _updated(column, rows, words):
    """Return a masked column of strings with other words in some rows."""
    found = column.astype(np.result_type(column.dtype, words.dtype))
    found[rows] = words
    found.mask[rows] = words == ""
    return found


def with_limits(labeler, table, columns):
    """
    Return a labeler's columns with classes where upper limits allow them.

    Parameters
    ----------
    labeler : `~agnsf.labelers.line_diagram.LineDiagram`
        The diagram.
    table : `~astropy.table.Table`
        With its columns, and the errors of all its lines.
    columns : dict of str to array-like
        What the labeler found without limits.

    Returns
    -------
    columns : dict of str to array-like
        In addition ``label_set``, the possible classes separated by commas, and for each ratio
        ``log_..._limit``: 0 where both lines are detected, 1 where the ratio is an upper limit, 2 a
        lower limit, 3 neither.

    Raises
    ------
    ColumnError
        If a line has no errors.
    """
    fluxes = dict.fromkeys(name for pair in labeler.ratios.values() for name in pair)
    lacking = [f"{name}_err" for name in fluxes if f"{name}_err" not in table.colnames]
    if lacking:
        raise ColumnError(f"Labeler {labeler.name!r} with limits=True needs the column(s) {', '.join(lacking)}")
    flag = columns["label_flag"].copy()
    rows = np.flatnonzero((flag & _CENSORED != 0) & (flag & ~_CENSORED == 0))
    names = (*labeler.requires, *(f"{name}_err" for name in fluxes), *labeler.optional)
    inputs = {name: float_values(table, name)[rows] for name in names if name in table.colnames}
    with np.errstate(all="ignore"):  # the logarithm of nothing is a limit
        low, high, codes = _intervals(labeler, inputs)
        bits, inverse = np.unique(_possible(labeler, inputs, low, high), return_inverse=True)
    meanings = [_meaning(labeler.regions, int(one)) for one in bits] or [("", "", 0, "")]
    labels, subclasses, flags, sets = (np.array(column)[inverse] for column in zip(*meanings, strict=True))
    flag[rows] = flags
    new = columns | {"label": _updated(columns["label"], rows, labels), "label_flag": flag}
    if "subclass" in columns:
        new["subclass"] = _updated(columns["subclass"], rows, subclasses)
    new["label_set"] = _updated(columns["label"], rows, sets)
    for name in labeler.ratios:
        new |= _limited_ratio(name, columns[name], rows, low[name], high[name], codes[name])
    return new


def _limited_ratio(name, ratio, rows, low, high, codes):
    """Return the column of a ratio, at the limit where it is one, and the one of its code."""
    limit = np.zeros(len(ratio), dtype=np.int8)
    limit[rows] = codes
    value = np.select([codes == _UPPER, codes == _LOWER, codes == 0], [high, low, low], default=np.nan)
    ratio = ratio.copy()
    ratio.data[rows] = value
    ratio.mask[rows] = np.isnan(value)
    return {name: ratio, f"{name}_limit": limit}
