# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from agnsf import testing
from agnsf.classifiers.rules import BoostedTrees
from agnsf.columns import AgnsfError, ColumnError
from agnsf.images import decode, resize
from agnsf.measure import picture_feature_names, picture_features
from agnsf.plugins import load_classifier

SDSS_RINGS = (0.02, 0.05, 0.1, 0.15, 0.2)  # the pictures show ten Petrosian radii


def disc(*, size=64, width=0.2, axis_ratio=1.0, color=(200, 150, 100), sky=10):
    """Return the picture of a smooth galaxy."""
    y, x = (np.mgrid[:size, :size] - (size - 1) / 2) / (size / 2)
    glow = np.exp(-np.hypot(x, y / axis_ratio) / width)
    return (sky + glow[..., None] * np.array(color)).astype(np.uint8)


def features(*pictures, **options):
    values = picture_features(np.stack(pictures), **options)
    names = picture_feature_names(options.get("rings", (0.07, 0.17, 0.33, 0.5, 0.67)))
    return dict(zip(names, values.T, strict=True))


def test_colors_of_the_rings_are_those_of_the_galaxy():
    found = features(disc(color=(200, 100, 50)))
    assert found["red_2"] / found["blue_2"] == pytest.approx(4, rel=0.1)
    assert found["red_2"] / found["green_2"] == pytest.approx(2, rel=0.1)


def test_level_of_the_sky_does_not_matter():
    dark, bright = features(disc(sky=0)), features(disc(sky=40))
    for name in dark:
        assert dark[name] == pytest.approx(bright[name], abs=1.0), name


def test_elongated_and_concentrated_galaxies_are_told_apart():
    found = features(disc(), disc(axis_ratio=0.4), disc(width=0.08))
    assert found["elongation"][0] < 0.02 < 0.4 < found["elongation"][1]
    assert found["clumpiness_3"][1] > found["clumpiness_3"][0]


def test_blank_picture_has_finite_features():
    assert np.isfinite(picture_features(np.full((1, 32, 32, 3), 7, dtype=np.uint8))).all()
    assert np.isfinite(picture_features(np.full((1, 32, 32, 3), 255, dtype=np.uint8))).all()


def test_features_of_a_picture_depend_on_no_other():
    pictures = np.random.default_rng(0).integers(0, 255, (300, 48, 48, 3), dtype=np.uint8)
    together = picture_features(pictures)
    np.testing.assert_array_equal(together[137:138], picture_features(pictures[137:138]))


@pytest.mark.parametrize("rings", [(), (0.5,), (0.3, 0.2), (0.0, 0.5), (0.5, 1.1)])
def test_rings_that_do_not_rise_are_refused(rings):
    with pytest.raises(ValueError, match="rings must rise"):
        picture_features(np.zeros((1, 32, 32, 3), dtype=np.uint8), rings=rings)


@pytest.mark.parametrize(
    "options",
    [{}, {"rings": (0.2, 0.9)}, {"features": ("mag_u", "mag_r")}, {"balanced": True}, {"learner": "boosting"}],
)
def test_photometric_keeps_the_contract(options):
    testing.check_classifier(load_classifier("photometric", **options))


def test_one_class_only_is_refused():
    with pytest.raises(ValueError, match="needs galaxies of both classes; all 3 are SF"):
        load_classifier("photometric").fit(np.stack([disc()] * 3), Table({"label": ["SF"] * 3}))


def test_missing_values_of_columns_count_as_the_mean():
    table = Table({"label": ["AGN", "SF"] * 20, "u_r": np.tile([2.5, 1.5], 20)})
    fitted = load_classifier("photometric", features=("u_r",)).fit(np.empty((40, 0)), table)
    unknown = Table({"u_r": MaskedColumn([2.0, 9.9, np.nan], mask=[False, True, False])})
    p_agn = fitted.predict(np.empty((3, 0)), unknown)
    np.testing.assert_allclose(p_agn, 0.5, atol=1e-6)


