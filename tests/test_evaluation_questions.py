# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json
import math

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from sklearn.metrics import roc_auc_score

from agnsf.columns import ColumnError
from agnsf.evaluation import (
    Bootstrap,
    EvaluationError,
    Questions,
    evaluate_table,
    expected_ece,
    shift_prior,
    within_auc,
)
from agnsf.evaluation.groups import cells, column_groups

FEW = Bootstrap(resamples=60)


def galaxies(n=600, seed=0):
    """Return galaxies whose color tells the class; p_agn knows the color and a little more."""
    rng = np.random.default_rng(seed)
    color = rng.normal(0, 1, n)
    nucleus = rng.normal(0, 1, n)
    is_agn = rng.random(n) < 1 / (1 + np.exp(-(1.5 * color + 0.7 * nucleus)))
    label = np.where(is_agn, np.where(rng.random(n) < 0.4, "AGN", "composite"), "SF")
    return Table(
        {
            "id": [str(587722982830178312 + i) for i in range(n)],
            "label": label,
            "subclass": np.where(label == "AGN", np.where(rng.random(n) < 0.5, "Seyfert", "LINER"), ""),
            "p_agn": 1 / (1 + np.exp(-(1.5 * color + 0.7 * nucleus))),
            "p_color": 1 / (1 + np.exp(-1.5 * color)),
            "g_r": color,
            "z": rng.uniform(0.01, 0.2, n),
            "label_source": rng.choice(["one", "two"], n),
        }
    )


def evaluated(table=None, **questions):
    return evaluate_table(galaxies() if table is None else table, questions=Questions(**questions), bootstrap=FEW)


def test_the_auc_within_groups_counts_only_pairs_of_one_group():
    is_agn, p = [1, 0, 1, 0, 1, 0], [0.2, 0.1, 0.9, 0.8, 0.5, 0.5]
    assert within_auc(is_agn, p, [0, 0, 1, 1, 2, 2], bootstrap=FEW).value == pytest.approx(2.5 / 3)
    assert within_auc(is_agn, p, [0, 0, 0, 0, 0, 0], bootstrap=FEW).value == roc_auc_score(is_agn, p)


