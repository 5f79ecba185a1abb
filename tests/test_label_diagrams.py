# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Literature values of the diagrams beyond [N II] alone."""

import numpy as np
import pytest
from astropy.table import Table

from agnsf.columns import AgnsfError, AgnsfWarning, LabelFlag
from agnsf.labelers import curves
from agnsf.labelers.assef2018 import Assef2018
from agnsf.labelers.cidfernandes2010 import CidFernandes2010
from agnsf.labelers.jarrett2011 import Jarrett2011
from agnsf.labelers.kewley2006 import Kewley2006
from agnsf.labelers.kewley2013 import Kewley2013
from agnsf.labelers.mex import Mex
from agnsf.labelers.schawinski2007 import Schawinski2007
from agnsf.labelers.sdss_subclass import SdssSubclass
from agnsf.labelers.stasinska2006 import Stasinska2006, Stasinska2006Nii
from agnsf.labelers.stern2012 import Stern2012
from agnsf.labelers.whan import Whan

NAMES = {"nii": "nii_6584_flux", "sii": "sii_flux", "oi": "oi_6300_flux", "y": "oiii_5007_flux"}


def at_ratios(**ratios):
    """Return one galaxy of these ratios to H-alpha, and of y to H-beta, in dex."""
    table = {"h_alpha_flux": [1.0], "h_beta_flux": [1.0]}
    return Table(table | {NAMES[key]: [10.0**value] for key, value in ratios.items()})


def classes(labeler, table):
    columns = labeler.label(table)
    return columns["label"].tolist()[0], columns["subclass"].tolist()[0] if "subclass" in columns else None


# Seyfert/LINER on [N II]


@pytest.mark.parametrize(("x", "y", "subclass"), [(-0.1, 0.9, "Seyfert"), (0.0, 0.3, "LINER"), (0.6, -3.0, "LINER")])
def test_seyferts_and_liners_of_schawinski(x, y, subclass):
    assert classes(Schawinski2007(), at_ratios(nii=x, y=y)) == ("AGN", subclass)


@pytest.mark.parametrize(("x", "y", "label"), [(-0.6, 0.0, "SF"), (-0.4, 0.2, "composite"), (0.2, -1.5, "composite")])
@pytest.mark.parametrize("labeler", [Schawinski2007(), CidFernandes2010()])
def test_below_kewley_they_are_the_nii_diagram(labeler, x, y, label):
    assert classes(labeler, at_ratios(nii=x, y=y))[0] == label


def test_seyfert_lines_differ_between_the_two_schemes():
    table = at_ratios(nii=0.0, y=0.465)  # above 0.45 of Schawinski, below 0.48 of Cid Fernandes
    assert classes(Schawinski2007(), table) == ("AGN", "Seyfert")
    assert classes(CidFernandes2010(), table) == ("AGN", "LINER")


@pytest.mark.parametrize(
    ("x", "line", "kewley", "y"),
    [
        (-0.3146, curves.KEWLEY2006_SEYFERT_SII, curves.KEWLEY2001_SII, 0.1654),
        (-1.1269, curves.KEWLEY2006_SEYFERT_OI, curves.KEWLEY2001_OI, -0.0297),
        (-0.1838, curves.SCHAWINSKI2007_SEYFERT, curves.KEWLEY2001_NII, 0.2570),
        (-0.1993, curves.CIDFERNANDES2010_SEYFERT, curves.KEWLEY2001_NII, 0.2787),
    ],
)
def test_seyfert_lines_meet_the_maximum_starburst_lines(x, line, kewley, y):
    assert line(x) == pytest.approx(y, abs=2e-4)
    assert kewley(x) == pytest.approx(y, abs=2e-4)


@pytest.mark.parametrize("labeler", [Schawinski2007, CidFernandes2010, Kewley2006])
def test_liner_with_little_h_alpha_is_retired(labeler):
    table = at_ratios(nii=0.1, sii=0.1, oi=-0.6, y=0.4)
    assert classes(labeler(), table) == ("AGN", "LINER")
    table["h_alpha_ew"] = 2.9
    assert classes(labeler(), table) == ("retired", "retired")
    assert classes(labeler(retired="AGN"), table) == ("AGN", "retired")
    table["h_alpha_ew"] = 3.0
    assert classes(labeler(), table) == ("AGN", "LINER")
    table["h_alpha_ew"] = np.nan
    assert classes(labeler(), table) == ("AGN", "LINER")


def test_seyfert_with_little_h_alpha_stays_a_seyfert():
    table = at_ratios(nii=-0.1, y=0.9)
    table["h_alpha_ew"] = 1.0
    assert classes(Schawinski2007(), table) == ("AGN", "Seyfert")


