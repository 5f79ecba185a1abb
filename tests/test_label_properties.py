# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What holds for every labeler, whatever the measurements."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agnsf.columns import LABELS, LINE_FLUXES
from agnsf.labelers.diagram import Diagram
from agnsf.labelers.published import Published
from agnsf.plugins import create_registry
from agnsf.roles import Labeler
from agnsf.testing import check_labeler

REGISTRY = create_registry(external=False)
LABELERS = [one.cls for one in REGISTRY.provided if one.role is Labeler]
DIAGRAMS = [cls for cls in LABELERS if issubclass(cls, Diagram)]
SCALED = [cls for cls in DIAGRAMS if set(cls().requires) & set(LINE_FLUXES)]

everyone = pytest.mark.parametrize("cls", LABELERS, ids=lambda cls: cls.name)
diagrams = pytest.mark.parametrize("cls", DIAGRAMS, ids=lambda cls: cls.name)

WILD = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e308, -1.0, np.nan, np.inf]),
)
ROWS = st.integers(1, 8)


def galaxies(n=200, seed=1):
    """Return galaxies all over the diagrams, with everything that any labeler uses."""
    rng = np.random.default_rng(seed)
    table = Table({name: 10 ** rng.normal(1, 0.7, n) for name in LINE_FLUXES})
    for name in LINE_FLUXES:
        table[f"{name}_err"] = table[name] / 10 ** rng.normal(0.9, 0.3, n)
    table["h_alpha_ew"] = 10 ** rng.normal(0.6, 0.7, n)
    table["nii_6584_ew"] = table["h_alpha_ew"] * table["nii_6584_flux"] / table["h_alpha_flux"]
    table["z"] = rng.uniform(0, 0.19, n)
    table["log_mass"] = rng.normal(10.3, 0.6, n)
    for band in ("w1", "w2", "w3"):
        table[f"mag_{band}"] = rng.normal({"w1": 14.0, "w2": 13.3, "w3": 10.0}[band], 0.6, n)
        table[f"mag_{band}_err"] = 10 ** rng.normal(-1.2, 0.4, n)
    table["bptclass"] = rng.integers(-1, 6, n)
    return table


def lists(columns):
    return {name: np.ma.MaskedArray(values).tolist() for name, values in columns.items()}


@everyone
def test_labeler_keeps_the_contract(cls):
    check_labeler(cls(), galaxies())


@everyone
def test_labeler_says_where_its_rule_comes_from(cls):
    assert cls.citations if issubclass(cls, Diagram) else "2004MNRAS.351.1151B" in cls.__doc__


@diagrams
def test_rows_without_an_obstacle_have_exactly_one_class(cls):
    table = galaxies(2_000)
    columns = cls().label(table)
    unlabeled = np.ma.getmaskarray(columns["label"])
    assert np.array_equal(unlabeled, columns["label_flag"] != 0)
    assert set(columns["label"].compressed()) <= set(LABELS)
    assert 0 < np.count_nonzero(unlabeled) < len(table) or cls.name in ("kewley2001-cut",)


@diagrams
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_numbers_at_all_give_a_class_or_a_reason(cls, data):
    labeler = cls()
    n = data.draw(ROWS)
    names = [*labeler.requires, *(f"{name}_err" for name in labeler.requires), *labeler.optional]
    table = Table({name: data.draw(hnp.arrays(float, n, elements=WILD)) for name in names})
    if "h_alpha_ew" in table.colnames:  # else whan warns of the sign
        table["h_alpha_ew"] = np.abs(table["h_alpha_ew"])
    columns = labeler.label(table)
    unlabeled = np.ma.getmaskarray(columns["label"])
    assert np.array_equal(unlabeled, columns["label_flag"] != 0)
    for name in labeler.ratios:
        assert np.array_equal(np.ma.getmaskarray(columns[name]), ~np.isfinite(columns[name].data))
    assert not np.any(columns["label"].data[unlabeled] != "")


@pytest.mark.parametrize("cls", SCALED, ids=lambda cls: cls.name)
@settings(max_examples=10, deadline=None)
@given(power=st.integers(-300, 300))
def test_unit_of_flux_does_not_matter(cls, power):
    table, scaled = galaxies(50), galaxies(50)
    for name in LINE_FLUXES:  # powers of two, so that no ratio is rounded differently
        scaled[name], scaled[f"{name}_err"] = table[name] * 2.0**power, table[f"{name}_err"] * 2.0**power
    assert lists(cls().label(table)) == lists(cls().label(scaled))


@diagrams
@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(40)))
def test_order_of_rows_does_not_matter(cls, order):
    table = galaxies(40)
    columns, turned = cls().label(table), cls().label(table[list(order)])
    assert {name: values[list(order)].tolist() for name, values in columns.items()} == lists(turned)


@everyone
def test_masked_quantity_and_big_endian_columns_are_read_alike(cls):
    table = galaxies()
    expected = lists(cls().label(table))
    fluxes = [name for name in table.colnames if "_flux" in name]
    quantities = QTable(table)
    for name in fluxes:
        quantities[name] = quantities[name] * u.Unit("1e-17 erg / (s cm2)")
    swapped = Table(
        {name: np.asarray(table[name]).astype(table[name].dtype.newbyteorder(">")) for name in table.colnames}
    )
    assert lists(cls().label(quantities)) == expected
    assert lists(cls().label(swapped)) == expected
    assert lists(cls().label(Table(table, masked=True))) == expected


@diagrams
def test_masked_measurement_gives_no_class(cls):
    labeler = cls()
    if isinstance(labeler, Published):
        pytest.skip("reads classes")
    for name in labeler.requires:
        table = galaxies(50)
        table[name] = MaskedColumn(table[name], mask=True)
        columns = labeler.label(table)
        kept = set(columns["label"].compressed())
        # WHAN needs no line to call a galaxy retired or passive.
        assert kept <= ({"retired", "passive"} if cls.name == "whan" and name != "h_alpha_ew" else set())


@pytest.mark.parametrize("cls", [cls for cls in DIAGRAMS if hasattr(cls, "limits")], ids=lambda cls: cls.name)
def test_stricter_signal_to_noise_never_adds_a_label(cls):
    table = galaxies()
    loose, strict = (~np.ma.getmaskarray(cls(snr=snr).label(table)["label"]) for snr in (2.0, 5.0))
    if cls.name == "whan":
        loose, strict = loose & (table["h_alpha_ew"] >= 3), strict & (table["h_alpha_ew"] >= 3)
    assert np.all(loose[strict])
    assert np.count_nonzero(loose) > np.count_nonzero(strict)
