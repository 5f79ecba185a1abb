# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The stage ``label`` and its command, end to end."""

from dataclasses import dataclass

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from click.testing import CliRunner

import agnsf
from agnsf import catalogs
from agnsf.cli import main
from agnsf.columns import AgnsfError, AgnsfWarning, ColumnError
from agnsf.labelers.bpt import BptNii, Kauffmann2003
from agnsf.labelers.stern2012 import Stern2012

LINES = ("h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux")


def galaxies(errors=True):
    """Return an SF galaxy, a composite, an AGN, a weak SF galaxy and one with a negative flux."""
    x, y = np.array([-0.6, -0.4, 0.2, -0.6, -0.6]), np.array([0.0, 0.2, 1.0, 0.0, 0.0])
    table = Table({"name": ["sf", "composite", "agn", "weak", "negative"], "h_alpha_flux": np.full(5, 300.0)})
    table["h_beta_flux"] = [100.0, 100.0, 100.0, 1.0, -1.0]
    table["nii_6584_flux"] = table["h_alpha_flux"] * 10**x
    table["oiii_5007_flux"] = np.abs(table["h_beta_flux"]) * 10**y
    if errors:
        for name in LINES:
            table[f"{name}_err"] = 1.0
    return table


def run(*arguments):
    return CliRunner().invoke(main, ["label", *map(str, arguments)])


@pytest.fixture
def path(tmp_path):
    galaxies().write(tmp_path / "galaxies.ecsv")
    return tmp_path / "galaxies.ecsv"


# The stage


def test_default_is_the_rule_of_the_paper():
    labeled = agnsf.label(galaxies())
    assert labeled["label"].tolist() == ["SF", "AGN", "AGN", "SF", None]
    assert catalogs.provenance(labeled)["stages"][0]["labelers"] == [{"name": "kewley2001-cut", "options": {}}]


def test_input_is_kept_and_not_changed():
    table = galaxies()
    before = table.copy()
    labeled = agnsf.label(table, labeler="bpt-nii")
    assert table.colnames == before.colnames
    assert "AGNSF" not in table.meta
    assert labeled.colnames[: len(before.colnames)] == before.colnames
    assert all(np.array_equal(table[name], before[name]) for name in before.colnames)
    assert labeled["label"].tolist() == ["SF", "composite", "AGN", None, None]


def test_ratios_do_not_depend_on_the_signal_to_noise_ratio():
    labeled = agnsf.label(galaxies(), labeler="bpt-nii")
    assert labeled["log_nii_ha"].tolist() == pytest.approx([-0.6, -0.4, 0.2, -0.6, -0.6])
    assert np.ma.getmaskarray(labeled["log_oiii_hb"]).tolist() == [False, False, False, False, True]
    assert labeled["log_nii_ha"].unit == "dex"


def test_labeler_by_name_by_instance_and_by_sequence():
    by_name = agnsf.label(galaxies(), labeler="kauffmann2003")
    by_instance = agnsf.label(galaxies(), labeler=Kauffmann2003(snr=None))
    by_sequence = agnsf.label(galaxies(), labeler=("kauffmann2003",))
    assert by_name["label"].tolist() == by_sequence["label"].tolist() == ["SF", "AGN", "AGN", None, None]
    assert by_instance["label"].tolist() == ["SF", "AGN", "AGN", "SF", None]


def test_several_labelers_write_their_own_columns_and_the_first_is_the_label():
    labeled = agnsf.label(galaxies(), labeler=["kewley2001", BptNii()])
    assert labeled["label"].tolist() == labeled["label_kewley2001"].tolist() == ["SF", "SF", "AGN", None, None]
    assert labeled["label_bpt-nii"].tolist() == ["SF", "composite", "AGN", None, None]
    assert labeled["subclass_kewley2001"].tolist() == [None, "composite", None, None, None]
    assert labeled.colnames.count("log_nii_ha") == 1
    assert "log_nii_ha_bpt-nii" not in labeled.colnames
    stage = catalogs.provenance(labeled)["stages"][0]
    assert [one["name"] for one in stage["labelers"]] == ["kewley2001", "bpt-nii"]
    assert stage["labelers"][1]["options"]["snr"] == 3.0
    assert stage["citations"] == ["2001ApJ...556..121K", "2003MNRAS.346.1055K", "1981PASP...93....5B"]


