# Licensed under a 3-clause BSD style license - see LICENSE.rst
import re

import numpy as np
import pytest
from astropy.table import Table
from numpy.testing import assert_allclose

import agnsf
from agnsf import catalogs
from agnsf.columns import COLUMNS, LINE_FLUXES, AgnsfWarning, ColumnError

FOUR = ["h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux"]
LINES = [*LINE_FLUXES, *(f"{name}_err" for name in LINE_FLUXES), "h_alpha_ew", "nii_6584_ew"]


def values(table, *names, **options):
    found = catalogs.translate(table, names, **options)
    return [found[name].tolist() for name in names]


def nsa(**more):
    lines = {"HA": 100.0, "HB": 30.0, "O3": 20.0, "N2": 40.0, "S2": 25.0, "O1": 5.0}
    columns = {"NSAID": [7, 8], "RA": [187.5, 10.0], "DEC": [-0.5, 20.0], "Z": [0.02, 0.03], "PETROTHETA": [12.0, 8.0]}
    columns |= {f"{line}FLUX": np.array([flux, -9999.0], ">f4") for line, flux in lines.items()}
    columns |= {f"{line}FLUXERR": np.array([flux / 10, -9999.0], ">f4") for line, flux in lines.items()}
    columns |= {
        "HAEW": [15.0, 1.0],
        "N2EW": [6.0, 0.5],
        "MASS": [4.9e9, 0.0],
        "RACAT": [1.0, 1.0],
        "DECCAT": [1.0, 1.0],
    }
    return Table({**columns, **more})


def test_every_map_makes_only_columns_of_ours_and_is_complete():
    for one in catalogs.CATALOGS.values():
        assert set(one.columns) <= set(COLUMNS)
        assert one.title
        assert one.url.startswith("https://")
        assert all(re.fullmatch(r"\d{4}[A-Za-z&]+\.{2,}.*|\d{4}[A-Za-z]+\..+", code) for code in one.citations)
        assert all(len(code) == 19 for code in one.citations)
        assert one.lacks or set(FOUR) <= set(one.columns)
        assert one.flux_errors == ("h_alpha_flux_err" in one.columns) or one.lacks


def test_catalogs_are_told_apart_by_their_columns():
    for one in catalogs.CATALOGS.values():
        for names in one.recognized_by:
            table = Table({name.lower(): [1.0] for name in names})
            assert catalogs.recognize(table).name == one.name


def test_table_with_our_names_is_no_published_catalog():
    assert catalogs.recognize(Table({name: [1.0] for name in [*COLUMNS, "objid"]})) is None


def test_nasa_sloan_atlas_v0():
    table = nsa()
    assert catalogs.recognize(table).name == "nsa"
    found = catalogs.translate(table, [*LINES, "id", "ra", "dec", "z", "radius", "log_mass", "aperture"])
    assert [found[name][0] for name in ("id", "ra", "dec", "z", "radius")] == [7, 187.5, -0.5, 0.02, 12.0]
    assert [found[name][0] for name in FOUR] == [100, 30, 20, 40]
    assert found["sii_flux"][0] == 25
    assert found["h_alpha_flux_err"][0] == 10
    assert found["h_alpha_ew"].tolist() == [15.0, 1.0]
    assert all(found[name].tolist()[1] is None for name in [*LINE_FLUXES, "nii_6584_flux_err"])
    assert_allclose(found["log_mass"][0], 10.0)
    assert found["log_mass"].tolist()[1] is None
    assert found["aperture"].tolist() == [3.0, 3.0]


def test_galaxies_of_the_nasa_sloan_atlas_without_spectrum_have_no_lines():
    table = nsa(PLATE=[0, 500])
    table["HAFLUX"][:] = 1
    flux, width, radius = values(table, "h_alpha_flux", "h_alpha_ew", "radius")
    assert flux == [None, 1.0]
    assert width == [None, 1.0]
    assert radius == [12.0, 8.0]


def test_lines_are_masked_where_the_fibre_missed_the_nucleus():
    table = nsa(PLATE=[500, 500], PLUG_RA=[187.5 + 1.4 / 3600, 10.0 + 2.0 / 3600], PLUG_DEC=[-0.5, 20.0])
    table["HAFLUX"][:] = 1
    with pytest.warns(AgnsfWarning, match="off the nucleus"):
        assert values(table, "h_alpha_flux") == [[1.0, None]]
    table["PLUG_RA"] = [187.5 - 360, 10.0 + 1.4 / 3600 / np.cos(np.radians(20))]
    assert values(table, "h_alpha_flux") == [[1.0, 1.0]]


@pytest.mark.parametrize("radius", ["PETRO_THETA", "ELPETRO_THETA"])
def test_nasa_sloan_atlas_v1_says_that_it_has_no_lines(radius):
    table = Table({"NSAID": [1], "RA": [1.0], "DEC": [2.0], "Z": [0.1], radius: [5.0], "SERSIC_MASS": [4.9e9]})
    with pytest.raises(ColumnError, match=r"version 1 .* use version 0_1_2, or cross-match"):
        catalogs.translate(table, FOUR)
    assert values(table, "id", "ra", "z", "log_mass")[0] == [1]
    assert catalogs.translate(table, FOUR, columns=dict.fromkeys(FOUR, radius))["h_alpha_flux"].tolist() == [5.0]


