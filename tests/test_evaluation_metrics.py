# Licensed under a 3-clause BSD style license - see LICENSE.rst
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from agnsf.evaluation import METRICS, Bootstrap, EvaluationError, compare, estimate

FEW = Bootstrap(resamples=40)


def drawn(n, seed=0, *, separation=1.0):
    rng = np.random.default_rng(seed)
    is_agn = rng.permutation(np.arange(n) < 0.4 * n)
    p = 1 / (1 + np.exp(-rng.normal(np.where(is_agn, separation, -separation), 1.3)))
    return is_agn, p, rng


def values(*args, **options):
    return {name: one.value for name, one in estimate(*args, bootstrap=FEW, **options).items()}


def reference(is_agn, p, threshold, weights):
    """Return the metrics as scikit-learn computes them."""
    predicted, w = p >= threshold, {"sample_weight": weights}
    base_rate = np.average(is_agn, weights=weights)
    return {
        "accuracy": sk.accuracy_score(is_agn, predicted, **w),
        "balanced_accuracy": sk.balanced_accuracy_score(is_agn, predicted, **w),
        "mcc": sk.matthews_corrcoef(is_agn, predicted, **w),
        "purity_agn": sk.precision_score(is_agn, predicted, **w),
        "completeness_agn": sk.recall_score(is_agn, predicted, **w),
        "f1_agn": sk.f1_score(is_agn, predicted, **w),
        "purity_sf": sk.precision_score(is_agn, predicted, pos_label=False, **w),
        "completeness_sf": sk.recall_score(is_agn, predicted, pos_label=False, **w),
        "f1_sf": sk.f1_score(is_agn, predicted, pos_label=False, **w),
        "roc_auc": sk.roc_auc_score(is_agn, p, **w),
        "pr_auc": sk.average_precision_score(is_agn, p, **w),
        "brier": sk.brier_score_loss(is_agn, p, **w),
        "brier_skill": 1 - sk.brier_score_loss(is_agn, p, **w) / (base_rate * (1 - base_rate)),
        "log_loss": sk.log_loss(is_agn, p, **w),
    }


@pytest.mark.parametrize("decimals", [16, 2, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_metrics_are_those_of_scikit_learn(decimals, weighted):
    is_agn, p, rng = drawn(300)
    p = np.clip(p.round(decimals), 0.0, 1.0)
    weights = rng.integers(0, 5, 300).astype(float) if weighted else np.ones(300)
    found = values(is_agn, p, threshold=0.4, weights=weights)
    for name, expected in reference(is_agn, p, 0.4, weights).items():
        assert found[name] == pytest.approx(expected, rel=1e-12), name


def test_every_metric_is_documented_and_computed():
    is_agn, p, _ = drawn(100)
    assert list(values(is_agn, p)) == list(METRICS)
    assert all(text.endswith(".") for text in METRICS.values())


def test_metrics_by_hand():
    found = values([1, 1, 1, 0, 0], [0.9, 0.7, 0.2, 0.7, 0.1], threshold=0.5)
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["purity_agn"] == pytest.approx(2 / 3)
    assert found["completeness_agn"] == pytest.approx(2 / 3)
    assert found["purity_sf"] == pytest.approx(1 / 2)
    assert found["completeness_sf"] == pytest.approx(1 / 2)
    # Six pairs: 0.9 beats both, 0.7 ties with one and beats the other, 0.2 beats one.
    assert found["roc_auc"] == pytest.approx((2 + 1.5 + 1) / 6)
    # Going down: 0.9 (1/1), the pair at 0.7 (2/3), 0.2 (3/4).
    assert found["pr_auc"] == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    # Bins of 0.1: |0.9 - 1|, |0.7 - 1/2| twice, |0.2 - 1|, |0.1 - 0|
    assert found["ece"] == pytest.approx((0.1 + 2 * 0.2 + 0.8 + 0.1) / 5)


def test_a_galaxy_at_the_threshold_counts_as_agn():
    assert values([1, 0], [0.5, 0.4], threshold=0.5)["accuracy"] == 1


def test_all_equal_probabilities_have_auc_one_half():
    assert values([1, 0, 1, 0, 0], [0.3] * 5)["roc_auc"] == 0.5


@pytest.mark.parametrize(("is_agn", "shares"), [([1, 1, 1], "agn"), ([0, 0, 0], "sf")])
def test_one_class_alone_has_no_ranking(is_agn, shares):
    found = values(is_agn, [0.2, 0.6, 0.9], threshold=0.5)
    for name in ("roc_auc", "mcc", "balanced_accuracy", "brier_skill", "calibration_slope"):
        assert math.isnan(found[name]), name
    assert found[f"completeness_{shares}"] == pytest.approx(2 / 3 if shares == "agn" else 1 / 3)
    assert found["accuracy"] == found[f"completeness_{shares}"]
    assert found["brier"] > 0


def test_one_galaxy_is_evaluated_without_pretending():
    found = estimate([1], [0.8], bootstrap=FEW)
    assert found["accuracy"].value == 1
    assert found["accuracy"].low < 0.5  # Wilson: one galaxy proves little
    assert math.isnan(found["roc_auc"].value)
    assert found["brier"].value == pytest.approx(0.04)
    assert math.isnan(found["brier"].low)
    assert found["accuracy"].as_dict()["n"] == 1
    assert found["roc_auc"].as_dict()["value"] is None


def test_no_galaxy_gives_nan_everywhere():
    assert all(math.isnan(value) for value in values([], []).values())


def test_the_purity_of_nothing_is_nan():
    found = values([1, 0], [0.2, 0.1], threshold=0.5)
    assert math.isnan(found["purity_agn"])
    assert found["completeness_agn"] == 0
    assert found["mcc"] == 0


def test_certain_and_wrong_probabilities_stay_finite():
    found = values([1, 0, 1], [0.0, 1.0, 1.0])
    assert math.isfinite(found["log_loss"])
    assert found["log_loss"] == pytest.approx(sk.log_loss([1, 0, 1], [0.0, 1.0, 1.0]))


def test_calibration_slope_and_intercept_undo_a_distortion():
    rng = np.random.default_rng(2)
    log_odds = rng.normal(0, 2, 20_000)
    is_agn = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * log_odds - 0.7)))
    found = estimate(is_agn, 1 / (1 + np.exp(-log_odds)), bootstrap=Bootstrap(resamples=100))
    assert found["calibration_slope"].low < 0.5 < found["calibration_slope"].high
    assert found["calibration_intercept"].low < -0.7 < found["calibration_intercept"].high


