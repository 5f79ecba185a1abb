# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy import units as u
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.utils.masked import Masked

from agnsf.columns import COLUMNS, LINE_FLUXES, ColumnError, LabelFlag, float_values, is_masked, require_columns


@pytest.mark.parametrize(
    "column",
    [
        Column([1.0, 2.0, 3.0]),
        Column(np.array([1, 2, 3], dtype=">i4")),
        Column(np.array([1, 2, 3], dtype=">f4")),
        MaskedColumn([1.0, 2.0, 3.0], mask=[False, False, False]),
        [1.0, 2.0, 3.0] * u.Jy,
        Masked([1.0, 2.0, 3.0] * u.Jy, mask=[False, False, False]),
    ],
)
def test_numbers_of_any_kind_become_native_floats(column):
    values = float_values(QTable({"x": column}), "x")
    assert values.dtype == np.float64
    assert values.dtype.isnative
    assert values.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "column",
    [MaskedColumn([1, 2], mask=[True, False]), Masked([1.0, 2.0] * u.Jy, mask=[True, False])],
)
def test_masked_values_become_nan(column):
    values = float_values(QTable({"x": column}), "x")
    assert np.isnan(values[0])
    assert values[1] == 2.0


def test_plain_floats_are_shared_not_copied():
    table = Table({"x": np.ones(5)})
    assert np.shares_memory(float_values(table, "x"), table["x"])


def test_text_is_no_number():
    with pytest.raises(ColumnError, match="Column 'x' must hold numbers, not <U1"):
        float_values(Table({"x": ["a", "b"]}), "x")


def test_missing_columns_are_named_with_those_that_are_there():
    with pytest.raises(ColumnError, match=r"Labeler 'whan' needs the column\(s\) b, c; the table has a"):
        require_columns(Table({"a": [1]}), ["a", "b", "c"], who="Labeler 'whan'")


def test_mask_of_a_plain_column_is_all_false():
    assert is_masked(Column(["a", "b"])).tolist() == [False, False]


def test_flag_bits_fit_the_column():
    everything = sum(LabelFlag)
    assert everything <= np.iinfo(np.int16).max
    assert len({flag.value for flag in LabelFlag}) == len(LabelFlag)


def test_every_flux_has_an_error_column():
    assert all(f"{name}_err" in COLUMNS for name in LINE_FLUXES)