# Three diagrams together


@pytest.mark.parametrize(
    ("nii", "sii", "oi", "y", "label", "subclass"),
    [
        (-0.6, -0.6, -1.8, 0.0, "SF", None),
        (-0.25, -0.6, -1.6, 0.0, "composite", "composite"),
        (-0.1, -0.2, -1.0, 0.9, "AGN", "Seyfert"),
        (0.1, 0.1, -0.6, 0.4, "AGN", "LINER"),
        (0.0, -0.2, -0.6, 0.45, "AGN", "ambiguous"),  # Seyfert on [S II], LINER on [O I]
        (-0.25, 0.1, -1.6, 0.0, None, "ambiguous"),  # composite on [N II], AGN on [S II]
        (-0.6, -0.6, -0.5, 0.0, None, "ambiguous"),  # SF on [N II] and [S II], AGN on [O I]
        (0.0, -0.6, -1.8, 0.3, None, "ambiguous"),  # AGN on [N II] only
    ],
)
def test_kewley2006(nii, sii, oi, y, label, subclass):
    table = at_ratios(nii=nii, sii=sii, oi=oi, y=y)
    assert classes(Kewley2006(), table) == (label, subclass)
    flag = Kewley2006().label(table)["label_flag"][0]
    assert flag == (LabelFlag.AMBIGUOUS if label is None else 0)


@pytest.mark.parametrize(("curve", "asymptote"), [(curves.KEWLEY2001_SII, 0.32), (curves.KEWLEY2001_OI, -0.59)])
def test_other_hyperbolas_have_their_own_asymptotes(curve, asymptote):
    assert curve(asymptote) == -np.inf
    assert curve(asymptote + 0.1) == -np.inf
    assert curve(asymptote - 0.1) == pytest.approx(-10 * curve.scale + curve.offset)


def test_oxygen_may_be_allowed_less_signal():
    table = at_ratios(nii=-0.6, sii=-0.6, oi=-1.8, y=0.0)
    table["oi_6300_flux_err"] = table["oi_6300_flux"] / 2
    assert classes(Kewley2006(), table)[0] is None
    assert classes(Kewley2006(snr={"oi_6300": 1.0}), table)[0] == "SF"


# Other curves on [N II]


@pytest.mark.parametrize(("x", "y"), [(-1.0, 0.556), (-0.6, 0.213), (-0.4, -0.521), (-0.2, -5.76)])
def test_stasinska_curve(x, y):
    assert Stasinska2006.boundaries[0](x) == pytest.approx(y, abs=5e-3)


def test_stasinska_curve_never_rises():
    x = np.linspace(-6, 1, 2001)
    with np.errstate(invalid="ignore"):
        assert not np.any(np.diff(Stasinska2006.boundaries[0](x)) > 1e-9)
    assert np.all(Stasinska2006.boundaries[0](x[x >= 0]) == -np.inf)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (-0.6, 0.2, ("SF", None)),
        (-0.6, 0.3, ("AGN", "composite")),
        (-0.6, 0.7, ("AGN", None)),
        (0.3, -9.0, ("AGN", "composite")),
    ],
)
def test_stasinska2006(x, y, expected):
    assert classes(Stasinska2006(), at_ratios(nii=x, y=y)) == expected


@pytest.mark.parametrize(("x", "label"), [(-0.41, "SF"), (-0.39, "composite"), (-0.21, "composite"), (-0.19, "AGN")])
def test_stasinska_by_nitrogen_alone(x, label):
    assert classes(Stasinska2006Nii(), at_ratios(nii=x))[0] == label


@pytest.mark.parametrize(
    ("z", "y", "label"),
    [
        (0.0, 0.61 / (-0.4 - 0.02) + 1.2 + 0.001, "AGN"),
        (0.0, 0.61 / (-0.4 - 0.02) + 1.2 - 0.001, "SF"),
        (2.0, 0.61 / (-0.4 - 0.3866) + 1.26 + 0.001, "AGN"),
        (2.0, 0.61 / (-0.4 - 0.3866) + 1.26 - 0.001, "SF"),
        (3.5, 0.0, None),
        (-0.01, 0.0, None),
        (np.nan, 0.0, None),
    ],
)
def test_kewley2013_moves_with_redshift(z, y, label):
    table = at_ratios(nii=-0.4, y=y)
    table["z"] = z
    assert classes(Kewley2013(), table)[0] == label


def test_kewley2013_asymptote_moves_too():
    table = at_ratios(nii=0.3, y=-5.0)
    table["z"] = 1.0
    assert classes(Kewley2013(), table)[0] == "AGN"
    table["z"] = 3.0
    assert classes(Kewley2013(), table)[0] == "SF"


