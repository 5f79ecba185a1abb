# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Upper limits: a class only where every point of the interval has it."""

import numpy as np
import pytest
from astropy.table import Table

from agnsf.columns import AgnsfError, ColumnError, LabelFlag
from agnsf.labelers.bpt import BptNii, Kauffmann2003, Kewley2001
from agnsf.labelers.cidfernandes2010 import CidFernandes2010
from agnsf.labelers.kewley2006 import Kewley2006
from agnsf.labelers.kewley2013 import Kewley2013
from agnsf.labelers.mex import Mex
from agnsf.labelers.schawinski2007 import Schawinski2007
from agnsf.labelers.sdss_subclass import SdssSubclass
from agnsf.labelers.stasinska2006 import Stasinska2006, Stasinska2006Nii
from agnsf.labelers.whan import Whan

PAIRS = {"x": ("nii_6584_flux", "h_alpha_flux"), "y": ("oiii_5007_flux", "h_beta_flux")}


def limited(x, y, x_limit="", y_limit=""):
    """
    Return a galaxy at a place of the diagram, detected or at a limit.

    The limit is ``"upper"``, ``"lower"`` or empty; a line that is not detected has a third of its
    limit as its error, and a flux of half its limit.
    """
    table = {}
    for (above, below), ratio, limit in ((PAIRS["x"], x, x_limit), (PAIRS["y"], y, y_limit)):
        for name, flux, undetected in ((above, 10.0**ratio, limit == "upper"), (below, 1.0, limit == "lower")):
            table[name] = [flux / 2 if undetected else flux]
            table[f"{name}_err"] = [flux / 3 if undetected else flux / 100]
    return Table(table)


# Sabater et al. (2012A&A...538A..15S): what a limit at a place of the diagram leaves possible.
TRUTH = [
    # above the upper curve
    (-0.2, 1.0, "lower", "", "AGN"),
    (-0.2, 1.0, "", "lower", "AGN"),
    (-0.2, 1.0, "lower", "lower", "AGN"),
    (-0.2, 1.0, "upper", "", "SF,composite,AGN"),
    (-0.2, 1.0, "", "upper", "SF,composite,AGN"),
    (-0.2, 1.0, "upper", "upper", "SF,composite,AGN"),
    # between the curves
    (-0.3, 0.2, "lower", "", "composite,AGN"),
    (-0.3, 0.2, "", "lower", "composite,AGN"),
    (-0.3, 0.2, "upper", "", "SF,composite"),
    (-0.3, 0.2, "", "upper", "SF,composite"),
    (-0.3, 0.2, "upper", "upper", "SF,composite"),
    # below the lower curve
    (-0.6, 0.0, "upper", "", "SF"),
    (-0.6, 0.0, "", "upper", "SF"),
    (-0.6, 0.0, "upper", "upper", "SF"),
    (-0.6, 0.0, "lower", "", "SF,composite,AGN"),
    (-0.6, 0.0, "", "lower", "SF,composite,AGN"),
    (-0.6, 0.0, "upper", "lower", "SF,composite,AGN"),
    # right of the asymptotes, and above everything
    (0.6, 0.0, "lower", "", "AGN"),
    (0.6, 0.0, "lower", "upper", "AGN"),
    (-0.9, 1.3, "upper", "lower", "AGN"),
    (-0.9, 1.3, "lower", "lower", "AGN"),
]


@pytest.mark.parametrize(("x", "y", "x_limit", "y_limit", "possible"), TRUTH)
def test_truth_table_of_the_nii_diagram(x, y, x_limit, y_limit, possible):
    columns = BptNii(limits=True).label(limited(x, y, x_limit, y_limit))
    assert columns["label_set"].tolist() == [possible]
    sure = "," not in possible
    assert columns["label"].tolist() == [possible if sure else None]
    assert columns["label_flag"].tolist() == [0 if sure else LabelFlag.LIMIT]


def test_without_limits_a_weak_line_is_no_class():
    columns = BptNii().label(limited(-0.6, 0.0, "upper"))
    assert columns["label_flag"].tolist() == [LabelFlag.LOW_SNR]
    assert "label_set" not in columns


def test_detected_galaxies_keep_their_class_and_have_it_as_their_only_one():
    table = limited(-0.4, 0.2)
    columns = BptNii(limits=True).label(table)
    assert columns["label_set"].tolist() == columns["label"].tolist() == ["composite"]
    assert columns["log_nii_ha_limit"].tolist() == columns["log_oiii_hb_limit"].tolist() == [0]


@pytest.mark.parametrize(("limit", "code"), [("upper", 1), ("lower", 2), ("", 0)])
def test_ratio_stands_at_its_limit_with_a_code(limit, code):
    columns = BptNii(limits=True).label(limited(-0.4, 0.2, limit, "upper"))
    assert columns["log_nii_ha"][0] == pytest.approx(-0.4)
    assert columns["log_nii_ha_limit"].tolist() == [code]


