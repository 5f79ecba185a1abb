# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Labels as numbers, and the division into train, validation and test."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import given
from hypothesis import strategies as st

from agnsf.columns import SPLITS, ColumnError
from agnsf.datasets import Selection, binary_labels, given_split, split
from agnsf.datasets.groups import sky_groups


def _labels(n, share=0.639, seed=0):
    return np.where(np.random.default_rng(seed).random(n) < share, "AGN", "SF")


def _counts(parts):
    return [int((parts == name).sum()) for name in SPLITS]


def _sky(n, seed=1):
    rng = np.random.default_rng(seed)
    ra, dec = rng.random(n) * 360, np.degrees(np.arcsin(rng.random(n) * 2 - 1))
    return Table({"label": _labels(n), "ra": ra, "dec": dec})


def test_split_has_the_counts_of_the_paper_up_to_rounding():
    parts = split(Table({"label": _labels(141_305)}))
    np.testing.assert_allclose(_counts(parts), [105_980, 21_195, 14_130], atol=1)


@given(n=st.integers(1, 300), share=st.floats(0, 1), seed=st.integers(0, 5))
def test_random_split_is_balanced_for_any_number_of_galaxies(n, share, seed):
    table = Table({"label": _labels(n, share, seed)})
    parts = split(table, seed=seed)
    np.testing.assert_allclose(_counts(parts), np.array([0.75, 0.15, 0.10]) * n, atol=2)
    is_agn = np.asarray(table["label"] == "AGN")
    for name, fraction in zip(SPLITS, (0.75, 0.15, 0.10), strict=True):
        assert np.sum(is_agn & (parts == name)) == pytest.approx(fraction * is_agn.sum(), abs=2)


def test_same_seed_gives_the_same_split():
    table = Table({"label": _labels(200)})
    np.testing.assert_array_equal(split(table, seed=4), split(table, seed=4))
    assert not np.array_equal(split(table, seed=4), split(table, seed=5))


def test_sky_split_keeps_neighbors_together_and_the_shares():
    table = _sky(20_000)
    parts = split(table, how="sky")
    np.testing.assert_allclose(_counts(parts), [15_000, 3_000, 2_000], atol=3)
    groups = sky_groups(table)
    for name in SPLITS:
        inside = set(groups[parts == name].tolist())
        assert not inside & set(groups[parts != name].tolist())


def test_sky_split_keeps_duplicates_together_across_the_border_of_a_cell():
    table = _sky(3000)
    again = table.copy()
    again["dec"] = np.clip(table["dec"] + 2.5 / 3600, -90, 90)
    both = Table({name: np.concatenate([table[name], again[name]]) for name in table.colnames})
    parts = split(both, how="sky", seed=2)
    np.testing.assert_array_equal(parts[:3000], parts[3000:])


def test_galaxies_in_one_cell_are_one_group_and_far_ones_are_not():
    groups = sky_groups(Table({"ra": [150.0, 150.1, 200.0], "dec": [2.0, 2.1, 40.0]}))
    assert groups[0] == groups[1] != groups[2]


def test_rows_without_coordinates_are_grouped_by_id():
    ra = MaskedColumn([10.0, 0.0, 0.0, np.nan, 10.0], mask=[False, True, True, False, False])
    table = Table({"id": ["a", "b", "b", "a", "c"], "ra": ra, "dec": [5.0, 0.0, 0.0, 1.0, -60.0]})
    groups = sky_groups(table)
    assert groups[0] == groups[3]
    assert groups[1] == groups[2]
    assert len({groups[0], groups[1], groups[4]}) == 3


def test_rows_without_anything_stand_alone():
    table = Table({"id": MaskedColumn(["", "", "x"], mask=[True, True, False])})
    assert len(set(sky_groups(table))) == 3


def test_sky_split_needs_coordinates_or_an_id():
    with pytest.raises(ColumnError, match="needs the columns ra and dec, or id; the table has label"):
        split(Table({"label": ["SF", "AGN"]}), how="sky")


@pytest.mark.parametrize("wrong", [{"how": "alphabet"}, {"fractions": (0.5, 0.5)}, {"fractions": (0.9, 0.2, -0.1)}])
def test_wrong_ways_to_split_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        split(Table({"label": ["SF", "AGN"]}), **wrong)


def test_given_split_is_read_with_its_mask():
    table = Table({"split": MaskedColumn([b"train", b"test ", b""], mask=[False, False, True])})
    assert given_split(table).tolist() == ["train", "test", ""]


def test_given_split_of_another_value_is_refused():
    with pytest.raises(ColumnError, match="split holds 'holdout'"):
        given_split(Table({"split": ["train", "holdout"]}))


_MIXED = Table(
    {
        "label": MaskedColumn(
            ["SF", "AGN", "composite", "retired", "passive", "SF", "AGN"], mask=[0, 0, 0, 0, 0, 1, 0]
        ),
        "subclass": ["", "", "composite", "", "", "composite", "composite"],
    }
)


@pytest.mark.parametrize(
    ("composites", "expected"),
    [
        (None, [0, 1, 1, None, None, None, 1]),
        ("agn", [0, 1, 1, None, None, None, 1]),
        ("sf", [0, 1, 0, None, None, None, 0]),
        ("drop", [0, 1, None, None, None, None, None]),
    ],
)
def test_composites_count_as_the_policy_says(composites, expected):
    found = [None if np.isnan(value) else value for value in binary_labels(_MIXED, composites=composites)]
    assert found == expected


def test_policy_turns_what_the_labeler_called_sf():
    table = Table({"label": ["SF", "SF"], "subclass": ["composite", "SF"]})
    assert binary_labels(table).tolist() == [0, 0]
    assert binary_labels(table, composites="agn").tolist() == [1, 0]


@pytest.mark.parametrize("value", ["agn", "galaxy", "1"])
def test_label_that_is_no_class_is_named(value):
    with pytest.raises(ColumnError, match=f"label holds '{value}'"):
        binary_labels(Table({"label": ["SF", value]}))


def test_labels_of_bytes_are_read():
    assert binary_labels(Table({"label": np.array([b"SF ", b"AGN"])})).tolist() == [0, 1]


def test_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="composites must be 'agn', 'sf', 'drop' or None, not 'maybe'"):
        binary_labels(_MIXED, composites="maybe")


def test_selection_reads_only_what_is_asked_for():
    array = np.arange(20).reshape(10, 2)
    chosen = Selection(array, [7, 1, 3])
    assert chosen.shape == (3, 2)
    assert chosen.dtype == array.dtype
    np.testing.assert_array_equal(chosen[np.array([2, 2, 0])], array[[3, 3, 7]])
    np.testing.assert_array_equal(chosen[:2], array[[7, 1]])
