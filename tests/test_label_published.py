# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classes that catalogs bring with them."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from agnsf.columns import ColumnError, LabelFlag, float_values
from agnsf.labelers.published import Published

SCHEMES = [
    ("bptclass", [-1, 1, 2, 3, 4, 5], [None, "SF", "SF", "composite", "AGN", None]),
    ("BPT_CLASS", np.array([0, 1, 2, 3, 4], dtype=">i2"), [None, "SF", "composite", "AGN", "AGN"]),
    ("BPT_Class", [0, 1, 2, 3, 4], [None, "SF", "composite", "AGN", "AGN"]),
    (
        "bpt",
        ["BLANK", "Star Forming ", "Seyfert", "LINER", "Seyfert/LINER", "Composite"],
        [None, "SF", "AGN", "AGN", "AGN", "composite"],
    ),
    (
        "SUBCLASS",
        np.array([b"STARFORMING", b"STARBURST", b"AGN", b"AGN BROADLINE", b"BROADLINE", b"", b"F9"]),
        ["SF", "SF", "AGN", "AGN", None, None, None],
    ),
    ("OPT_UV_TYPE", [0b1, 0b11, 0b101, 0b1001, 0b10001, 0, 0b110], [None, "SF", "composite", "AGN", "AGN", None, None]),
]


@pytest.mark.parametrize(("column", "values", "labels"), SCHEMES, ids=[scheme[0] for scheme in SCHEMES])
def test_published_class_becomes_a_label(column, values, labels):
    columns = Published().label(Table({column: values}))
    assert columns["label"].tolist() == labels
    assert (columns["label_flag"] == LabelFlag.NOT_CLASSIFIED).tolist() == [label is None for label in labels]


def test_seyferts_and_liners_keep_their_names():
    columns = Published().label(Table({"BPT_CLASS": [3, 4]}))
    assert columns["subclass"].tolist() == ["Seyfert", "LINER"]


def test_liner_of_two_lines_is_masked_but_named():
    columns = Published().label(Table({"bptclass": [5]}))
    assert columns["label"].tolist() == [None]
    assert columns["subclass"].tolist() == ["LINER"]


def test_liner_with_little_h_alpha_is_retired():
    table = Table({"bpt": ["LINER", "LINER", "Seyfert"], "h_alpha_ew": [1.0, np.nan, 1.0]})
    assert Published().label(table)["label"].tolist() == ["retired", "AGN", "AGN"]
    assert Published(retired="AGN").label(table)["subclass"].tolist() == ["retired", "LINER", "Seyfert"]


def test_untrusted_liner_stays_masked_whatever_its_h_alpha():
    columns = Published().label(Table({"bptclass": [5], "h_alpha_ew": [1.0]}))
    assert columns["label"].tolist() == [None]


def test_masked_class_is_not_a_class():
    columns = Published().label(Table({"bptclass": MaskedColumn([4, 1], mask=[True, False])}))
    assert columns["label"].tolist() == [None, "SF"]


def test_our_own_subclass_is_not_taken_for_that_of_sdss():
    with pytest.raises(ColumnError, match="needs one of the columns bptclass"):
        Published().label(Table({"subclass": ["Seyfert"]}))


def test_two_classes_in_one_table_must_be_told_apart():
    table = Table({"bptclass": [4], "SUBCLASS": ["STARFORMING"]})
    with pytest.raises(ColumnError, match="scheme=mpa-jhu with column=bptclass or scheme=sdss with column=SUBCLASS"):
        Published().label(table)
    assert Published(scheme="sdss").label(table)["label"].tolist() == ["SF"]
    assert Published(column="bptclass").label(table)["label"].tolist() == ["AGN"]


def test_column_of_another_name_needs_its_scheme():
    table = Table({"my_class": [3]})
    with pytest.raises(ColumnError, match="scheme=mpa-jhu"):
        Published(column="my_class").label(table)
    assert Published(column="my_class", scheme="schawinski2010").label(table)["subclass"].tolist() == ["Seyfert"]


def test_column_that_is_not_there_or_holds_no_class():
    with pytest.raises(ColumnError, match="told to read 'nope'"):
        Published(column="nope", scheme="sdss").label(Table({"bptclass": [1]}))
    with pytest.raises(ColumnError, match="whole numbers or text"):
        Published().label(Table({"bptclass": [1.5]}))


def test_label_says_where_it_was_read():
    assert (
        Published().label(Table({"bptclass": [1]}))["label"].description
        == "Column bptclass of MPA-JHU (2004MNRAS.351.1151B)"
    )


def test_counts_of_the_published_catalogs(real_data):
    expected = {
        "schawinski2010.fits": {"SF": 16_919, "composite": 4_668, "AGN": 2_248},
        "galloway2015.fits": {"SF": 11_225, "composite": 2_843, "AGN": 1_993},
    }
    for name, counts in expected.items():
        table = Table.read(real_data / "catalogs" / name)
        labels = Published().label(table)["label"].compressed().tolist()
        assert {label: labels.count(label) for label in counts} == counts
        assert len(labels) == sum(counts.values())
        code = float_values(table, "BPT_CLASS" if "BPT_CLASS" in table.colnames else "BPT_Class")
        assert np.count_nonzero((code >= 1) & (code <= 4)) == len(labels)
