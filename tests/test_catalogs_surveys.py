# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_allclose

from agnsf import catalogs
from agnsf.columns import LINE_FLUXES

FOUR = ["h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux"]
LINES = [*LINE_FLUXES, *(f"{name}_err" for name in LINE_FLUXES), "h_alpha_ew", "nii_6584_ew"]


def values(table, *names, **options):
    found = catalogs.translate(table, names, **options)
    return [found[name].tolist() for name in names]


def fastspecfit():
    lines = {"HALPHA": 100.0, "HBETA": 30.0, "OIII_5007": 20.0, "NII_6584": 40.0, "SII_6716": 12.0, "SII_6731": 9.0}
    table = Table({f"{line}_FLUX": [flux, flux] for line, flux in lines.items()})
    for line, flux in lines.items():
        table[f"{line}_FLUX_IVAR"] = [100 / flux**2, 0.0]
    table["HALPHA_EW"] = [20.0, 20.0]
    return table


def test_fastspecfit_is_joined_over_its_extensions_in_either_order(tmp_path):
    meta = Table({"TARGETID": [39627640566453451, 2], "RA": [1.0, 2.0], "DEC": [3.0, 4.0], "Z": [0.1, 0.2]})
    meta["FLUX_W1"], meta["FLUX_IVAR_W1"] = [100.0, -1.0], [1.0, 1.0]
    phot = Table({"LOGMSTAR": [10.0, 11.0]})
    parts = [
        fits.BinTableHDU(part, name=name)
        for part, name in ((meta, "METADATA"), (phot, "SPECPHOT"), (fastspecfit(), "FASTSPEC"))
    ]
    for number, order in enumerate((parts, parts[::-1], [parts[2], parts[0]])):
        path = tmp_path / f"fastspec-{number}.fits"
        fits.HDUList([fits.PrimaryHDU(), *order]).writeto(path)
        table = catalogs.read_table(path)
        assert values(table, "id", "ra", "z", "h_alpha_flux") == [
            [39627640566453451, 2],
            [1, 2],
            [0.1, 0.2],
            [100, 100],
        ]
        assert ("log_mass" in catalogs.translate(table, ["log_mass"]).colnames) == (number < 2)
        assert [part["RA"][0] for part in catalogs.chunks(path, 1)] == [1.0, 2.0]
    magnitude, error = values(table, "mag_w1", "mag_w1_err")
    assert magnitude == [pytest.approx(22.5 - 5 - 2.699), None]
    assert error == [pytest.approx(2.5 / np.log(10) / 100), None]


def test_inverse_variances_of_fastspecfit_become_errors():
    found = catalogs.translate(fastspecfit(), [*LINES, "aperture"])
    assert_allclose(found["h_alpha_flux_err"][0], 10.0)
    assert_allclose(found["sii_flux_err"][0], np.hypot(1.2, 0.9))
    assert found["h_alpha_flux_err"].tolist()[1] is None
    assert found["h_alpha_ew"][0] == 20.0
    assert found["aperture"][0] == 1.5


def test_stellar_mass_of_fastspecfit_is_brought_to_the_hubble_constant_of_ours():
    table = fastspecfit()
    table["LOGMSTAR"] = [10.0, 11.0]
    assert_allclose(values(table, "log_mass")[0], [10.3098, 11.3098], atol=1e-4)


CHANNELS = {
    14: "Hb-4862",
    16: "OIII-5008",
    20: "OI-6302",
    23: "Ha-6564",
    24: "NII-6585",
    25: "SII-6718",
    26: "SII-6732",
}


def dapall(header=CHANNELS, length=35):
    flux = np.arange(2 * length, dtype=float).reshape(2, length)
    flux[1, 23] = -999.0
    columns = {"PLATEIFU": ["7443-12701", "x"], "OBJRA": [1.0, 2.0], "OBJDEC": [3.0, 4.0], "NSA_Z": [0.02, 0.03]}
    columns |= {"EMLINE_GFLUX_1RE": flux, "EMLINE_GFLUX_CEN": flux + 100, "EMLINE_GEW_1RE": flux / 10}
    return Table({**columns, "DAPDONE": [True, True]}, meta={f"ELG{i + 1}": name for i, name in header.items()})


