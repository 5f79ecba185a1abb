# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The columns that pass between the stages: names, units and meaning."""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from astropy.utils.exceptions import AstropyUserWarning

__all__ = [
    "COLUMNS",
    "IMAGE_STATUSES",
    "LABELS",
    "LINE_FLUXES",
    "SPLITS",
    "USABLE_STATUSES",
    "AgnsfError",
    "AgnsfWarning",
    "ColumnError",
    "ColumnInfo",
    "LabelFlag",
    "float_values",
    "is_masked",
    "require_columns",
]


class AgnsfError(Exception):
    """Something that the user can mend; the command line prints it as one line."""


class ColumnError(AgnsfError, ValueError):
    """A column is missing, or is not what its name promises."""


class AgnsfWarning(AstropyUserWarning):
    """Something that the user should know; the work goes on."""


class LabelFlag(IntFlag):
    """Why ``label`` is masked, as bits of ``label_flag``; 0 where nothing is wrong."""

    LINE_MISSING = 1  # a flux, error or other input is masked or not finite
    NON_POSITIVE_FLUX = 2  # a flux is zero or negative, so that its logarithm does not exist
    LOW_SNR = 4  # a line does not reach the signal-to-noise ratio asked for
    BAD_ERROR = 8  # an error is zero or negative
    OUT_OF_RANGE = 16  # outside the range in which the diagram is valid (redshift, mass, magnitude)
    AMBIGUOUS = 32  # the diagrams of one scheme disagree
    LIMIT = 64  # an upper limit leaves more than one class possible
    NOT_CLASSIFIED = 128  # the published catalog gives no class, or one that is not to be trusted
    UNCERTAIN = 256  # the diagram selects AGN only, and this galaxy is not selected


LABELS = ("SF", "composite", "AGN", "retired", "passive")
SPLITS = ("train", "validation", "test")

#: How a fetch can end; the first two leave a usable image.
IMAGE_STATUSES = (
    "ok",
    "partial",
    "outside",
    "missing",
    "corrupt",
    "bad_coordinates",
    "bad_request",
    "server_error",
    "timeout",
)
USABLE_STATUSES = IMAGE_STATUSES[:2]

LINE_FLUXES = (
    "h_alpha_flux",
    "h_beta_flux",
    "oiii_5007_flux",
    "nii_6584_flux",
    "sii_flux",
    "oi_6300_flux",
)


@dataclass(frozen=True)
class ColumnInfo:
    """What a column of ours holds.

    Parameters
    ----------
    name : str
        The column's name.
    unit : str
        The unit in which agnsf uses it, in the spelling of `astropy.units`; empty if it has none
        or, as for line fluxes, if only ratios matter.
    description : str
        One sentence for the documentation and for the column's own description.
    """

    name: str
    unit: str
    description: str


_FLUX_NAMES = {
    "h_alpha_flux": "the Balmer line H-alpha at 6563 Angstrom",
    "h_beta_flux": "the Balmer line H-beta at 4861 Angstrom",
    "oiii_5007_flux": "[O III] at 5007 Angstrom",
    "nii_6584_flux": "[N II] at 6584 Angstrom",
    "sii_flux": "[S II], the sum of the lines at 6717 and 6731 Angstrom",
    "oi_6300_flux": "[O I] at 6300 Angstrom",
}