@pytest.mark.parametrize("decimals", [15, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_auc_within_groups_is_the_pair_weighted_mean_of_scikit_learn(decimals, weighted):
    rng = np.random.default_rng(4)
    is_agn, p, group = rng.random(300) < 0.4, rng.random(300).round(decimals), rng.integers(-1, 5, 300)
    weights = rng.integers(1, 4, 300).astype(float) if weighted else np.ones(300)
    right = pairs = 0.0
    for number in range(5):
        inside = group == number
        n = weights[inside & is_agn].sum() * weights[inside & ~is_agn].sum()
        right += n * roc_auc_score(is_agn[inside], p[inside], sample_weight=weights[inside])
        pairs += n
    found = within_auc(is_agn, p, group, weights=weights, bootstrap=Bootstrap(resamples=200))
    assert found.value == pytest.approx(right / pairs)
    assert found.low < found.value < found.high
    assert found.n == (group >= 0).sum()


def test_groups_of_one_class_have_no_auc_and_do_not_count():
    assert math.isnan(within_auc([1, 0], [0.9, 0.1], [0, 1], bootstrap=FEW).value)
    assert within_auc([1, 0, 1], [0.9, 0.1, 0.2], [0, 0, 1], bootstrap=FEW).n == 2


def test_what_only_the_groups_tell_vanishes_within_them():
    group = np.repeat(np.arange(20), 200)
    rng = np.random.default_rng(1)
    is_agn = rng.random(4000) < group / 20
    p = (group + 0.5) / 20 + rng.normal(0, 0.001, 4000)
    assert roc_auc_score(is_agn, p) > 0.75
    assert within_auc(is_agn, p, group, bootstrap=FEW).value == pytest.approx(0.5, abs=0.05)


def test_matching_takes_the_color_out_of_a_classifier_of_colors():
    table = galaxies(1900)
    table["p_agn"] = table["p_color"]
    found = evaluated(table, match=("g_r",)).sections["matched"]
    assert found["bins"] == {"g_r": 20}
    assert found["roc_auc"].value == pytest.approx(0.5, abs=0.06)
    assert found["columns_alone"]["metrics"]["roc_auc"].value > 0.75


def test_matching_leaves_what_the_nucleus_tells():
    found = evaluated(galaxies(1900), match=("g_r",)).sections["matched"]
    assert found["roc_auc"].low > 0.6
    assert found["columns_alone"]["gain"]["roc_auc"].low > 0


def test_cells_join_several_columns_and_leave_out_gaps():
    table = Table({"a": [0.0, 1.0, 0.0, 1.0, np.nan], "b": ["x", "x", "y", "y", "x"]})
    index, bins = cells(table, ["a", "b"])
    assert len(set(index[:4].tolist())) == 4
    assert index[4] == -1
    assert bins == {"a": 2, "b": 2}


def test_numbers_are_cut_into_bins_of_equal_numbers():
    groups = column_groups(Table({"z": np.linspace(0, 1, 1000)}), "z")
    assert np.bincount(groups.index).tolist() == [200] * 5
    assert groups.names[0] == "0.00 to 0.20"
    assert len(groups.edges) == 6


@pytest.mark.parametrize("dtype", [">f4", ">i8", "f8"])
def test_any_kind_of_number_makes_groups(dtype):
    groups = column_groups(Table({"mag": np.arange(300).astype(dtype)}), "mag")
    assert np.bincount(groups.index).tolist() == [60] * 5


def test_few_whole_numbers_and_texts_are_groups_of_their_own():
    table = Table({"flag": [0, 1, 1], "who": MaskedColumn(["b", "a", "a"], mask=[False, False, True])})
    assert column_groups(table, "flag").names == ("0", "1")
    groups = column_groups(table, "who")
    assert groups.names == ("a", "b", "unknown")
    assert groups.index.tolist() == [1, 0, 2]


def test_masked_numbers_are_a_group_of_their_own():
    column = MaskedColumn(np.arange(200.0), mask=np.arange(200) < 20)
    groups = column_groups(Table({"z": column}), "z")
    assert groups.names[-1] == "unknown"
    assert (groups.index == len(groups.names) - 1).sum() == 20


def test_a_constant_column_and_an_empty_one_are_one_group():
    assert column_groups(Table({"z": np.full(200, 0.1)}), "z").names == ("0.1",)
    assert column_groups(Table({"z": np.full(200, np.nan)}), "z").names == ("unknown",)


def test_a_column_of_several_values_makes_no_groups():
    with pytest.raises(EvaluationError, match="'flux' holds several values in each row"):
        column_groups(Table({"flux": np.ones((3, 5))}), "flux")


def test_ids_make_no_groups():
    with pytest.raises(EvaluationError, match="'id' has 600 different values; groups are made of at most 40"):
        column_groups(galaxies(), "id")


def test_every_metric_is_given_in_every_group():
    table = galaxies()
    found = evaluated(table, by=("label_source", "z"))
    for name in ("one", "two"):
        inside = table["label_source"] == name
        metrics = found.sections["by"]["label_source"][name]
        assert metrics["roc_auc"].value == pytest.approx(
            roc_auc_score(table["label"][inside] != "SF", table["p_agn"][inside])
        )
        assert metrics["roc_auc"].n == inside.sum()
        assert len(metrics) == len(found.metrics)
    assert sum(one["accuracy"].n for one in found.sections["by"]["z"].values()) == len(table)
    assert found.sections["within"]["label_source"]["roc_auc"].value == pytest.approx(
        within_auc(table["label"] != "SF", table["p_agn"], table["label_source"] == "one", bootstrap=FEW).value
    )


def test_groups_are_made_of_what_is_there_unless_asked_for():
    assert list(evaluated().sections["by"]) == ["label_source", "z"]
    assert list(evaluated(by=("g_r",)).sections["by"]) == ["g_r"]
    with pytest.raises(ColumnError, match=r"needs the column\(s\) mass"):
        evaluated(by=("mass",))


def test_subclasses_and_composites_are_reported_apart():
    table = galaxies()
    found = evaluated(table).sections
    seyfert = table["subclass"] == "Seyfert"
    selected = table["p_agn"] >= 0.5
    assert found["subclass"]["Seyfert"]["predicted_agn"].value == selected[seyfert].mean()
    against = seyfert | (table["label"] == "SF")
    assert found["subclass"]["Seyfert"]["roc_auc_against_sf"].value == pytest.approx(
        roc_auc_score(seyfert[against], table["p_agn"][against])
    )
    kept = table["label"] != "composite"
    assert found["composites"]["without"]["roc_auc"].value == pytest.approx(
        roc_auc_score(table["label"][kept] == "AGN", table["p_agn"][kept])
    )
    assert found["composites"]["predicted_agn"].n == (~kept).sum()


def test_a_sample_without_composites_says_nothing_of_them():
    table = galaxies()
    table["label"][table["label"] == "composite"] = "SF"
    del table["subclass"]
    found = evaluated(table).sections
    assert found["composites"] == {}
    assert found["subclass"] == {}


def test_the_majority_class_is_the_first_rival():
    table = galaxies()
    found = evaluated(table).sections["baselines"]["majority"]
    share = np.mean(table["label"] != "SF")
    assert found["accuracy"].value == pytest.approx(max(share, 1 - share))
    assert found["class"] == ("AGN" if share >= 0.5 else "SF")
    right = np.mean((table["label"] != "SF") == (table["p_agn"] >= 0.5))
    assert found["accuracy_gain"].value == pytest.approx(right - found["accuracy"].value)
    assert found["accuracy"].low < found["accuracy"].value < found["accuracy"].high


def test_a_catalog_only_column_is_compared_galaxy_by_galaxy():
    table = galaxies(1900)
    p_color = MaskedColumn(table["p_color"], mask=np.arange(1900) < 100)
    table["p_color"] = p_color
    found = evaluated(table, baseline="p_color").sections["baselines"]["catalog"]
    is_agn = table["label"][100:] != "SF"
    ours, theirs = (roc_auc_score(is_agn, table[name][100:]) for name in ("p_agn", "p_color"))
    assert found["metrics"]["roc_auc"].value == pytest.approx(theirs)
    assert found["gain"]["roc_auc"].value == pytest.approx(ours - theirs)
    assert found["gain"]["roc_auc"].low > 0
    assert found["gain"]["roc_auc"].n == 1800


def test_nuisances_that_tell_the_class_are_found_out():
    table = galaxies()
    honest = evaluated(table).sections["baselines"]["nuisances"]
    assert honest["columns"] == ["z"]
    assert honest["metrics"]["roc_auc"].value < 0.6
    table["z"] = np.where(table["label"] != "SF", 0.11, 0.03) + 0.001 * np.arange(600) / 600
    assert evaluated(table).sections["baselines"]["nuisances"]["metrics"]["roc_auc"].value > 0.95
    del table["z"]
    assert evaluated(table).sections["baselines"]["nuisances"] is None


def test_operating_points_reach_what_is_wanted_on_the_rows_they_are_chosen_on():
    found = evaluated(galaxies(1900)).sections["thresholds"]
    assert found["chosen_on"] == "the evaluated galaxies"
    points = found["points"]
    assert points["purity 0.9"]["metrics"]["purity_agn"].value >= 0.9
    assert points["completeness 0.9"]["metrics"]["completeness_agn"].value >= 0.9
    assert points["everything AGN"]["metrics"]["completeness_agn"].value == 1
    assert points["everything AGN"]["selected"] == 1900
    best = max(point["metrics"]["accuracy"].value for point in points.values())
    assert points["best accuracy"]["metrics"]["accuracy"].value == best


def test_both_readings_of_the_paper_are_there():
    table = Table({"label": ["SF", "SF", "AGN", "AGN"], "p_agn": [0.3, 0.69, 0.7, 0.31]})
    points = evaluated(table).sections["thresholds"]["points"]
    rising_to_sf = points["Xu (2023), p_SF > 0.3: AGN where p_agn >= 0.7"]
    assert rising_to_sf["selected"] == 1  # 0.7 itself is p_SF = 0.3, which is not above 0.3
    assert points["Xu (2023), p_agn > 0.3"]["selected"] == 3  # 0.3 itself is not above 0.3


def test_an_operating_point_that_is_out_of_reach_says_so():
    table = Table({"label": ["SF", "AGN", "SF"], "p_agn": [0.9, 0.5, 0.1]})
    points = evaluated(table, purity=0.95).sections["thresholds"]["points"]
    assert "No threshold reaches the purity 0.95" in points["purity 0.95"]["why_not"]


def test_thresholds_come_from_validation_and_are_reported_on_test():
    table = galaxies(2000)
    table["split"] = np.where(np.arange(2000) < 1000, "validation", "test")
    found = evaluated(table)
    threshold = found.sections["thresholds"]["points"]["purity 0.9"]["threshold"]
    first = table[:1000]
    selected = first["p_agn"] >= threshold
    assert np.mean(first["label"][selected] != "SF") >= 0.9
    assert found.sections["thresholds"]["chosen_on"] == "validation"
    assert found.metrics["accuracy"].n == 1000


def test_perfect_calibration_stays_below_its_own_ninety_fifth_percentile():
    rng = np.random.default_rng(3)
    p = rng.beta(1, 1, 500)
    limit = expected_ece(p)
    eces = []
    for _ in range(300):
        is_agn = rng.random(500) < p
        bins = np.minimum((p * 10).astype(int), 9)
        eces.append(np.abs(np.bincount(bins, is_agn - p, 10)).sum() / 500)
    assert np.mean(np.array(eces) < limit) == pytest.approx(0.95, abs=0.04)


def test_shifted_probabilities_are_found_to_be_uncalibrated():
    table = galaxies(1900)
    good = evaluated(table)
    table["p_agn"] = shift_prior(table["p_agn"], base_rate=0.5, prior=0.2)
    bad = evaluated(table)
    assert good.metrics["ece"].value < good.sections["calibration"]["ece_of_perfect_calibration"]
    assert bad.metrics["ece"].value > 2 * bad.sections["calibration"]["ece_of_perfect_calibration"]
    assert bad.metrics["calibration_intercept"].low > 0.5
    assert good.metrics["calibration_slope"].low < 1 < good.metrics["calibration_slope"].high


def test_the_reliability_counts_every_galaxy_once():
    table = galaxies()
    bins = evaluated(table).sections["calibration"]["bins"]
    assert sum(one["n"] for one in bins) == 600
    first = table[(table["p_agn"] < 0.1)]
    assert bins[0]["mean_p_agn"] == pytest.approx(np.mean(first["p_agn"]))
    assert bins[0]["share_agn"] == pytest.approx(np.mean(first["label"] != "SF"))


def test_other_tables_are_compared_on_the_galaxies_that_all_have():
    table = galaxies()
    other = table.copy()
    other["p_agn"] = MaskedColumn(table["p_color"], mask=np.arange(600) < 50)
    found = evaluate_table(table, name="image", others={"color": (other, None)}, bootstrap=FEW)
    comparison = found.sections["comparison"]
    is_agn = table["label"][50:] != "SF"
    expected = {
        name: roc_auc_score(is_agn, table[column][50:]) for name, column in (("image", "p_agn"), ("color", "p_color"))
    }
    assert comparison["n"] == 550
    for name, value in expected.items():
        assert comparison["metrics"][name]["roc_auc"].value == pytest.approx(value)
    difference = comparison["difference"]["color"]["roc_auc"]
    assert difference.value == pytest.approx(expected["color"] - expected["image"])
    assert difference.high < 0
    assert found.metrics["roc_auc"].n == 600


def shorter(table):
    table.remove_row(0)


def other_galaxy(table):
    table["id"][7] = "1"


def other_label(table):
    table["label"][3] = "AGN" if table["label"][3] == "SF" else "SF"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (shorter, "rival has 599 rows and the first table 600"),
        (other_galaxy, "rival has another id than the first table in 1 rows, first in row 7"),
        (other_label, "rival has another label than the first table in 1 rows, first in row 3"),
    ],
)
def test_tables_of_other_galaxies_are_not_compared(spoil, message):
    other = galaxies()
    spoil(other)
    with pytest.raises(EvaluationError, match=message):
        evaluate_table(galaxies(), others={"rival": (other, None)}, bootstrap=FEW)


