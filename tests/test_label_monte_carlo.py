# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Probabilities of labels from the errors, and the noise of labels from repeated spectra."""

import numpy as np
import pytest
from astropy.table import Table
from scipy.stats import norm

from agnsf.columns import ColumnError
from agnsf.labelers.bpt import BptNii, Kauffmann2003
from agnsf.labelers.monte_carlo import label_probabilities
from agnsf.labelers.repeats import label_noise
from agnsf.labelers.stasinska2006 import Stasinska2006Nii
from agnsf.labelers.whan import Whan


def galaxies(n=300, seed=0):
    rng = np.random.default_rng(seed)
    table = Table({name: 10 ** rng.normal(1, 0.4, n) for name in BptNii.requires})
    for name in BptNii.requires:
        table[f"{name}_err"] = table[name] * rng.uniform(0.05, 0.9, n)
    return table


def test_probabilities_sum_to_one():
    columns = label_probabilities(BptNii(), galaxies(), draws=50)
    assert set(columns) == {"p_label_sf", "p_label_composite", "p_label_agn", "p_label_undefined"}
    assert np.allclose(sum(columns.values()), 1.0)
    assert all(0 < column.mean() < 1 for column in columns.values())


def test_probability_is_the_one_of_the_normal_distribution():
    table = Table({"h_alpha_flux": [100.0], "nii_6584_flux": [35.0], "nii_6584_flux_err": [5.0]})
    columns = label_probabilities(Stasinska2006Nii(), table, draws=200_000, seed=3)
    below, between = norm.cdf((100 * 10**-0.4 - 35) / 5), norm.cdf((100 * 10**-0.2 - 35) / 5)
    assert columns["p_label_sf"][0] == pytest.approx(below, abs=4e-3)
    assert columns["p_label_composite"][0] == pytest.approx(between - below, abs=4e-3)
    assert columns["p_label_agn"][0] == pytest.approx(1 - between, abs=1e-5)


def test_draws_that_are_not_positive_are_undefined():
    table = Table({"h_alpha_flux": [100.0], "nii_6584_flux": [0.0], "nii_6584_flux_err": [1.0]})
    columns = label_probabilities(Stasinska2006Nii(), table, draws=20_000)
    assert columns["p_label_undefined"][0] == pytest.approx(0.5, abs=0.02)


def test_no_signal_to_noise_cut_is_made_in_the_draws():
    table = Table({"h_alpha_flux": [100.0], "nii_6584_flux": [10.0], "nii_6584_flux_err": [9.0]})
    assert Stasinska2006Nii().label(table)["label"].mask.all()
    columns = label_probabilities(Stasinska2006Nii(limits=True), table, draws=1_000)
    assert columns["p_label_sf"][0] > 0.8


def test_small_errors_give_the_label_itself():
    table = galaxies()
    for name in BptNii.requires:
        table[f"{name}_err"] = 1e-9 * table[name]
    columns = label_probabilities(BptNii(), table, draws=3)
    labels = BptNii().label(table)["label"]
    for name in ("SF", "composite", "AGN"):
        assert np.array_equal(columns[f"p_label_{name.lower()}"] == 1, labels == name)


def test_rows_with_a_missing_flux_or_error_are_masked():
    table = galaxies(5)
    table["h_beta_flux"][1], table["h_beta_flux_err"][2], table["h_alpha_flux_err"][3] = np.nan, np.nan, 0.0
    for column in label_probabilities(BptNii(), table, draws=10).values():
        assert column.mask.tolist() == [False, True, True, True, False]


def test_same_seed_gives_the_same_columns():
    table = galaxies(20)
    one, same, other = (label_probabilities(BptNii(), table, draws=20, seed=seed)["p_label_agn"] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_retired_and_passive_have_their_own_columns():
    table = galaxies(50)
    table["h_alpha_ew"], table["h_alpha_ew_err"] = 3.0, 2.0
    table["nii_6584_ew"] = 0.1
    columns = label_probabilities(Whan(), table, draws=50)
    assert {"p_label_retired", "p_label_passive"} <= set(columns)
    assert np.allclose(sum(columns.values()), 1.0)


def test_draws_need_errors():
    table = galaxies(3)
    table.remove_columns([name for name in table.colnames if name.endswith("_err")])
    with pytest.raises(ColumnError, match="h_alpha_flux_err"):
        label_probabilities(Kauffmann2003(), table, draws=5)


def test_number_of_draws_must_be_positive():
    with pytest.raises(ColumnError, match="1 or more, not 0"):
        label_probabilities(Kauffmann2003(), galaxies(3), draws=0)


def test_label_noise_counts_galaxies_with_two_labels_or_more():
    ids = np.ma.MaskedArray([1, 1, 2, 2, 2, 3, 3, 4, 0, 0], mask=[0] * 8 + [1, 1])
    labels = np.ma.MaskedArray(
        ["SF", "AGN", "SF", "SF", "AGN", "SF", "", "SF", "SF", "AGN"], mask=[0] * 6 + [1] + [0] * 3
    )
    noise = label_noise(ids, labels)
    assert (noise.galaxies, noise.changed) == (2, 2)
    assert noise.disagreement == pytest.approx((1 + 2 / 3) / 2)


def test_ceiling_is_right_for_labels_flipped_at_random():
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.random(40_000) < 0.4, 2)
    wrong = rng.random(len(truth)) < 0.1
    noise = label_noise(np.arange(len(truth)) // 2, np.where(truth ^ wrong, "AGN", "SF"))
    assert noise.ceiling == pytest.approx(0.9, abs=0.005)


def test_noise_of_no_repeated_spectrum_says_so():
    noise = label_noise(["a", "b"], ["SF", "AGN"])
    assert noise.galaxies == 0
    assert np.isnan(noise.ceiling)
    assert str(noise) == "No galaxy has two labeled spectra."


def test_noise_of_text_ids_and_no_labels_at_all():
    labels = np.ma.MaskedArray(["", ""], mask=True)
    assert label_noise(["a", "a"], labels).galaxies == 0