def test_one_labeler_twice_is_refused():
    with pytest.raises(AgnsfError, match="given twice"):
        agnsf.label(galaxies(), labeler=["bpt-nii", BptNii(snr=None)])


def test_no_labeler_is_refused():
    with pytest.raises(AgnsfError, match="At least one labeler"):
        agnsf.label(galaxies(), labeler=[])


def test_missing_column_names_labeler_and_columns():
    table = galaxies()["name", "h_alpha_flux"]
    with pytest.raises(
        ColumnError, match=r"Labeler 'bpt-nii' needs the column\(s\) h_beta_flux, oiii_5007_flux, nii_6584_flux"
    ):
        agnsf.label(table, labeler="bpt-nii")


def test_columns_of_other_names_are_found_by_telling():
    table = galaxies()
    table.rename_column("h_alpha_flux", "HA")
    labeled = agnsf.label(table, labeler="bpt-nii", columns={"h_alpha_flux": "HA"})
    assert labeled["label"].tolist() == ["SF", "composite", "AGN", None, None]
    assert "h_alpha_flux" not in labeled.colnames


def test_label_of_the_user_is_kept_and_our_own_is_replaced():
    table = galaxies()
    table["label"] = ["mine"] * 5
    with pytest.warns(AgnsfWarning, match="label_input"):
        labeled = agnsf.label(table, labeler="bpt-nii")
    assert labeled["label_input"].tolist() == ["mine"] * 5
    again = agnsf.label(labeled, labeler="kewley2001")
    assert again["label"].tolist() == ["SF", "SF", "AGN", None, None]
    assert "label_input2" not in again.colnames


def test_dict_of_signal_to_noise_ratios_goes_into_the_provenance():
    labeled = agnsf.label(galaxies(), labeler=BptNii(snr={"h_beta": 0.5}))
    assert labeled["label"].tolist()[3] is None  # [O III] at 1.0 is asked for 3
    assert catalogs.provenance(labeled)["stages"][0]["labelers"][0]["options"]["snr"] == {"h_beta": 0.5}


def test_aperture_of_the_table_goes_into_the_provenance():
    table = galaxies()
    table["aperture"] = 1.5
    assert catalogs.provenance(agnsf.label(table))["stages"][0]["aperture"] == 1.5
    table["aperture"][0] = 3.0
    assert catalogs.provenance(agnsf.label(table))["stages"][0]["aperture"] == [1.5, 3.0]
    assert "aperture" not in catalogs.provenance(agnsf.label(galaxies()))["stages"][0]


def test_monte_carlo_columns():
    labeled = agnsf.label(galaxies(), labeler=["bpt-nii", "kewley2001"], monte_carlo=40, seed=1)
    total = sum(labeled[f"p_label_{name}"] for name in ("sf", "composite", "agn", "undefined"))
    assert total.tolist() == pytest.approx([1.0] * 5)
    assert labeled["p_label_agn"][2] == 1.0
    assert labeled["p_label_undefined"][4] > 0.5
    assert labeled["p_label_composite_bpt-nii"][1] > labeled["p_label_composite_kewley2001"][1] == 0.0
    assert catalogs.provenance(labeled)["stages"][0]["monte_carlo"] == 40


def test_catalog_without_errors_needs_an_explicit_word():
    table = Table({"plateifu": ["1-2"], "emline_gflux_1re_ha_6564": [3.0], "emline_gflux_1re_hb_4862": [1.0]})
    table["emline_gflux_1re_oiii_5008"], table["emline_gflux_1re_nii_6585"] = 1.0, 1.0
    known = catalogs.recognize(table)
    if known is None or known.flux_errors:
        pytest.fail("the table of MaNGA is not recognized")
    with pytest.raises(ColumnError, match="snr=None"):
        agnsf.label(table, labeler="bpt-nii")
    assert agnsf.label(table, labeler=BptNii(snr=None))["label"].tolist() == ["SF"]
    assert agnsf.label(table)["label"].tolist() == ["SF"]


