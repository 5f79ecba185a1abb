# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The [N II] diagram: literature values, asymptotes, ties, and why a galaxy has no class."""

import logging
import warnings

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from agnsf.columns import AgnsfError, LabelFlag
from agnsf.labelers import bpt
from agnsf.labelers.curves import KAUFFMANN2003, KEWLEY2001_NII, SCHAWINSKI2007_SEYFERT

GOLDEN = [
    # x, y, kauffmann2003, kewley2001, bpt-nii
    (-0.6, 0.0, "SF", "SF", "SF"),
    (-0.4, 0.2, "AGN", "SF", "composite"),
    (-0.2, 0.0, "AGN", "SF", "composite"),
    (-0.1, 0.9, "AGN", "AGN", "AGN"),
    (0.0, 0.3, "AGN", "AGN", "AGN"),
    (0.2, -1.5, "AGN", "SF", "composite"),
    (0.6, -3.0, "AGN", "AGN", "AGN"),
    (-1.5, 0.89, "SF", "AGN", "AGN"),
    (-0.05, -5.0, "SF", "SF", "SF"),
]
LINES = bpt.Kewley2001.requires


def at_ratios(x, y):
    """Return galaxies at these places of the diagram."""
    x, y = np.atleast_1d(x).astype(float), np.atleast_1d(y).astype(float)
    one = np.ones(len(x))
    return Table({"h_alpha_flux": one, "nii_6584_flux": 10**x, "h_beta_flux": one, "oiii_5007_flux": 10**y})


def class_at(labeler, x, y):
    """Return the region of one point, without the rounding of a logarithm."""
    at = {"log_nii_ha": np.array([x]), "log_oiii_hb": np.array([y])}
    code = labeler.decide(*labeler.sides(at))
    return labeler.regions[code[0] - 1]


@pytest.mark.parametrize(("x", "y", "kauffmann", "kewley", "both"), GOLDEN)
def test_golden_points(x, y, kauffmann, kewley, both):
    table = at_ratios(x, y)
    assert bpt.Kauffmann2003().label(table)["label"].tolist() == [kauffmann]
    assert bpt.Kewley2001().label(table)["label"].tolist() == [kewley]
    assert bpt.BptNii().label(table)["label"].tolist() == [both]


@pytest.mark.parametrize(
    ("x", "kauffmann", "kewley"),
    [
        (-0.6, 0.3615, 0.6199),
        (-0.4, -0.0556, 0.4889),
        (-0.2, -1.14, 0.2796),
        (-0.1, -2.7667, 0.1198),
        (-1.5, 0.9065, 0.8804),
    ],
)
def test_golden_ordinates(x, kauffmann, kewley):
    assert KAUFFMANN2003(x) == pytest.approx(kauffmann, abs=5e-5)
    assert KEWLEY2001_NII(x) == pytest.approx(kewley, abs=5e-5)


def test_curves_cross_where_they_should():
    assert KAUFFMANN2003(-1.2805) == pytest.approx(KEWLEY2001_NII(-1.2805), abs=2e-5)
    assert KEWLEY2001_NII(-0.1838) == pytest.approx(SCHAWINSKI2007_SEYFERT(-0.1838), abs=2e-4)


def test_between_the_curves_is_composite_for_all_three():
    table = at_ratios([-0.4, -0.2, 0.2], [0.2, 0.0, -1.5])
    for labeler in (bpt.Kauffmann2003(), bpt.Kewley2001(), bpt.BptNii()):
        assert labeler.label(table)["subclass"].tolist() == ["composite"] * 3


def test_left_of_the_crossing_no_two_class_scheme_sees_a_composite():
    table = at_ratios(-1.5, 0.89)
    for labeler in (bpt.Kauffmann2003(), bpt.Kewley2001(), bpt.BptNii()):
        assert labeler.label(table)["subclass"].mask.all()