def test_column_that_is_missing_or_empty_is_named():
    classifier = load_classifier("photometric", features=("u_r",))
    with pytest.raises(ColumnError, match=r"Classifier 'photometric' needs the column\(s\) u_r"):
        classifier.fit(np.empty((2, 0)), Table({"label": ["AGN", "SF"]}))
    with pytest.raises(ColumnError, match=r"finds no value in the column\(s\) u_r"):
        classifier.fit(np.empty((2, 0)), Table({"label": ["AGN", "SF"], "u_r": [np.nan, np.nan]}))


def test_untrained_classifier_says_so(tmp_path):
    with pytest.raises(ValueError, match="has learned nothing yet"):
        load_classifier("photometric").predict(np.zeros((1, 32, 32, 3), dtype=np.uint8), Table())
    with pytest.raises(ValueError, match="has learned nothing yet"):
        load_classifier("photometric").save(tmp_path)


@pytest.mark.parametrize("change", [{"features": ["x"]}, {"mean": [1.0]}, {"scale": [None] * 21}])
def test_file_that_does_not_fit_is_refused(tmp_path, change):
    table = Table({"label": ["AGN", "SF"] * 5})
    load_classifier("photometric").fit(np.stack([disc(), disc(color=(50, 90, 200))] * 5), table).save(tmp_path)
    path = tmp_path / "photometric.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=r"photometric.json has the features|expected 21 finite"):
        load_classifier("photometric").load(tmp_path)


def test_boosted_trees_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(600, 3))
    is_agn = values[:, 0] + values[:, 1] ** 2 > rng.normal(0.8, 0.3, 600)
    values[rng.random(values.shape) < 0.1] = np.nan
    rule = BoostedTrees.fit(values, is_agn, strength=1.0, balanced=False)
    peer = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=15, l2_regularization=1, early_stopping=False, random_state=0
    ).fit(values, is_agn)
    np.testing.assert_allclose(rule.predict(values), peer.predict_proba(values)[:, 1], atol=1e-12)
    again = BoostedTrees.from_dict(json.loads(json.dumps(rule.as_dict())), 3)
    np.testing.assert_array_equal(again.predict(values), rule.predict(values))


@pytest.mark.parametrize(
    "change", [{"left": [0, 0, 0]}, {"right": [9, 0, 0]}, {"feature": [7, 0, 0]}, {"value": [0, 1]}, {"leaf": []}]
)
def test_tree_that_leads_nowhere_is_refused(change):
    tree = {"feature": [0, 0, 0], "threshold": [0.5, 0, 0], "missing_left": [True, False, False]}
    tree |= {"left": [1, 0, 0], "right": [2, 0, 0], "leaf": [False, True, True], "value": [0.0, -1.0, 1.0]}
    assert BoostedTrees.from_dict({"baseline": 0.0, "trees": [tree]}, 1).predict(np.array([[0.2]]))[0] < 0.5
    with pytest.raises(ValueError, match=r"a tree leads nowhere|differ in number"):
        BoostedTrees.from_dict({"baseline": 0.0, "trees": [tree | change]}, 1)


def test_unknown_learner_is_refused():
    with pytest.raises(AgnsfError, match="knows the learners logistic, kernel, boosting, not 'forest'"):
        load_classifier("photometric", learner="forest")


def test_real_galaxies_are_told_apart(real_data):
    table = Table.read(real_data / "sdss" / "labelled.ecsv")
    pictures = [decode((real_data / "sdss" / "images" / name).read_bytes()) for name in table["image"]]
    images = np.stack([resize(picture, 128) for picture in pictures])
    is_agn = np.asarray(table["label"]) != "SF"
    old = np.char.startswith(np.asarray(table["label_source"]), "MPA")
    table["label"] = np.where(is_agn, "AGN", "SF")
    p_agn = np.empty(len(table))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for train, test in folds.split(images, np.char.add(table["label"], old.astype(str))):
        classifier = load_classifier("photometric", rings=SDSS_RINGS)
        p_agn[test] = classifier.fit(images[train], table[train]).predict(images[test], table[test])
    pairs = [is_agn[one].sum() * (~is_agn[one]).sum() for one in (old, ~old)]
    within = np.average([roc_auc_score(is_agn[one], p_agn[one]) for one in (old, ~old)], weights=pairs)
    assert roc_auc_score(is_agn, p_agn) >= 0.87
    assert within >= 0.87