def test_resampled_calibration_lines_do_not_depend_on_their_shortcut():
    from agnsf.evaluation.metrics import Scored, score

    is_agn, p, rng = drawn(6000)
    weights = rng.integers(0, 3, (5, 6000)).astype(float)
    scored = Scored.of(is_agn, p, 0.5)
    names = ("calibration_slope", "calibration_intercept")
    together = score(scored, weights, names=names)
    for i in range(5):
        alone = score(scored, weights[i : i + 1], names=names)
        for name in names:
            assert together[name][i] == pytest.approx(alone[name][0], abs=2e-4)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_galaxies_does_not_matter(order):
    is_agn, p, _ = drawn(12, seed=3)
    first, other = values(is_agn, p), values(is_agn[order], p[order])
    for name, value in first.items():
        assert other[name] == pytest.approx(value, nan_ok=True, abs=1e-9)


def test_intervals_hold_the_value_and_follow_the_seed():
    is_agn, p, _ = drawn(200)
    one, two = (estimate(is_agn, p, bootstrap=Bootstrap(resamples=200, seed=seed)) for seed in (1, 2))
    again = estimate(is_agn, p, bootstrap=Bootstrap(resamples=200, seed=1))
    assert one == again
    assert one != two
    for name, found in one.items():
        assert found.low <= found.value <= found.high, name
        assert found.high - found.low > 0, name


def test_a_higher_level_makes_a_wider_interval():
    is_agn, p, _ = drawn(200)
    narrow, wide = (estimate(is_agn, p, bootstrap=Bootstrap(level=level, resamples=400)) for level in (0.68, 0.95))
    for name in narrow:
        assert wide[name].low <= narrow[name].low <= narrow[name].high <= wide[name].high


def test_the_vectorized_bootstrap_is_the_plain_one():
    is_agn, p, _ = drawn(150)
    found = estimate(is_agn, p, bootstrap=Bootstrap(resamples=4000), names=("roc_auc", "accuracy"))
    rng = np.random.default_rng(9)
    agn, sf = np.flatnonzero(is_agn), np.flatnonzero(~is_agn)
    aucs = []
    for _ in range(600):
        rows = np.concatenate([rng.choice(agn, len(agn)), rng.choice(sf, len(sf))])
        aucs.append(sk.roc_auc_score(is_agn[rows], p[rows]))
    low, high = np.quantile(aucs, [0.025, 0.975])
    width = high - low
    assert found["roc_auc"].low == pytest.approx(low, abs=0.2 * width)
    assert found["roc_auc"].high == pytest.approx(high, abs=0.2 * width)


def test_ninety_percent_intervals_cover_the_truth_in_about_ninety_percent():
    names = ("roc_auc", "accuracy", "brier", "purity_agn", "f1_sf", "calibration_slope")
    truth = {
        name: one.value
        for name, one in estimate(*drawn(400_000, seed=99)[:2], bootstrap=Bootstrap(resamples=20)).items()
    }
    covered = dict.fromkeys(names, 0)
    trials = 250
    for seed in range(trials):
        is_agn, p, _ = drawn(200, seed=seed)
        found = estimate(is_agn, p, bootstrap=Bootstrap(level=0.9, resamples=250, seed=seed), names=names)
        for name in names:
            covered[name] += found[name].low <= truth[name] <= found[name].high
    for name in names:
        assert 0.85 <= covered[name] / trials <= 0.95, (name, covered[name] / trials)


def test_a_share_without_spread_has_the_interval_of_wilson():
    found = estimate([1] * 10 + [0] * 10, [0.9] * 10 + [0.1] * 10, bootstrap=FEW)
    assert found["completeness_agn"].value == found["completeness_agn"].high == 1
    assert found["completeness_agn"].low == pytest.approx(0.7225, abs=1e-4)  # Wilson (1927), 10 of 10
    assert found["accuracy"].low == pytest.approx(0.8389, abs=1e-4)  # 20 of 20
    assert math.isnan(found["roc_auc"].low)


def test_paired_differences_are_surer_than_their_parts():
    is_agn, p, rng = drawn(400)
    worse = np.clip(p + rng.normal(0, 0.08, 400), 0, 1)
    found = compare(is_agn, {"one": (p, 0.5), "two": (worse, 0.5)}, bootstrap=Bootstrap(resamples=400))
    one, two, difference = found["one"][0]["roc_auc"], found["two"][0]["roc_auc"], found["two"][1]["roc_auc"]
    assert difference.value == pytest.approx(two.value - one.value)
    assert difference.high - difference.low < (one.high - one.low) / 2
    assert found["one"][1]["roc_auc"].value == found["one"][1]["roc_auc"].high == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [({"level": 1}, "must lie between 0 and 1, not 1"), ({"resamples": 5}, "at least 20 resamples, not 5")],
)
def test_a_bootstrap_out_of_range_is_refused(options, message):
    with pytest.raises(EvaluationError, match=message):
        Bootstrap(**options)