def test_two_lines_of_one_ratio_undetected_leave_it_undetermined():
    table = limited(-0.6, 0.0, "upper")
    table["h_alpha_flux_err"] = 1.0
    columns = BptNii(limits=True).label(table)
    assert columns["log_nii_ha"].mask.all()
    assert columns["log_nii_ha_limit"].tolist() == [3]
    assert columns["label_set"].tolist() == ["SF,composite,AGN"]


def test_negative_flux_is_an_upper_limit():
    table = limited(-0.6, 0.0, "upper")
    table["nii_6584_flux"] = -0.01
    assert BptNii(limits=True).label(table)["label"].tolist() == ["SF"]


@pytest.mark.parametrize(
    ("column", "value"), [("h_beta_flux", np.nan), ("h_beta_flux_err", 0.0), ("h_beta_flux_err", np.nan)]
)
def test_missing_flux_or_bad_error_is_no_limit(column, value):
    table = limited(-0.6, 0.0, "upper")
    table[column] = value
    columns = BptNii(limits=True).label(table)
    assert columns["label"].mask.all()
    assert columns["label_set"].mask.all()


def test_limits_need_errors_and_a_signal_to_noise_ratio():
    table = limited(-0.6, 0.0)
    table.remove_column("nii_6584_flux_err")
    with pytest.raises(ColumnError, match="nii_6584_flux_err"):
        BptNii(limits=True).label(table)
    with pytest.raises(AgnsfError, match="limits"):
        BptNii(limits=True, snr=None)


def test_a_subclass_stays_where_it_is_sure():
    table = limited(-0.3, 0.2, "upper")
    assert Kewley2001(limits=True).label(table)["label"].tolist() == ["SF"]
    assert Kewley2001(limits=True).label(table)["subclass"].tolist() == [None]
    seyfert = Schawinski2007(limits=True).label(limited(-0.2, 1.3, "", "lower"))
    assert (seyfert["label"].tolist(), seyfert["subclass"].tolist()) == (["AGN"], ["Seyfert"])


def test_retired_galaxy_of_whan_needs_no_limit():
    table = limited(-0.2, 0.0, "upper")
    table["h_alpha_ew"] = 1.0
    assert Whan(limits=True).label(table)["label_set"].tolist() == ["retired"]
    table["h_alpha_ew"] = 10.0
    assert Whan(limits=True).label(table)["label_set"].tolist() == ["SF,AGN"]


def census(n, seed):
    """Return galaxies all over the plane, about a third of the lines of which are not detected."""
    rng = np.random.default_rng(seed)
    names = ("h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux", "sii_flux", "oi_6300_flux")
    table = Table({name: 10 ** rng.normal(0, 0.6, n) for name in names})
    for name in names:
        table[f"{name}_err"] = table[name] / 10 ** rng.normal(0.7, 0.5, n)
        table[name][rng.random(n) < 0.05] *= -1
    table["h_alpha_ew"] = 10 ** rng.normal(0.5, 0.5, n)
    table["nii_6584_ew"] = table["h_alpha_ew"] / 2
    table["z"], table["log_mass"] = rng.uniform(0, 0.19, n), rng.normal(10.2, 0.6, n)
    return table


@pytest.mark.parametrize(
    "cls",
    [
        BptNii,
        Kauffmann2003,
        Kewley2001,
        Kewley2006,
        Kewley2013,
        Schawinski2007,
        CidFernandes2010,
        Stasinska2006,
        Stasinska2006Nii,
        SdssSubclass,
        Mex,
        Whan,
    ],
    ids=lambda cls: cls.name,
)
def test_every_class_below_the_limits_is_in_the_set(cls):
    """Draw fluxes below the limits: whatever class they have must be listed, and the only one if it is a label."""
    table = census(400, seed=3)
    columns = cls(limits=True).label(table)
    seen = [set() for _ in range(len(table))]
    rng = np.random.default_rng(4)
    fluxes = [name for name in table.colnames if name.endswith("_flux")]
    for _ in range(60):
        drawn = Table({name: table[name] for name in table.colnames if not name.endswith("_err")}, copy=True)
        for name in fluxes:
            limit = 3 * table[f"{name}_err"]
            weak = table[name] < limit
            drawn[name][weak] = (limit * 10 ** (-4 * rng.random(len(table)) ** 2))[weak]
        labels = cls(snr=None).label(drawn)
        for row, label in enumerate(np.where(labels["label"].mask, "ambiguous", labels["label"].data)):
            seen[row].add(str(label))
    resolved = several = 0
    for row, listed in enumerate(columns["label_set"]):
        if listed is np.ma.masked:
            continue
        assert seen[row] <= set(listed.split(",")), row
        resolved += columns["label_flag"][row] == 0
        several += "," in listed
    assert resolved > 30
    assert several > 50