def mpa_jhu(**more):
    lines = {"H_ALPHA": 100.0, "H_BETA": 30.0, "OIII_5007": 20.0, "NII_6584": 40.0, "OI_6300": 5.0}
    lines |= {"SII_6717": 12.0, "SII_6731": 9.0}
    columns = {f"{line}_FLUX": [flux, flux] for line, flux in lines.items()}
    columns |= {f"{line}_FLUX_ERR": [flux / 10, -1.0] for line, flux in lines.items()}
    return Table({**columns, "H_ALPHA_CONT": [5.0, 0.0], "H_ALPHA_EQW": [-19.0, -19.0], **more})


def test_mpa_jhu():
    table = mpa_jhu(NII_6584_EQW=[-3.0, -3.0])
    assert catalogs.recognize(table).aperture == 3.0
    found = catalogs.translate(table, LINES)
    assert [found[name][0] for name in [*FOUR, "sii_flux"]] == [100, 30, 20, 40, 21]
    assert_allclose(found["sii_flux_err"][0], np.hypot(1.2, 0.9))
    assert found["sii_flux_err"].tolist()[1] is None
    assert found["h_alpha_ew"].tolist() == [20.0, None]
    assert found["nii_6584_ew"].tolist() == [3.0, 3.0]
    assert found["h_alpha_flux_err"].tolist() == [10.0, -1.0]


def test_sign_of_the_equivalent_width_of_mpa_jhu_is_turned_also_where_the_user_names_it():
    assert values(mpa_jhu(), "h_alpha_ew", columns={"h_alpha_ew": "H_ALPHA_EQW"}) == [[19.0, 19.0]]


def test_errors_of_mpa_jhu_are_scaled_when_that_is_asked_for():
    names = [f"{name}_err" for name in LINE_FLUXES]
    plain, scaled = (catalogs.translate(mpa_jhu(), names, catalog=one) for one in ("mpa-jhu", "mpa-jhu-scaled"))
    factors = {name: float(scaled[name][0] / plain[name][0]) for name in names}
    expected = {
        "h_alpha": 2.473,
        "h_beta": 1.882,
        "oiii_5007": 1.566,
        "nii_6584": 2.039,
        "sii": 1.621,
        "oi_6300": 1.378,
    }
    assert factors == pytest.approx({f"{name}_flux_err": factor for name, factor in expected.items()})


def test_errors_are_scaled_also_under_our_own_names():
    table = Table({"specObjID": [1], **{name: [10.0] for name in FOUR}, "h_beta_flux_err": [1.0]})
    assert values(table, "h_beta_flux_err") == [[1.0]]
    assert values(table, "h_beta_flux_err", catalog="mpa-jhu-scaled") == [[1.882]]


def test_spectra_that_mpa_jhu_calls_unreliable_have_no_lines():
    assert values(mpa_jhu(RELIABLE=[1, 0]), "h_alpha_flux", "h_alpha_ew") == [[100.0, None], [20.0, None]]


def test_three_files_of_mpa_jhu_are_joined_by_rows(tmp_path):
    mpa_jhu(SPECOBJID=["a", "b"]).write(tmp_path / "galSpecLine-dr8.fits")
    Table({"SPECOBJID": ["a", "b"], "RA": [1.0, 2.0], "DEC": [3.0, 4.0], "Z": [0.1, 0.2], "RELIABLE": [1, 0]}).write(
        tmp_path / "galSpecInfo-dr8.fits"
    )
    Table({"BPTCLASS": [4, 1], "LGM_TOT_P50": [10.5, -9999.0]}).write(tmp_path / "galSpecExtra-dr8.fits")
    table = catalogs.read_table(tmp_path / "galSpecLine-dr8.fits")
    assert table["BPTCLASS"].tolist() == [4, 1]
    assert values(table, "ra", "z", "h_alpha_flux", "log_mass") == [[1.0, 2.0], [0.1, 0.2], [100.0, None], [10.5, None]]
    parts = list(catalogs.chunks(tmp_path / "galSpecLine-dr8.fits", 1))
    assert [part["RA"][0] for part in parts] == [1.0, 2.0]
    assert catalogs.row_count(tmp_path / "galSpecLine-dr8.fits") == 2


def test_files_of_mpa_jhu_with_other_rows_are_refused(tmp_path):
    mpa_jhu().write(tmp_path / "galSpecLine-dr8.fits")
    Table({"RA": [1.0], "DEC": [3.0]}).write(tmp_path / "galSpecInfo-dr8.fits")
    with pytest.raises(
        catalogs.TableFileError, match=r"galSpecInfo-dr8\.fits' has 1 rows, but .*galSpecLine-dr8\.fits' has 2"
    ):
        catalogs.read_table(tmp_path / "galSpecLine-dr8.fits")