@dataclass(frozen=True)
class Broken(agnsf.Labeler):
    """Return whatever it is told to."""

    result: tuple = ()
    name = "broken"
    requires = ("h_alpha_flux",)

    def label(self, table):
        if not self.result:
            raise ZeroDivisionError("no lines")
        return dict(self.result)


def test_labeler_that_raises_is_named():
    with pytest.raises(ZeroDivisionError) as caught:
        agnsf.label(galaxies(), labeler=Broken())
    assert "raised by labeler 'broken'" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ((("klass", ("SF",) * 5),), "must return the column 'label'"),
        ((("label", ("SF",)),), "1 values of 'label' for 5 rows"),
    ],
)
def test_labeler_that_breaks_the_contract_is_named(result, message):
    with pytest.raises(AgnsfError, match=message):
        agnsf.label(galaxies(), labeler=Broken(result=result))


def test_empty_table_is_labeled():
    labeled = agnsf.label(galaxies()[:0], labeler=["bpt-nii", "kewley2001-cut"])
    assert len(labeled) == 0
    assert "label_kewley2001-cut" in labeled.colnames


# The command


def test_command_writes_beside_the_table_and_prints_counts(path):
    done = run(path, "--labeler", "bpt-nii")
    assert done.exit_code == 0, done.output
    labeled = catalogs.read_table(path.with_name("galaxies_agnsf.ecsv"))
    assert labeled["label"].tolist() == ["SF", "composite", "AGN", None, None]
    assert "bpt-nii: 1 SF, 1 composite, 1 AGN, 2 no class" in done.output
    assert "1 non positive flux, 2 low snr" in done.output


def test_command_prints_the_rule_of_the_paper_at_two_signal_to_noise_ratios(path):
    output = run(path).output
    assert "kewley2001-cut: 2 SF, 2 AGN, 1 no class" in output
    assert "where all lines have S/N >= 3: 1 SF, 2 AGN" in output


def test_command_prints_a_cross_table(path):
    output = run(path, "--labeler", "kewley2001", "--labeler", "bpt-nii").output
    rows = [line.split() for line in output.splitlines()]
    start = next(i for i, row in enumerate(rows) if "(across):" in row)
    assert rows[start + 1] == ["SF", "composite", "AGN", "no", "class"]
    assert rows[start + 2] == ["SF", "1", "1", "0", "0"]
    assert rows[start + 3] == ["AGN", "0", "0", "1", "0"]
    assert rows[start + 4] == ["no", "class", "0", "0", "0", "2"]


def test_quiet_command_prints_nothing(path):
    assert run(path, "--labeler", "bpt-nii", "--quiet").output == ""


def test_option_goes_to_each_labeler_that_has_it(path, tmp_path):
    out = tmp_path / "out.fits"
    done = run(
        path, "--labeler", "bpt-nii", "--labeler", "kewley2001-cut", "-L", "snr=none", "-L", "composites=SF", "-o", out
    )
    assert done.exit_code == 0, done.output
    labeled = catalogs.read_table(out)
    assert labeled["label_bpt-nii"].tolist() == ["SF", "SF", "AGN", "SF", None]
    assert labeled["subclass"].tolist()[1] == "composite"


def test_signal_to_noise_by_line_on_the_command_line(path, tmp_path):
    done = run(path, "--labeler", "bpt-nii", "-L", "snr=h_beta=1,oiii_5007=1", "-o", tmp_path / "out.ecsv")
    assert done.exit_code == 0, done.output
    assert catalogs.read_table(tmp_path / "out.ecsv")["label"].tolist() == ["SF", "composite", "AGN", "SF", None]