@pytest.mark.parametrize("y", [-300.0, -5.0, 0.0, 5.0, 300.0])
@pytest.mark.parametrize("x", [0.05, 0.47])
def test_asymptote_is_on_the_upper_side_without_a_warning(x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert class_at(bpt.Kauffmann2003(), x, y).label == "AGN"
        assert class_at(bpt.BptNii(), x, y).label in (("AGN",) if x == 0.47 else ("composite", "AGN"))
        assert class_at(bpt.Kewley2001(), 0.47, y).label == "AGN"
        assert class_at(bpt.Kewley2001Cut(), x, y).label == "AGN"


@pytest.mark.parametrize("step", [1e-15, 1e-12, 1e-6])
def test_left_of_the_asymptote_only_very_low_points_are_star_forming(step):
    assert class_at(bpt.Kauffmann2003(), 0.05 - step, -0.61 / step * 2).label == "SF"
    assert class_at(bpt.Kauffmann2003(), 0.05 - step, -0.1).label == "AGN"
    assert class_at(bpt.Kauffmann2003(), 0.05 + step, -1e290).label == "AGN"


def test_a_tie_goes_to_the_side_that_was_asked_for():
    x = -0.56  # 0.61 / (x - 0.05) is -1 but for rounding
    y = float(KAUFFMANN2003(x))
    assert class_at(bpt.Kauffmann2003(), x, y).label == "AGN"
    assert class_at(bpt.Kauffmann2003(ties="SF"), x, y).label == "SF"
    assert class_at(bpt.Kauffmann2003(), x, np.nextafter(y, -9)).label == "SF"
    assert class_at(bpt.Kauffmann2003(ties="SF"), x, np.nextafter(y, 9)).label == "AGN"


def test_rule_of_the_paper_to_the_letter():
    rule = bpt.Kewley2001Cut()
    x = np.nextafter(-0.1, -1)
    assert class_at(rule, -0.1, -9.0).label == "AGN"  # not x < -0.1
    assert class_at(rule, x, -9.0).label == "SF"
    assert class_at(rule, -0.05, -5.0).label == "AGN"  # below the curve, right of the cut
    y = float(KAUFFMANN2003(-0.5))
    assert class_at(rule, -0.5, y).label == "AGN"  # not y < curve
    assert class_at(rule, -0.5, np.nextafter(y, -9)).label == "SF"


def test_rule_of_the_paper_asks_for_no_signal_to_noise_ratio():
    table = at_ratios(-0.6, 0.0)
    for name in LINES:
        table[f"{name}_err"] = 100.0
    assert bpt.Kewley2001Cut().label(table)["label"].tolist() == ["SF"]
    assert bpt.Kewley2001().label(table)["label"].mask.all()


def test_rule_of_the_paper_says_once_what_it_means(caplog):
    bpt._say_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        bpt.Kewley2001Cut().label(at_ratios(-0.6, 0.0))
        bpt.Kewley2001Cut().label(at_ratios(-0.6, 0.0))
    assert len(caplog.records) == 1
    assert "composites, retired galaxies and noise count as AGN" in caplog.text


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (0.0, LabelFlag.NON_POSITIVE_FLUX),
        (-1.0, LabelFlag.NON_POSITIVE_FLUX),
        (-0.0, LabelFlag.NON_POSITIVE_FLUX),
        (np.nan, LabelFlag.LINE_MISSING),
        (np.inf, LabelFlag.LINE_MISSING),
        (-np.inf, LabelFlag.LINE_MISSING | LabelFlag.NON_POSITIVE_FLUX),
    ],
)
def test_unusable_flux_masks_the_row_and_only_its_own_ratio(line, value, flag):
    table = at_ratios([-0.6, -0.6], [0.0, 0.0])
    table[line][1] = value
    for labeler in (bpt.Kewley2001Cut(), bpt.BptNii()):
        columns = labeler.label(table)
        assert columns["label"].mask.tolist() == [False, True]
        assert columns["label_flag"].tolist() == [0, flag]
        other = "log_oiii_hb" if line in ("h_alpha_flux", "nii_6584_flux") else "log_nii_ha"
        own = "log_nii_ha" if other == "log_oiii_hb" else "log_oiii_hb"
        assert columns[other].mask.tolist() == [False, False]
        assert columns[own].mask.tolist() == [False, True]


