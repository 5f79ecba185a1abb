# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_score, recall_score

from agnsf.evaluation import EvaluationError, choose_threshold, trade_off

IS_AGN = [0, 0, 1, 0, 1, 1, 0, 1]
P_AGN = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]

galaxies = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.1 + 2**-56, 0.25, 0.5, 0.75, 1.0])), min_size=1, max_size=30
)


@settings(max_examples=50, deadline=None)
@given(galaxies)
def test_the_trade_off_agrees_with_scikit_learn_at_every_threshold(rows):
    is_agn, p = (np.array(part) for part in zip(*rows, strict=True))
    found = trade_off(is_agn, p)
    assert len(found.threshold) == len(np.unique(p)) + 1
    assert (np.diff(found.threshold) > 0).all()
    for i, threshold in enumerate(found.threshold):
        predicted = p >= threshold
        assert found.selected[i] == predicted.sum()
        assert found.accuracy[i] == pytest.approx(accuracy_score(is_agn, predicted))
        if predicted.any():
            assert found.purity[i] == pytest.approx(precision_score(is_agn, predicted, zero_division=0))
        else:
            assert np.isnan(found.purity[i])
        if is_agn.any():
            assert found.completeness[i] == pytest.approx(recall_score(is_agn, predicted))


def test_weights_count_as_repeated_galaxies():
    weights = np.array([1, 2, 0, 3, 1, 1, 2, 1])
    found = trade_off(IS_AGN, P_AGN, weights=weights)
    repeated = trade_off(np.repeat(IS_AGN, weights), np.repeat(P_AGN, weights))
    at = [np.searchsorted(np.unique(P_AGN), t) for t in repeated.threshold]
    np.testing.assert_allclose(found.purity[at], repeated.purity)
    np.testing.assert_allclose(found.accuracy[at], repeated.accuracy)
    np.testing.assert_allclose(found.selected[at], repeated.selected)


def test_the_threshold_of_best_accuracy_is_found():
    assert choose_threshold(IS_AGN, P_AGN) == pytest.approx(0.5)  # 6 of 8 are right


def test_of_equal_thresholds_the_one_nearest_to_one_half_is_taken():
    # 0.15 and 0.8 are equally accurate.
    assert choose_threshold([0, 1, 0, 1], [0.1, 0.2, 0.7, 0.9]) == pytest.approx(0.8)
    assert choose_threshold([0, 1], [0.2, 0.3]) == pytest.approx(0.25)


def test_a_wanted_purity_gives_the_most_complete_selection():
    assert choose_threshold(IS_AGN, P_AGN, purity=0.7) == pytest.approx(0.5)  # 3 of 4
    assert choose_threshold(IS_AGN, P_AGN, purity=0.9) == pytest.approx(0.85)
    assert choose_threshold(IS_AGN, P_AGN, purity=0.5) == 0.0


def test_a_wanted_completeness_gives_the_smallest_selection():
    assert choose_threshold(IS_AGN, P_AGN, completeness=0.75) == pytest.approx(0.5)
    assert choose_threshold(IS_AGN, P_AGN, completeness=0.76) == pytest.approx(0.25)
    assert choose_threshold(IS_AGN, P_AGN, completeness=1) == pytest.approx(0.25)


def test_the_same_is_chosen_for_sf():
    assert choose_threshold(IS_AGN, P_AGN, purity=0.7, of="SF") == pytest.approx(0.5)  # 3 of 4
    assert choose_threshold(IS_AGN, P_AGN, completeness=0.75, of="SF") == pytest.approx(0.5)
    assert choose_threshold(IS_AGN, P_AGN, completeness=1, of="SF") > 0.7
    with pytest.raises(EvaluationError, match="needs SF to choose it on"):
        choose_threshold([1, 1], [0.2, 0.3], purity=0.5, of="SF")
    with pytest.raises(EvaluationError, match="of AGN or SF, not of 'QSO'"):
        choose_threshold(IS_AGN, P_AGN, purity=0.5, of="QSO")


@given(rows=st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=40))
def test_for_sf_it_is_the_mirror_image(rows):
    is_agn, p_agn = np.array([one for one, _ in rows]), np.array([one for _, one in rows]) / 20
    found, mirrored = trade_off(is_agn, p_agn), trade_off(~is_agn, 1 - p_agn)
    np.testing.assert_array_equal(found.purity_sf, mirrored.purity[::-1])
    np.testing.assert_array_equal(found.completeness_sf, mirrored.completeness[::-1])


def test_all_sf_is_a_threshold_above_every_galaxy_even_above_one():
    assert choose_threshold([0, 0, 0], [0.2, 0.9, 1.0]) > 1
    assert 0.9 < choose_threshold([0, 0, 0], [0.2, 0.8, 0.9]) <= 1


def test_one_galaxy_is_enough():
    assert choose_threshold([1], [0.3]) <= 0.3


@pytest.mark.parametrize(
    ("is_agn", "p", "options", "message"),
    [
        ([], [], {}, "there are none"),
        ([0, 0], [0.1, 0.2], {"purity": 0.9}, "needs AGN"),
        ([0, 0], [0.1, 0.2], {"completeness": 0.9}, "needs AGN"),
        ([1, 0], [0.1, 0.2], {"purity": 0.9}, "No threshold reaches the purity 0.9 of AGN; the highest is 0.500"),
        ([1, 0], [0.1, 0.2], {"purity": 1.5}, "must be above 0 and at most 1, not 1.5"),
        ([1, 0], [0.1, 0.2], {"completeness": 0}, "must be above 0 and at most 1, not 0"),
        ([1, 0], [0.1, 0.2], {"completeness": 0.9, "purity": 0.9}, "not for both"),
    ],
)
def test_a_threshold_that_cannot_be_chosen_says_why(is_agn, p, options, message):
    with pytest.raises(EvaluationError, match=message):
        choose_threshold(is_agn, p, **options)


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan]])
def test_wrong_weights_are_refused(weights):
    with pytest.raises(EvaluationError, match="Weights must be 2 finite numbers"):
        trade_off([0, 1], [0.1, 0.2], weights=weights)