_INFOS = [
    ColumnInfo("id", "", "The galaxy's name in its catalog; any column can serve."),
    ColumnInfo("ra", "deg", "Right ascension, ICRS."),
    ColumnInfo("dec", "deg", "Declination, ICRS."),
    ColumnInfo("radius", "arcsec", "Petrosian radius in the r band, as SDSS defines it."),
    ColumnInfo("z", "", "Redshift."),
    ColumnInfo("ebv", "mag", "Galactic reddening E(B-V) on the scale of Schlegel, Finkbeiner & Davis (1998)."),
    *(ColumnInfo(name, "", f"Flux of {what}.") for name, what in _FLUX_NAMES.items()),
    *(ColumnInfo(f"{name}_err", "", f"Standard error of the flux of {what}.") for name, what in _FLUX_NAMES.items()),
    ColumnInfo("h_alpha_ew", "Angstrom", "Equivalent width of H-alpha, positive in emission."),
    ColumnInfo("nii_6584_ew", "Angstrom", "Equivalent width of [N II] 6584, positive in emission."),
    ColumnInfo("log_mass", "", "log10 of the stellar mass in solar masses, for the IMF of Chabrier and h = 0.7."),
    *(ColumnInfo(f"mag_{band}", "mag", f"WISE magnitude {band.upper()}, Vega.") for band in ("w1", "w2", "w3")),
    *(ColumnInfo(f"mag_{band}_err", "mag", f"Standard error of mag_{band}.") for band in ("w1", "w2", "w3")),
    ColumnInfo("aperture", "arcsec", "Diameter of the fibre that took the spectrum."),
    ColumnInfo("log_nii_ha", "dex", "log10 of [N II] 6584 over H-alpha."),
    ColumnInfo("log_sii_ha", "dex", "log10 of [S II] 6717+6731 over H-alpha."),
    ColumnInfo("log_oi_ha", "dex", "log10 of [O I] 6300 over H-alpha."),
    ColumnInfo("log_oiii_hb", "dex", "log10 of [O III] 5007 over H-beta."),
    ColumnInfo("label", "", "Class from the emission lines; masked where it cannot be told."),
    ColumnInfo("subclass", "", "Finer class: Seyfert, LINER, composite ..."),
    ColumnInfo("label_flag", "", "Bit mask: why label is masked (agnsf.columns.LabelFlag)."),
    ColumnInfo("label_set", "", "Classes that the upper limits leave possible, separated by commas."),
    *(
        ColumnInfo(f"p_label_{name.lower()}", "", f"Share of the draws from the flux errors with the label {name}.")
        for name in LABELS
    ),
    ColumnInfo("p_label_undefined", "", "Share of the draws from the flux errors without a label."),
    ColumnInfo("split", "", "Part of the sample: train, validation or test."),
    ColumnInfo("image_status", "", "How the fetch of the image went."),
    ColumnInfo("p_agn", "", "Probability that the training labeler calls the galaxy AGN, given its image."),
    ColumnInfo("p_agn_std", "", "Spread of p_agn over the members of an ensemble or the symmetries of the image."),
    ColumnInfo("predicted", "", "AGN or SF at the threshold in use."),
    ColumnInfo("p_lines", "", "Probability that the labeler could classify the galaxy at all, given its image."),
    ColumnInfo("novelty", "", "Distance from what the classifier was trained on."),
    ColumnInfo("unfamiliar", "", "1 where novelty, redshift or radius says that the classifier does not apply."),
]

#: Every column that agnsf reads or writes, by name.
COLUMNS = {info.name: info for info in _INFOS}


def require_columns(table, names, *, who):
    """
    Raise `ColumnError` unless the table has all the columns.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The table to look at.
    names : iterable of str
        Columns that must be there.
    who : str
        The part that needs them, as the message is to name it: ``"Labeler 'whan'"``.

    Raises
    ------
    ColumnError
        Names the columns that are missing and those that are there.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.columns import require_columns
    >>> require_columns(Table({'ra': [1.0]}), ['ra', 'dec'], who="Image source 'sdss'")
    Traceback (most recent call last):
        ...
    agnsf.columns.ColumnError: Image source 'sdss' needs the column(s) dec; the table has ra
    """
    missing = [name for name in names if name not in table.colnames]
    if missing:
        there = ", ".join(table.colnames) or "no columns"
        raise ColumnError(f"{who} needs the column(s) {', '.join(missing)}; the table has {there}")


def is_masked(column):
    """
    Return where a column has no value.

    Parameters
    ----------
    column : `~astropy.table.Column` or array-like
        Masked or not; of any dtype.

    Returns
    -------
    masked : `~numpy.ndarray` of bool, shape (n,)
        True where the value is masked. NaN does not count.

    Examples
    --------
    >>> from astropy.table import MaskedColumn
    >>> from agnsf.columns import is_masked
    >>> is_masked(MaskedColumn(['SF', 'AGN'], mask=[False, True])).tolist()
    [False, True]
    """
    mask = getattr(column, "mask", False)
    return np.broadcast_to(np.asarray(mask, dtype=bool), (len(column),))


def float_values(table, name):
    """
    Return a numeric column as a plain array of float64, NaN where it is masked.

    The values are those in the column's own unit. The array may share memory
    with the table: do not write into it.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The table that has the column.
    name : str
        The column's name.

    Returns
    -------
    values : `~numpy.ndarray` of float64, shape (n,)
        In the machine's byte order.

    Raises
    ------
    ColumnError
        If the column does not hold numbers.

    Examples
    --------
    >>> from astropy.table import MaskedColumn, Table
    >>> from agnsf.columns import float_values
    >>> float_values(Table({'z': MaskedColumn([0.1, 0.2], mask=[False, True])}), 'z').tolist()
    [0.1, nan]
    """
    column = table[name]
    mask = is_masked(column)
    plain = getattr(column, "unmasked", column)  # astropy.utils.masked.Masked
    plain = getattr(plain, "value", plain)  # Quantity
    try:
        values = np.asarray(np.ma.getdata(plain), dtype=np.float64)
    except (TypeError, ValueError) as exc:
        raise ColumnError(f"Column {name!r} must hold numbers, not {column.dtype}") from exc
    if mask.any():
        values = np.where(mask, np.nan, values)
    return values