def test_two_negative_fluxes_make_no_ratio():
    table = at_ratios(-0.6, 0.0)
    table["h_alpha_flux"], table["nii_6584_flux"] = -1.0, -1.0
    columns = bpt.BptNii().label(table)
    assert columns["label"].mask.all()
    assert columns["log_nii_ha"].mask.all()


def test_a_ratio_too_large_for_a_number_is_no_class():
    table = at_ratios(-0.6, 0.0)
    table["nii_6584_flux"], table["h_alpha_flux"] = 1e300, 1e-300
    assert bpt.BptNii().label(table)["label_flag"].tolist() == [LabelFlag.LINE_MISSING]


def test_masked_flux_is_missing_whatever_lies_under_the_mask():
    table = at_ratios([-0.6, -0.6], [0.0, 0.0])
    table["h_beta_flux"] = MaskedColumn([1.0, 1.0], mask=[True, False])
    assert bpt.BptNii().label(table)["label_flag"].tolist() == [LabelFlag.LINE_MISSING, 0]


@pytest.mark.parametrize(
    ("err", "flag"),
    [
        (1 / 3, 0),
        (0.34, LabelFlag.LOW_SNR),
        (0.0, LabelFlag.BAD_ERROR),
        (-1.0, LabelFlag.BAD_ERROR),
        (np.nan, LabelFlag.LINE_MISSING),
        (np.inf, LabelFlag.LINE_MISSING | LabelFlag.LOW_SNR),
    ],
)
def test_error_decides_at_a_ratio_of_three(err, flag):
    table = at_ratios(-0.6, 0.0)
    table["h_beta_flux_err"] = err
    assert bpt.Kauffmann2003().label(table)["label_flag"].tolist() == [flag]
    assert bpt.Kauffmann2003(snr=None).label(table)["label_flag"].tolist() == [0]


def test_signal_to_noise_by_line():
    table = at_ratios([-0.6, -0.6], [0.0, 0.0])
    table["oiii_5007_flux_err"] = [0.5, 0.5]
    table["h_beta_flux_err"] = [0.1, 0.5]
    flags = bpt.BptNii(snr={"oiii_5007": 1.0}).label(table)["label_flag"]
    assert flags.tolist() == [0, LabelFlag.LOW_SNR]


@pytest.mark.parametrize("snr", [-1.0, np.nan, {"h_gamma": 3.0}, {"h_alpha": -2.0}])
def test_nonsense_signal_to_noise_is_refused(snr):
    with pytest.raises(AgnsfError, match="snr"):
        bpt.BptNii(snr=snr)


def test_distant_galaxies_are_out_of_range_unless_told_otherwise():
    table = at_ratios([-0.6, -0.6, -0.6], [0.0, 0.0, 0.0])
    table["z"] = [0.1, 1.5, np.nan]
    assert bpt.BptNii().label(table)["label_flag"].tolist() == [0, LabelFlag.OUT_OF_RANGE, 0]
    assert bpt.BptNii(everywhere=True).label(table)["label"].tolist() == ["SF", "SF", "SF"]


@pytest.mark.parametrize("choice", ["AGN", "SF"])
def test_composites_by_choice(choice):
    columns = bpt.BptNii(composites=choice).label(at_ratios(-0.4, 0.2))
    assert columns["label"].tolist() == [choice]
    assert columns["subclass"].tolist() == ["composite"]


def test_rows_beyond_one_block_are_labeled_like_the_first():
    x, y = np.tile([-0.6, -0.4, 0.6], 30_000), np.tile([0.0, 0.2, -3.0], 30_000)
    table = at_ratios(x, y)
    table["h_alpha_flux"][70_000] = -1.0
    labels = bpt.BptNii().label(table)["label"]
    assert labels.mask.nonzero()[0].tolist() == [70_000]
    expected = np.tile(["SF", "composite", "AGN"], 30_000)
    assert np.array_equal(labels.data[~labels.mask], expected[~labels.mask])