@pytest.mark.parametrize(
    ("x", "y", "ew", "expected"),
    [
        (-0.4, 0.69, 20.0, ("SF", None)),
        (-0.4, 0.69, 60.0, ("SF", "starburst")),
        (-0.4, 0.71, 60.0, ("AGN", None)),
        (0.1, 0.11, np.nan, ("AGN", None)),
        (0.1, 0.09, np.nan, ("SF", None)),
    ],
)
def test_sdss_subclass(x, y, ew, expected):
    table = at_ratios(nii=x, y=y)
    table["h_alpha_ew"] = ew
    assert classes(SdssSubclass(), table) == expected


# Equivalent width and mass


def whan(x, h_alpha, nii=np.nan, snr=100.0):
    table = at_ratios(nii=x)
    table["h_alpha_ew"], table["nii_6584_ew"] = h_alpha, nii
    for name in ("h_alpha_flux", "nii_6584_flux"):
        table[f"{name}_err"] = np.abs(table[name]) / snr
    return table


@pytest.mark.parametrize(
    ("x", "h_alpha", "nii", "expected"),
    [
        (-0.5, 20.0, 7.0, ("SF", None)),
        (-0.5, 3.0, 1.0, ("SF", None)),
        (-0.3, 6.0, 3.0, ("AGN", "strong AGN")),
        (-0.3, 5.9, 3.0, ("AGN", "weak AGN")),
        (-0.3, 3.0, 1.5, ("AGN", "weak AGN")),
        (-0.3, 2.9, 1.5, ("retired", None)),
        (-0.9, 2.9, 0.4, ("retired", None)),
        (0.3, 0.4, 0.8, ("retired", None)),  # [N II] alone keeps it from being passive
        (0.0, 0.4, 0.4, ("passive", None)),
        (0.0, 0.5, 0.1, ("retired", None)),
    ],
)
def test_whan(x, h_alpha, nii, expected):
    assert classes(Whan(), whan(x, h_alpha, nii)) == expected


def test_retired_and_passive_galaxies_need_no_significant_line():
    assert classes(Whan(), whan(0.0, 1.0, 1.0, snr=0.1))[0] == "retired"
    assert classes(Whan(), whan(0.0, 0.1, 0.1, snr=0.1))[0] == "passive"
    assert Whan().label(whan(0.0, 4.0, 4.0, snr=0.1))["label_flag"].tolist() == [LabelFlag.LOW_SNR]


def test_galaxy_with_lines_in_absorption_is_passive():
    table = whan(0.0, -1.0, -2.0)
    table["h_alpha_flux"], table["nii_6584_flux"] = -1.0, -2.0
    assert classes(Whan(), table)[0] == "passive"


def test_retired_galaxy_may_have_a_negative_or_missing_flux():
    table = whan(0.0, 1.0)
    table["nii_6584_flux"] = -1.0
    assert classes(Whan(), table)[0] == "retired"
    table["h_alpha_flux"] = np.nan
    assert classes(Whan(), table)[0] == "retired"


def test_width_of_nitrogen_follows_from_the_fluxes_where_it_is_missing():
    assert classes(Whan(), whan(0.3, 0.4))[0] == "retired"  # 0.8 Angstrom
    assert classes(Whan(), whan(-0.3, 0.4))[0] == "passive"  # 0.2 Angstrom
    table = whan(0.0, 0.4)
    table["nii_6584_flux"] = -1.0
    assert Whan().label(table)["label_flag"].tolist() == [LabelFlag.LINE_MISSING]


def test_missing_width_is_no_class():
    assert Whan().label(whan(0.0, np.nan, 9.0))["label_flag"].tolist() == [LabelFlag.LINE_MISSING]


def test_negative_widths_of_emission_lines_are_noticed():
    with pytest.warns(AgnsfWarning, match="positive in emission"):
        Whan().label(whan(0.0, -20.0, -20.0))


def mex(mass, y, z=0.1):
    table = at_ratios(y=y)
    table["log_mass"], table["z"] = mass, z
    return table


@pytest.mark.parametrize(
    ("mass", "upper", "lower"),
    [
        (9.0, 0.890, 0.890),
        (9.6, 0.723, 0.723),
        (np.nextafter(9.6, 10), 0.723, 0.705),
        (10.0, 0.390, 0.052),
        (10.5, -0.102, -0.355),
        (11.0, -0.281, -0.480),
        (11.5, -0.358, -0.507),
    ],
)
def test_mex_curves(mass, upper, lower):
    below, above = Mex.boundaries
    assert above(mass) == pytest.approx(upper, abs=1e-3)
    assert below(mass) == pytest.approx(lower, abs=1e-3)


