# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from agnsf.evaluation import EvaluationError, apply_calibration, fit_calibration, shift_prior
from agnsf.evaluation.inputs import logit
from agnsf.evaluation.logistic import fit_line


def drawn(n, *, slope=1.0, intercept=0.0, seed=1):
    """Return classes, and an output whose true log-odds are slope × logit + intercept."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-0.4, 1.5, n)
    p = 1 / (1 + np.exp(-log_odds))
    is_agn = rng.random(n) < 1 / (1 + np.exp(-(slope * log_odds + intercept)))
    return is_agn, p


def test_newton_agrees_with_the_logistic_regression_of_scikit_learn():
    is_agn, p = drawn(500, slope=0.6, intercept=0.8)
    weights = np.random.default_rng(3).integers(0, 4, (3, 500)).astype(float)
    slope, intercept = fit_line(logit(p), is_agn.astype(float), weights)
    for i in range(3):
        reference = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000)
        reference.fit(logit(p)[:, None], is_agn, sample_weight=weights[i])
        assert slope[i] == pytest.approx(reference.coef_[0, 0], rel=1e-4)
        assert intercept[i] == pytest.approx(reference.intercept_[0], rel=1e-4, abs=1e-5)


def test_newton_says_nan_where_the_classes_do_not_overlap():
    x, y = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])
    slope, intercept = fit_line(x, y, np.ones((1, 4)))
    assert np.isnan(slope[0])
    assert np.isnan(intercept[0])


def test_one_separated_fit_does_not_spoil_its_neighbors():
    x, y = np.array([-2.0, -1.0, 0.5, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    weights = np.array([[1.0, 1, 1, 1, 1], [1, 0, 0, 1, 1]])
    slope, _ = fit_line(x, y, weights)
    assert slope[0] == pytest.approx(fit_line(x, y, weights[:1])[0][0])
    assert np.isnan(slope[1])


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, 0.0), (2.0, -1.0)])
def test_logistic_calibration_recovers_the_distortion(slope, intercept):
    found = fit_calibration(*drawn(40_000, slope=slope, intercept=intercept), method="logistic")
    assert found["slope"] == pytest.approx(slope, rel=0.05)
    assert found["intercept"] == pytest.approx(intercept, abs=0.05)


def test_logistic_calibration_is_the_sigmoid_of_scikit_learn():
    is_agn, p = drawn(300, slope=0.7, intercept=0.3)

    class Output(LogisticRegression):  # its decision function is the log-odds themselves
        def decision_function(self, x):
            return x[:, 0]

    prefit = Output().fit(logit(p)[:, None], is_agn)
    frozen = pytest.importorskip("sklearn.frozen", reason="scikit-learn before 1.6")
    theirs = CalibratedClassifierCV(frozen.FrozenEstimator(prefit), method="sigmoid").fit(logit(p)[:, None], is_agn)
    expected = theirs.predict_proba(logit(p)[:, None])[:, 1]
    ours = apply_calibration(p, fit_calibration(is_agn, p, method="logistic"))
    np.testing.assert_allclose(ours, expected, atol=2e-4)


def test_temperature_calibration_minimizes_the_log_loss():
    is_agn, p = drawn(4000, slope=0.4)
    found = fit_calibration(is_agn, p, method="temperature")
    assert found["temperature"] == pytest.approx(2.5, rel=0.1)
    best = log_loss(is_agn, apply_calibration(p, found))
    for factor in (0.9, 1.1):
        other = {"method": "temperature", "temperature": found["temperature"] * factor}
        assert log_loss(is_agn, apply_calibration(p, other)) > best


def test_temperature_leaves_one_half_where_it_is():
    assert apply_calibration([0.5], {"method": "temperature", "temperature": 3.7}) == pytest.approx(0.5)


def test_isotonic_calibration_is_that_of_scikit_learn_kept_from_certainty():
    is_agn, p = drawn(400, slope=0.6)
    ours = apply_calibration(p, fit_calibration(is_agn, p, method="isotonic"))
    reference = IsotonicRegression(out_of_bounds="clip").fit(p, is_agn).predict(p)
    np.testing.assert_allclose(ours, np.clip(reference, 1 / 402, 401 / 402))


@pytest.mark.parametrize("method", ["none", "temperature", "logistic", "isotonic"])
def test_a_calibration_survives_json_and_keeps_nan(method):
    is_agn, p = drawn(200)
    found = fit_calibration(is_agn, p, method=method)
    again = json.loads(json.dumps(found, allow_nan=False))
    values = np.array([0.0, 0.2, np.nan, 0.7, 1.0])
    np.testing.assert_array_equal(apply_calibration(values, again), apply_calibration(values, found))
    calibrated = apply_calibration(values, found)
    assert np.isnan(calibrated).tolist() == [False, False, True, False, False]
    assert (np.diff(calibrated[[0, 1, 3, 4]]) >= 0).all()
    assert (found["n"], found["base_rate"]) == (200, is_agn.mean())


@pytest.mark.parametrize("method", ["temperature", "logistic", "isotonic"])
def test_a_few_perfectly_separated_galaxies_give_no_certainty(method):
    found = fit_calibration([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9], method=method)
    calibrated = apply_calibration([0.1, 0.9], found)
    assert 0.01 < calibrated[0] < 0.4
    assert 0.6 < calibrated[1] < 0.99


def test_calibration_does_not_write_into_its_input():
    p = np.array([0.2, 0.8])
    apply_calibration(p, {"method": "none"})[0] = 1
    assert p.tolist() == [0.2, 0.8]


@pytest.mark.parametrize(
    ("is_agn", "p", "method", "message"),
    [
        ([0, 1], [0.2, 0.4], "beta", "No calibration named 'beta'; choose among none, temperature"),
        ([1, 1], [0.2, 0.4], "logistic", "needs galaxies of both classes; there are 2 of one"),
        ([0, 1], [0.2, 1.4], "logistic", "1 are not, the first at 1: 1.4"),
        ([0, 1], [0.2, np.nan], "logistic", "1 are not, the first at 1: nan"),
        ([0, 2], [0.2, 0.4], "logistic", r"must be 0 \(SF\) or 1 \(AGN\)"),
        ([0, 1, 1], [0.2, 0.4], "logistic", r"shapes \(3,\) and \(2,\)"),
        ([1, 1, 0, 0], [0.2, 0.3, 0.7, 0.9], "temperature", "has not learned the classes"),
    ],
)
def test_a_calibration_that_cannot_be_fitted_says_why(is_agn, p, method, message):
    with pytest.raises(EvaluationError, match=message):
        fit_calibration(is_agn, p, method=method)


def test_an_unknown_calibration_is_not_applied():
    with pytest.raises(EvaluationError, match="No calibration named 'magic'"):
        apply_calibration([0.5], {"method": "magic"})


@settings(deadline=None)
@given(p=st.floats(0.001, 0.999), one=st.floats(0.01, 0.99), two=st.floats(0.01, 0.99))
def test_shifting_the_prior_there_and_back_changes_nothing(p, one, two):
    there = shift_prior([p], base_rate=one, prior=two)
    assert shift_prior(there, base_rate=two, prior=one)[0] == pytest.approx(p, rel=1e-9)


def test_shifted_probabilities_are_calibrated_in_the_other_population():
    rng = np.random.default_rng(5)
    is_agn = rng.random(200_000) < 0.5
    score = rng.normal(np.where(is_agn, 1.0, -1.0), 1.0)
    p = 1 / (1 + np.exp(-2 * score))  # exact for equal shares
    kept = is_agn | (rng.random(len(is_agn)) < 0.25)  # AGN are now four fifths
    kept[is_agn] = True
    shifted = shift_prior(p[kept], base_rate=0.5, prior=0.8)
    chosen = (shifted > 0.55) & (shifted < 0.65)
    assert is_agn[kept][chosen].mean() == pytest.approx(shifted[chosen].mean(), abs=0.03)


def test_shifting_keeps_certainty_and_nan():
    shifted = shift_prior([0.0, 1.0, np.nan], base_rate=0.3, prior=0.1)
    np.testing.assert_array_equal(shifted, [0.0, 1.0, np.nan])


@pytest.mark.parametrize(("base_rate", "prior"), [(0, 0.5), (0.5, 1), (0.5, np.nan), (-1, 0.5)])
def test_a_prior_outside_its_range_is_refused(base_rate, prior):
    with pytest.raises(EvaluationError, match="must lie between 0 and 1"):
        shift_prior([0.5], base_rate=base_rate, prior=prior)
