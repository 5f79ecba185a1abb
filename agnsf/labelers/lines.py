# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Emission lines: their ratios, and why a line cannot be used."""

from collections.abc import Mapping

import numpy as np

from agnsf.columns import LINE_FLUXES, AgnsfError, LabelFlag

__all__ = ["check_snr", "line_flags", "log_ratio", "minimum_snr"]

_LINES = tuple(name.removesuffix("_flux") for name in LINE_FLUXES)
_USUAL_SNR = 3.0


def log_ratio(above, below):
    """
    Return the logarithm of the ratio of two fluxes.

    Parameters
    ----------
    above, below : `~numpy.ndarray` of float, shape (n,)
        In the same unit.

    Returns
    -------
    ratio : `~numpy.ndarray` of float64, shape (n,)
        In dex; NaN where a flux is not positive or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.labelers.lines import log_ratio
    >>> log_ratio(np.array([100.0, -1.0]), np.array([1.0, -1.0])).tolist()
    [2.0, nan]
    """
    with np.errstate(all="ignore"):
        ratio = np.divide(above, below)
        np.log10(ratio, out=ratio)
        # Usually all is well, which three reductions tell faster than three comparisons.
        if not (np.isfinite(ratio.sum()) and above.min(initial=1) > 0 and below.min(initial=1) > 0):
            ratio[~(np.isfinite(ratio) & (above > 0) & (below > 0))] = np.nan
    return ratio


def check_snr(snr):
    """
    Raise `~agnsf.columns.AgnsfError` unless this is a usable signal-to-noise ratio.

    Parameters
    ----------
    snr : float, dict of str to float, or None
        For all lines, or by line: ``{"oi_6300": 1.0}``.

    Raises
    ------
    AgnsfError
        For an unknown line or a negative number.
    """
    by_line = snr if isinstance(snr, Mapping) else {} if snr is None else {"all": snr}
    unknown = sorted(set(by_line) - {"all", *_LINES}) if isinstance(snr, Mapping) else []
    if unknown:
        raise AgnsfError(f"snr names the line {unknown[0]!r}; the lines are {', '.join(_LINES)}")
    for value in by_line.values():
        if not value >= 0:
            raise AgnsfError(f"snr must be 0 or more, or None, not {value}")


def minimum_snr(snr, flux):
    """
    Return the signal-to-noise ratio that a line must reach.

    Parameters
    ----------
    snr : float, dict of str to float, or None
        A line that a dict does not name must reach 3.
    flux : str
        The line's column.

    Returns
    -------
    minimum : float or None
        None if errors do not matter.
    """
    if isinstance(snr, Mapping):
        return snr.get(flux.removesuffix("_flux"), _USUAL_SNR)
    return snr


def line_flags(flux, err=None, *, snr=None):
    """
    Return why a line cannot be used.

    Parameters
    ----------
    flux : `~numpy.ndarray` of float, shape (n,)
        NaN where it is missing.
    err : `~numpy.ndarray` of float, shape (n,), or None, optional
        Standard error of the flux.
    snr : float or None, optional
        The signal-to-noise ratio that the line must reach, where there are errors; if None, errors
        do not matter.

    Returns
    -------
    flag : `~numpy.ndarray` of int16, shape (n,)
        Bits of `~agnsf.columns.LabelFlag`; 0 where the line is good.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.labelers.lines import line_flags
    >>> line_flags(np.array([9.0, 2.0, np.nan]), np.array([1.0, 1.0, 1.0]), snr=3.0).tolist()
    [0, 4, 1]
    """
    missing = ~np.isfinite(flux)
    flag = np.zeros(len(flux), dtype=np.int16)
    flag[flux <= 0] = LabelFlag.NON_POSITIVE_FLUX
    if err is not None and snr is not None:
        missing |= ~np.isfinite(err)
        flag[err <= 0] |= LabelFlag.BAD_ERROR
        flag[(err > 0) & (flux < snr * err)] |= LabelFlag.LOW_SNR
    flag[missing] |= LabelFlag.LINE_MISSING
    return flag
