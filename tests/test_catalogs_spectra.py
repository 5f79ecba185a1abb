# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_allclose

from agnsf import catalogs
from agnsf.columns import LINE_FLUXES, AgnsfWarning

FOUR = ["h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux"]
LINES = [*LINE_FLUXES, *(f"{name}_err" for name in LINE_FLUXES), "h_alpha_ew", "nii_6584_ew"]


def values(table, *names):
    found = catalogs.translate(table, names)
    return [found[name].tolist() for name in names]


def test_folder_of_sdss_spectra_is_a_table(real_data):
    table = catalogs.read_table(real_data / "legacysurvey")
    assert len(table) == 10
    assert catalogs.recognize(table).name == "sdss-spectra"
    first = catalogs.read_table(real_data / "legacysurvey" / "spec-0266-51630-0168.fits")
    assert len(first) == 1
    assert first["SPECOBJID"].tolist() == table["SPECOBJID"].tolist()[:1] == ["299535582055393280"]
    assert first["SUBCLASS"].tolist() == ["STARFORMING"]
    found = catalogs.translate(first, [*LINES, "ra", "dec", "z", "aperture"])
    with fits.open(real_data / "legacysurvey" / "spec-0266-51630-0168.fits") as hdus:
        lines = {line["LINENAME"]: line for line in hdus["SPZLINE"].data}
    assert found["h_alpha_flux"][0] == lines["H_alpha"]["LINEAREA"]
    assert found["oiii_5007_flux_err"][0] == lines["[O_III] 5007"]["LINEAREA_ERR"]
    assert_allclose(found["sii_flux"][0], lines["[S_II] 6716"]["LINEAREA"] + lines["[S_II] 6730"]["LINEAREA"])
    assert_allclose(found["h_alpha_ew"][0], 14.776639 / 1.06740563, rtol=1e-6)
    assert found["aperture"].tolist() == [3.0]
    assert table["SUBCLASS"].mask.sum() == 7


def spectrum(path, *, error=1.0, about="SPECOBJ", number=" 1"):
    names = ["H_alpha", "H_beta", "[O_III] 5007", "[N_II] 6583", "[S_II] 6716", "[S_II] 6730", "[O_I] 6300"]
    lines = Table({"LINENAME": names, "LINEAREA": np.arange(1.0, 8.0), "LINEAREA_ERR": [error] * 7})
    lines["LINEEW"], lines["LINEEW_ERR"] = [11.0] * 7, [1.0] * 7
    columns = {
        "SPECOBJID": [number],
        "PLATE": [3600],
        "PLUG_RA": [1.0],
        "PLUG_DEC": [2.0],
        "Z": [0.1],
        "SUBCLASS": [" "],
    }
    primary = fits.PrimaryHDU()
    primary.header["PLUG_RA"], primary.header["FIBERID"] = 1.0, 5
    hdus = [primary, fits.BinTableHDU(Table(columns), name=about), fits.BinTableHDU(lines, name="SPZLINE")]
    fits.HDUList(hdus).writeto(path)


@pytest.mark.parametrize("about", ["SPECOBJ", "SPALL"])
def test_spectrum_of_either_generation_is_read(tmp_path, about):
    spectrum(tmp_path / "spec-1.fits", about=about)
    table = catalogs.read_table(tmp_path / "spec-1.fits")
    assert values(table, "id", *FOUR, "h_alpha_ew", "aperture") == [["1"], [1], [2], [3], [4], [pytest.approx(10)], [2]]
    assert table["SUBCLASS"].tolist() == [None]
    assert catalogs.row_count(tmp_path / "spec-1.fits") == 1
    assert [len(part) for part in catalogs.chunks(tmp_path, 5)] == [1]


def test_line_whose_fit_is_not_valid_is_masked(tmp_path):
    spectrum(tmp_path / "spec-1.fits")
    spectrum(tmp_path / "spec-2.fits", error=-1.0, number=" 2")
    assert values(catalogs.read_table(tmp_path), "id", "h_alpha_flux", "h_alpha_ew")[1] == [1.0, None]


def test_broken_spectrum_in_a_folder_is_left_out_with_a_warning(tmp_path):
    spectrum(tmp_path / "spec-2.fits")
    (tmp_path / "spec-1.fits").write_text("no")
    with pytest.warns(AgnsfWarning, match=r"1 of 2 spectra .* are left out; the first: .*spec-1\.fits"):
        assert len(catalogs.read_table(tmp_path)) == 1
    (tmp_path / "spec-2.fits").unlink()
    with pytest.raises(catalogs.TableFileError, match="not an SDSS spectrum"):
        catalogs.read_table(tmp_path)


def test_folder_without_spectra_is_no_table(tmp_path):
    with pytest.raises(catalogs.TableFileError, match="holds no SDSS spectra"):
        catalogs.read_table(tmp_path)