def test_table_of_astroml():
    names = (
        "z rChi2 modelMag_u modelMag_g modelMag_r modelMag_i modelMag_z petroR50_r h_delta_flux bptclass lgm_tot_p50"
    )
    table = Table({name: [0.1] for name in names.split()})
    table["ra"], table["dec"], table["objID"] = [1.0], [2.0], [587722982830178312]
    for name in FOUR:
        table[name], table[f"{name}_err"] = [10.0], [1.0]
    assert catalogs.recognize(table).name == "astroml"
    assert values(table, "id", "z", "h_alpha_flux", "log_mass") == [[587722982830178312], [0.1], [10.0], [0.1]]
    assert "radius" not in catalogs.translate(table, ["radius"]).colnames


def test_portsmouth():
    lines = {
        "Ha_6562": 100.0,
        "Hb_4861": 30.0,
        "OIII_5006": 20.0,
        "NII_6583": 40.0,
        "SII_6716": 12.0,
        "SII_6730": 9.0,
        "OI_6300": 5.0,
    }
    table = Table({f"Flux_{line}": [flux] * 3 for line, flux in lines.items()})
    for line, flux in lines.items():
        table[f"Flux_{line}_Err"] = [flux / 10, 0.0, flux / 10]
    table["EW_Ha_6562"], table["plate"] = [20.0, 20.0, 20.0], [266, 3509, 3510]
    found = catalogs.translate(table, [*LINES, "aperture"])
    assert [found[name][0] for name in [*FOUR, "sii_flux", "oi_6300_flux"]] == [100, 30, 20, 40, 21, 5]
    assert found["h_alpha_flux_err"].tolist() == [10.0, 0.0, 10.0]
    assert_allclose(found["sii_flux_err"][0], 1.5)
    assert found["sii_flux_err"].tolist()[1] is None
    assert found["h_alpha_ew"][0] == 20.0
    assert found["aperture"].tolist() == [3.0, 3.0, 2.0]


def test_value_that_stands_for_none_is_masked_in_redshifts_too():
    table = nsa(Z=[-9999.0, 0.2])
    assert values(table, "z") == [[None, 0.2]]


def test_unknown_catalog_is_refused_with_the_known_ones():
    with pytest.raises(ColumnError, match="No catalog named 'nope'; known: astroml, fastspecfit, gama"):
        catalogs.translate(nsa(), FOUR, catalog="nope")


def test_catalog_that_is_forced_names_the_columns_that_it_misses():
    with pytest.raises(
        ColumnError, match=r"'nsa' needs the column\(s\) HAFLUX, HBFLUX, O3FLUX, N2FLUX; the table has a"
    ):
        catalogs.translate(Table({"a": [1]}), FOUR, catalog="nsa")


def test_table_of_no_catalog_is_told_what_the_nearest_would_need():
    table = Table({"HAFLUX": [1.0], "HBFLUX": [1.0], "O3FLUX": [1.0], "NSAID": [1]})
    view = catalogs.translate(table, FOUR)
    with pytest.raises(
        ColumnError, match=r"needs .*nearest.*NASA-Sloan Atlas v0_1_2.*N2FLUX.*--column h_alpha_flux=NAME"
    ):
        catalogs.require(view, FOUR, who="Labeler 'bpt-nii'")
    catalogs.require(catalogs.translate(nsa(), FOUR), FOUR, who="Labeler 'bpt-nii'")
    table = nsa()
    table.remove_column("S2FLUX")
    with pytest.raises(ColumnError, match=r"taken for NASA-Sloan Atlas v0_1_2, where S2FLUX would be needed"):
        catalogs.require(catalogs.translate(table, ["sii_flux"]), ["sii_flux"], who="Labeler 'kewley2006'")
    with pytest.raises(
        ColumnError, match=r"needs the column\(s\) h_alpha_flux.*the table has a; .*--column h_alpha_flux=NAME"
    ):
        catalogs.require(Table({"a": [1]}), FOUR, who="Labeler 'bpt-nii'")


def test_real_mpa_jhu_fluxes_are_recognized(real_data):
    table = catalogs.read_table(real_data / "catalogs" / "mpajhu_fluxes.csv")
    assert catalogs.recognize(table).name == "mpa-jhu"
    redshift, flux = values(table, "z", "h_alpha_flux")
    assert 0.1 < np.median(redshift) < 0.12
    assert flux == table["h_alpha_flux"].tolist()
    assert table["specObjID"].dtype == np.int64


def test_redshift_of_schawinski_2010_is_no_magnitude(real_data):
    table = catalogs.read_table(real_data / "catalogs" / "schawinski2010.fits")
    (redshift,) = values(table, "z")
    assert 0.02 <= min(redshift) < max(redshift) <= 0.05
    assert table["OBJID"][0] == "587722982288785725"


def test_labels_record_the_catalog_its_fibre_and_its_citations():
    labeled = agnsf.label(nsa(), labeler="kauffmann2003")
    (stage,) = catalogs.provenance(labeled)["stages"]
    assert (stage["catalog"], stage["aperture"]) == ("nsa", 3.0)
    assert "2011AJ....142...31B" in stage["citations"]
    assert labeled["label"].tolist()[1] is None
    assert labeled.colnames[: len(nsa().colnames)] == nsa().colnames