@pytest.mark.parametrize(
    ("mass", "y", "expected"),
    [
        (9.0, 0.891, ("AGN", None)),
        (9.0, 0.889, ("SF", None)),
        (10.0, 0.2, ("composite", "intermediate")),
        (10.0, 0.05, ("SF", None)),
        (11.0, -0.27, ("AGN", None)),
        (3.0, 0.0, (None, None)),
        (1e10, 0.0, (None, None)),
        (np.nan, 0.0, (None, None)),
    ],
)
def test_mex(mass, y, expected):
    assert classes(Mex(), mex(mass, y)) == expected


def test_mex_on_the_curve_has_a_class_at_low_mass():
    at = {"log_mass": np.array([9.0]), "log_oiii_hb": Mex.boundaries[1](np.array([9.0]))}
    assert Mex().decide(*Mex().sides(at)).tolist() == [3]


def test_mex_holds_nearby_or_with_a_shift():
    assert classes(Mex(), mex(10.0, 0.2, z=0.3))[0] is None
    assert classes(Mex(everywhere=True), mex(10.0, 0.2, z=0.3))[0] == "composite"
    assert classes(Mex(shift=0.5), mex(10.5, 0.2, z=0.3))[0] == "composite"
    assert classes(Mex(shift=0.5), mex(10.0, 0.2, z=0.3))[0] == "SF"


# Infrared colors


def wise(w1, w2, w3=None, w1_err=None):
    table = {"mag_w1": w1, "mag_w2": w2, "mag_w3": w3, "mag_w1_err": w1_err}
    return Table({name: [value] for name, value in table.items() if value is not None})


@pytest.mark.parametrize(
    ("w1", "w2", "label", "flag"),
    [
        (14.0, 13.2, "AGN", 0),
        (14.0, 13.3, None, LabelFlag.UNCERTAIN),
        (16.0, 15.0, "AGN", 0),
        (16.05, 15.05, None, LabelFlag.OUT_OF_RANGE),
        (np.nan, 15.0, None, LabelFlag.LINE_MISSING),
    ],
)
def test_stern2012(w1, w2, label, flag):
    columns = Stern2012().label(wise(w1, w2))
    assert columns["label"].tolist() == [label]
    assert columns["label_flag"].tolist() == [flag]


@pytest.mark.parametrize(
    ("err", "flag"),
    [(0.36, 0), (0.37, LabelFlag.LOW_SNR), (0.0, LabelFlag.BAD_ERROR), (np.nan, LabelFlag.LINE_MISSING)],
)
def test_magnitude_error_is_a_signal_to_noise_ratio(err, flag):
    assert Stern2012().label(wise(14.0, 13.0, w1_err=err))["label_flag"].tolist() == [flag]
    assert Stern2012(snr=None).label(wise(14.0, 13.0, w1_err=err))["label_flag"].tolist() == [0]


@pytest.mark.parametrize(
    ("selection", "w2", "color"),
    [
        ("R90", 12.0, 0.650),
        ("R90", 15.86, 0.650 * np.exp(0.153 * 4)),
        ("R75", 12.0, 0.486),
        ("R75", 15.07, 0.486 * np.exp(0.092 * 4)),
        ("C75", 15.0, 0.71),
        ("C90", 15.0, 0.50),
    ],
)
def test_assef2018(selection, w2, color):
    rule = Assef2018(selection=selection)
    assert classes(rule, wise(w2 + color + 1e-6, w2))[0] == "AGN"
    assert classes(rule, wise(w2 + color - 1e-6, w2))[0] is None


@pytest.mark.parametrize(
    ("w2_w3", "w1_w2", "label"),
    [
        (3.0, 1.0, "AGN"),
        (2.1, 1.0, None),
        (4.3, 1.0, None),
        (3.0, 1.8, None),
        (3.0, 0.67, None),
        (3.0, 0.69, "AGN"),
    ],
)
def test_jarrett2011(w2_w3, w1_w2, label):
    assert classes(Jarrett2011(), wise(12.0 + w1_w2, 12.0, 12.0 - w2_w3))[0] == label


@pytest.mark.parametrize("snr", [0.0, -3.0, np.nan])
def test_nonsense_signal_to_noise_of_magnitudes_is_refused(snr):
    with pytest.raises(AgnsfError, match="snr"):
        Stern2012(snr=snr)


def test_no_infrared_selection_calls_a_galaxy_star_forming():
    rng = np.random.default_rng(5)
    table = Table({f"mag_w{band}": rng.uniform(8, 16, 500) for band in (1, 2, 3)})
    for rule in (Stern2012(), Assef2018(), Jarrett2011()):
        assert set(rule.label(table)["label"].compressed()) == {"AGN"}
