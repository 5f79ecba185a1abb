# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Tables as pandas frames with true nulls, and back: LSDB speaks pandas."""

from agnsf import catalogs

__doctest_requires__ = {"*": ["pandas"]}

__all__ = ["from_frame", "to_frame"]


def to_frame(columns):
    """
    Return columns as a frame of Arrow-backed types, null where a column is masked.

    `lsdb.from_astropy` would fill masked values without a word.

    Parameters
    ----------
    columns : `~astropy.table.Table` or dict of str to array-like of shape (n, ...)
        The columns.

    Returns
    -------
    frame : `pandas.DataFrame`
        Of the same rows and names.

    Examples
    --------
    >>> from astropy.table import MaskedColumn, Table
    >>> from agnsf.distributed.frames import to_frame
    >>> frame = to_frame(Table({'n': MaskedColumn([1, 2], mask=[False, True])}))
    >>> frame['n'].isna().tolist()
    [False, True]
    """
    import pandas

    arrow = catalogs.to_arrow(columns)
    return pandas.DataFrame({name: pandas.arrays.ArrowExtensionArray(arrow[name]) for name in arrow.column_names})


def from_frame(frame):
    """
    Return a frame as a table that is masked where the frame has nulls.

    Parameters
    ----------
    frame : `pandas.DataFrame`
        Of any types that Arrow knows. The index is left out.

    Returns
    -------
    table : `~astropy.table.Table`
        As `agnsf.catalogs.read_table` gives it.

    Examples
    --------
    >>> import pandas
    >>> from agnsf.distributed.frames import from_frame
    >>> from_frame(pandas.DataFrame({'name': ['NGC 1', None]}))['name'].mask.tolist()
    [False, True]
    """
    import pyarrow as pa

    return catalogs.from_arrow(pa.table({name: pa.Array.from_pandas(frame[name]) for name in frame.columns}))