def test_weights_count_as_repeated_rows():
    table = galaxies(200)
    table["weight"] = np.arange(200) % 3
    repeated = table[np.repeat(np.arange(200), np.arange(200) % 3)]
    questions = Questions(match=("g_r",))
    one = evaluate_table(table, weight="weight", questions=questions, bootstrap=FEW)
    two = evaluate_table(repeated, questions=questions, bootstrap=FEW)
    assert one.sample.left_out == {"no weight": 67}
    for name, found in one.metrics.items():
        assert found.value == pytest.approx(two.metrics[name].value), name
    for metric in ("predicted_agn", "roc_auc_against_sf"):
        first, second = (found.sections["composites"][metric].value for found in (one, two))
        assert first == pytest.approx(second)
    assert one.sections["baselines"]["majority"]["accuracy"].value == pytest.approx(
        two.sections["baselines"]["majority"]["accuracy"].value
    )


def test_a_negative_weight_is_refused():
    table = galaxies(20)
    table["weight"] = -1.0
    with pytest.raises(ColumnError, match="'weight' holds weights"):
        evaluate_table(table, weight="weight", bootstrap=FEW)


@pytest.mark.parametrize("labels", [["AGN"], ["SF", "SF", "SF"], ["AGN", "SF"]])
def test_the_smallest_samples_are_evaluated_to_the_end(labels):
    table = Table({"label": labels, "p_agn": np.linspace(0.2, 0.9, len(labels)), "z": np.full(len(labels), 0.1)})
    found = evaluated(table)
    assert found.sample.is_small
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["sample"]["evaluated"] == len(labels)
    assert found.summary()


def test_the_same_seed_gives_the_same_file():
    assert json.dumps(evaluated().as_dict()) == json.dumps(evaluated().as_dict())


def test_many_galaxies_teach_trees():
    table = galaxies(2400)
    table["p_agn"] = table["p_color"]
    table["z"] = np.abs(table["g_r"])  # of no use to a straight line
    found = evaluated(table, by=(), match=("z",)).sections["matched"]["columns_alone"]
    assert found["learner"] == "gradient boosting"


def test_the_origin_of_real_labels_tells_the_class_and_within_it_nothing_is_left(real_data):
    table = Table.read(real_data / "sdss" / "labelled.ecsv")
    is_agn = table["label"] != "SF"
    groups = column_groups(table, "label_source")
    redshift_survey = groups.index == groups.names.index("MPA-JHU fluxes, no errors")
    table["p_agn"] = np.where(redshift_survey, is_agn[redshift_survey].mean(), is_agn[~redshift_survey].mean())
    found = evaluated(table)
    assert found.metrics["roc_auc"].value == pytest.approx(0.63, abs=0.005)
    assert found.sections["within"]["label_source"]["roc_auc"].value == 0.5
    assert found.sample.is_agn.sum() == 69