def test_limits_on_the_command_line(path, tmp_path):
    done = run(path, "--labeler", "bpt-nii", "-L", "limits=true", "-o", tmp_path / "out.ecsv")
    assert done.exit_code == 0, done.output
    labeled = catalogs.read_table(tmp_path / "out.ecsv")
    assert labeled["label_set"].tolist()[:3] == ["SF", "composite", "AGN"]
    assert "SF,composite" in labeled["label_set"].tolist()[3]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--labeler", "nope"), 1, "No labeler named 'nope'"),
        (("--labeler", "bpt-nii", "-L", "speed=3"), 2, "has no such option"),
        (("--labeler", "bpt-nii", "-L", "snr=high"), 2, "expected a number"),
        (("--labeler", "bpt-nii", "-L", "snr=-1"), 1, "snr must be 0 or more"),
        (("--column", "h_alpha_flux=NOPE"), 1, "NOPE"),
        (("--catalog", "nope"), 1, "nope"),
        (("--monte-carlo", "0"), 2, "monte-carlo"),
        (("--repeats", "objid"), 1, "--repeats needs the column(s) objid"),
    ],
)
def test_mistakes_are_one_line(path, arguments, status, message):
    done = run(path, *arguments)
    assert done.exit_code == status
    assert message in done.output
    assert not path.with_name("galaxies_agnsf.ecsv").exists()


def test_repeats_print_the_noise_of_the_label(path, tmp_path):
    table = galaxies()
    table["galaxy"] = MaskedColumn([1, 1, 2, 2, 3])
    table.write(path, overwrite=True)
    output = run(path, "--repeats", "galaxy").output
    assert "2 galaxies have two labeled spectra or more; 2 of them (100.0%) change class" in output


def test_infrared_beside_optical_without_signal_to_noise_ratio_of_lines(path):
    table = galaxies()
    table["mag_w1"], table["mag_w2"] = 14.0, [13.0, 13.9, 13.0, 13.9, 13.0]
    labeled = agnsf.label(table, labeler=["bpt-nii", Stern2012()])
    assert labeled["label_stern2012"].tolist() == ["AGN", None, "AGN", None, "AGN"]


# Real galaxies


def test_counts_of_mpa_jhu_fluxes_through_the_command_line(real_data, tmp_path):
    out = tmp_path / "out.csv"
    done = run(
        real_data / "catalogs/mpajhu_fluxes.csv", "--labeler", "kauffmann2003", "--labeler", "kewley2001", "-o", out
    )
    assert done.exit_code == 0, done.output
    assert "kauffmann2003: 3,750 SF, 4,673 AGN, 1,536 no class" in done.output
    assert "kewley2001: 5,942 SF, 2,481 AGN, 1,536 no class" in done.output
    labeled = catalogs.read_table(out)
    assert np.count_nonzero(labeled["subclass_kewley2001"] == "composite") == 2_192
    assert len(labeled) == 9_959


def test_without_a_signal_to_noise_cut_noise_is_called_agn(real_data):
    labeled = agnsf.label(catalogs.read_table(real_data / "catalogs/mpajhu_fluxes.csv"))
    faintest = np.min([labeled[name] for name in LINES], axis=0)
    share = [round(100 * np.mean(labeled["label"][faintest > limit] == "AGN")) for limit in (0, 10, 20, 30)]
    assert share == [55, 45, 38, 34]


def test_repeated_spectra_set_a_ceiling(real_data, tmp_path):
    done = run(real_data / "catalogs/mpajhu_fluxes.csv", "--repeats", "objid", "-o", tmp_path / "out.csv")
    assert "1,506 galaxies have two labeled spectra or more; 211 of them (14.0%) change class" in done.output


def test_sdss_subclass_is_that_of_the_spectra(real_data, tmp_path):
    out = tmp_path / "out.ecsv"
    done = run(real_data / "legacysurvey", "--labeler", "sdss-subclass", "--labeler", "bpt-nii", "-o", out)
    assert done.exit_code == 0, done.output
    labeled = catalogs.read_table(out)
    theirs = [{"STARFORMING": "SF", "STARBURST": "SF"}.get(one, one) for one in labeled["SUBCLASS"].filled("").tolist()]
    ours = np.ma.filled(labeled["label_sdss-subclass"], "").tolist()
    assert len(labeled) == 10
    assert ours == theirs
    assert ours.count("SF") == 3
    assert catalogs.provenance(labeled)["stages"][0]["aperture"] == 3.0