def test_manga_dapall_has_no_errors():
    table = dapall()
    known = catalogs.recognize(table)
    assert (known.name, known.flux_errors, known.aperture) == ("manga-dapall", False, None)
    found = catalogs.translate(table, LINES)
    assert [found[name][0] for name in [*FOUR, "oi_6300_flux", "sii_flux"]] == [23, 14, 16, 24, 20, 51]
    assert found["h_alpha_flux"].tolist() == [23.0, None]
    assert found["h_alpha_ew"].tolist() == [2.3, pytest.approx(-99.9)]
    assert not any(name.endswith("_err") for name in found.colnames)


def test_channels_of_manga_go_by_the_header_or_else_by_the_usual_order(tmp_path):
    assert values(dapall(header={}), "h_alpha_flux", "nii_6584_flux")[1][0] == 24.0
    other = dapall(header={0: "Ha-6564", 1: "NII-6585"}, length=35)
    assert values(other, "h_alpha_flux")[0][0] == 0.0
    assert values(dapall(header={}, length=24), "h_beta_flux") == [[None, None]]
    catalogs.write_table(dapall(), tmp_path / "dapall.fits")
    assert values(catalogs.read_table(tmp_path / "dapall.fits"), "oiii_5007_flux")[0][0] == 16.0


def test_center_of_manga_galaxies_is_taken_when_that_is_asked_for():
    found = catalogs.translate(dapall(), [*FOUR, "h_alpha_ew", "aperture"], catalog="manga-dapall-center")
    assert found["h_beta_flux"][0] == 114.0
    assert found["aperture"][0] == 2.5
    assert "h_alpha_ew" not in found.colnames


def test_galaxies_that_the_pipeline_of_manga_did_not_finish_have_no_lines():
    table = dapall()
    table["DAPDONE"] = [False, True]
    assert values(table, "h_beta_flux") == [[None, 49.0]]


def test_manga_of_skyserver_has_a_column_for_each_channel():
    names = ["ha_6564", "hb_4862", "oiii_5008", "nii_6585", "sii_6718", "sii_6732"]
    table = Table({"plateifu": ["a"], **{f"emline_gflux_1re_{name}": [float(i)] for i, name in enumerate(names)}})
    assert catalogs.recognize(table).name == "manga-dapall"
    assert values(table, *FOUR, "sii_flux") == [[0.0], [1.0], [2.0], [3.0], [9.0]]


def gama(**more):
    lines = {"HA": 100.0, "HB": 30.0, "OIIIR": 20.0, "NIIR": 40.0, "SIIR": 9.0, "SIIB": 12.0, "OIB": 5.0}
    columns = {"CATAID": [1, 2], "RA": [1.0, 2.0], "DEC": [3.0, 4.0], "Z": [0.1, 0.2], "SURVEY_CODE": [5, 1]}
    columns |= {f"{line}_FLUX": [flux, flux] for line, flux in lines.items()}
    columns |= {f"{line}_FLUX_ERR": [flux / 10, flux / 10] for line, flux in lines.items()}
    return Table({**columns, "HA_EW": [10.0, -1.0], "HB_EW": [2.5, 2.5], **more})


def test_gama_corrects_balmer_lines_for_stellar_absorption():
    found = catalogs.translate(gama(), [*LINES, "aperture"])
    assert found["h_alpha_flux"].tolist() == [125.0, None]
    assert found["h_beta_flux"].tolist() == [60.0, 60.0]
    assert found["h_alpha_ew"].tolist() == [12.5, None]
    assert found["nii_6584_flux"].tolist() == [40.0, 40.0]
    assert_allclose(found["h_beta_flux"][0] / found["h_beta_flux_err"][0], 10.0)
    assert found["sii_flux"][0] == 21.0
    assert found["aperture"].tolist() == [2.1, 3.0]


@pytest.mark.parametrize("flag", ["HB_NPEG", "HB_FITFAIL"])
def test_lines_that_gama_did_not_fit_well_are_masked(flag):
    assert values(gama(**{flag: [1, 0]}), "h_beta_flux", "h_alpha_flux") == [[None, 60.0], [125.0, None]]


def test_spectra_of_gama_without_flux_calibration_have_no_lines():
    assert values(gama(SURVEY_CODE=[2, 5]), "nii_6584_flux") == [[None, 40.0]]
