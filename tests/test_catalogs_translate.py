# Licensed under a 3-clause BSD style license - see LICENSE.rst
import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.utils.masked import Masked
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from agnsf import catalogs
from agnsf.columns import AgnsfWarning, ColumnError

FOUR = ["h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux"]


def position(table, **options):
    found = catalogs.translate(table, ["ra", "dec"], **options)
    return found["ra"].tolist(), found["dec"].tolist()


@pytest.mark.parametrize(
    "ra, dec",
    [
        ("ra", "dec"),
        ("RA", "DEC"),
        ("Ra", "Dec"),
        ("RAJ2000", "DEJ2000"),
        ("_RAJ2000", "_DEJ2000"),
        ("RA_ICRS", "DE_ICRS"),
        ("ra_deg", "dec_deg"),
        ("RAdeg", "DEdeg"),
        ("RightAscension", "Declination"),
        ("right_ascension", "declination"),
        ("ALPHA_J2000", "DELTA_J2000"),
        ("TARGET_RA", "TARGET_DEC"),
        ("raMean", "decMean"),
        ("PLUG_RA", "PLUG_DEC"),
        ("sky.ra", "sky.dec"),
    ],
)
def test_coordinates_are_found_under_their_usual_names(ra, dec):
    assert position(Table({"x": [0], ra: [187.5], dec: [-0.5]})) == ([187.5], [-0.5])


def test_first_guess_of_a_catalog_is_no_coordinate():
    table = Table({"RACAT": [1.0], "DECCAT": [2.0], "RA": [187.5], "DEC": [-0.5]})
    assert position(table) == ([187.5], [-0.5])
    assert "ra" not in catalogs.translate(table["RACAT", "DECCAT"], ["ra", "dec"]).colnames


def test_half_a_pair_of_names_is_not_mixed_with_another():
    table = Table({"ra": [1.0], "RAJ2000": [187.5], "DEJ2000": [-0.5]})
    assert position(table) == ([187.5], [-0.5])


def test_coordinates_named_by_the_user_come_first():
    table = Table({"ra": [1.0], "dec": [2.0], "X": [187.5], "Y": [-0.5]})
    assert position(table, columns={"ra": "X", "dec": "Y"}) == ([187.5], [-0.5])
    assert position(table, columns={"ra": "X"}) == ([187.5], [2.0])


@pytest.mark.parametrize(
    "unit, value", [("hourangle", 12.5), ("rad", np.radians(187.5)), ("arcmin", 11250.0), ("deg", 187.5)]
)
@pytest.mark.parametrize("kind", [Table, QTable])
def test_units_of_coordinates_are_honored(unit, value, kind):
    found = catalogs.translate(kind({"ra": [value] * u.Unit(unit), "dec": [-0.5] * u.deg}), ["ra", "dec"])
    assert_allclose(np.asarray(found["ra"]), 187.5, rtol=1e-14)
    assert found["ra"].unit == found["dec"].unit == "deg"


def test_unit_that_is_no_angle_is_refused():
    with pytest.raises(ColumnError, match="'RA' must be in a unit like deg, not m"):
        position(Table({"RA": [1.0] * u.m, "DEC": [1.0]}))


@pytest.mark.parametrize(
    "ra, dec", [("12:30:00", "-00:30:00"), ("12h30m00s", "-0d30m00s"), ("12 30 00", "-00 30 00"), ("187.5", "-0.5")]
)
@pytest.mark.parametrize("dtype", ["U20", "S20"])
def test_sexagesimal_text_is_read(ra, dec, dtype):
    found = position(Table({"ra": np.array([ra], dtype), "dec": np.array([dec], dtype)}))
    assert_allclose(found, [[187.5], [-0.5]], rtol=1e-14)


def test_text_that_is_no_angle_becomes_nan_and_masked_text_stays_masked():
    ra, _ = position(
        Table({"ra": MaskedColumn(["12:30:00", "somewhere", "x"], mask=[False, False, True]), "dec": ["1", "2", "3"]})
    )
    assert ra[0] == pytest.approx(187.5)
    assert np.isnan(ra[1])
    assert ra[2] is None


def test_column_that_holds_no_angle_is_refused():
    with pytest.raises(ColumnError, match="'ra' must hold angles, not bool"):
        position(Table({"ra": [True], "dec": [1.0]}))


@pytest.mark.parametrize("frame", ["icrs", "fk5", "galactic"])
@pytest.mark.parametrize("name", ["coord", "anything"])
def test_sky_coordinates_become_icrs(frame, name):
    sky = SkyCoord([187.5, 10.0], [-0.5, 20.0], unit="deg").transform_to(frame)
    ra, dec = position(Table({name: sky}))
    assert_allclose(ra, [187.5, 10.0], rtol=1e-9)
    assert_allclose(dec, [-0.5, 20.0], rtol=1e-9)


def test_masked_sky_coordinates_stay_masked():
    ra = Masked([187.5, 10.0] * u.deg, mask=[False, True])
    found = catalogs.translate(Table({"sky": SkyCoord(ra, [1.0, 2.0] * u.deg)}), ["ra", "dec"])
    assert found["ra"].tolist()[1] is None
    assert found["ra"][0] == pytest.approx(187.5)


def test_several_sky_coordinates_are_ambiguous_unless_ra_and_dec_are_there():
    sky = SkyCoord([10.0], [20.0], unit="deg")
    with pytest.raises(ColumnError, match="several columns of sky coordinates: a, b"):
        position(Table({"a": sky, "b": sky}))
    assert position(Table({"a": sky, "b": sky, "ra": [1.0], "dec": [2.0]})) == ([1.0], [2.0])


def test_coordinates_that_are_not_finite_or_masked_are_kept_as_they_are():
    ra, dec = position(
        Table({"ra": MaskedColumn([np.nan, 5.0, 400.0], mask=[False, True, False]), "dec": [1.0, 2.0, 3.0]})
    )
    assert np.isnan(ra[0])
    assert ra[1:] == [None, 400.0]
    assert dec == [1.0, 2.0, 3.0]


@given(st.permutations(["redshift", "z", "u", "g", "r", "i"]), st.booleans())
def test_redshift_comes_before_z_in_any_order_and_case(names, upper):
    table = Table({name.upper() if upper else name: [0.05 if name == "redshift" else 17.0] for name in names})
    assert catalogs.translate(table, ["z"])["z"].tolist() == [0.05]


def test_z_beside_ugri_is_a_magnitude_and_not_taken():
    table = Table({name: [17.0] for name in "ugriz"})
    assert "z" not in catalogs.translate(table, ["z"]).colnames
    assert catalogs.translate(table, ["ra"])["z"].tolist() == [17.0]
    assert table["z"].tolist() == [17.0]


def test_z_beside_three_magnitudes_is_a_redshift():
    assert catalogs.translate(Table({name: [0.1] for name in "griz"}), ["z"])["z"].tolist() == [0.1]


def test_z_named_by_the_user_is_taken_also_beside_magnitudes():
    table = Table({**{name: [17.0] for name in "ugriz"}, "zspec": [0.3]})
    assert catalogs.translate(table, ["z"], columns={"z": "zspec"})["z"].tolist() == [0.3]


def test_optional_column_that_is_no_good_is_left_out_with_a_warning():
    table = Table({"ra": [1.0], "dec": [2.0], "radius": [3.0] * u.deg, "z": ["far"]})
    with pytest.warns(AgnsfWarning, match="Column 'z' is not used: "):
        found = catalogs.translate(table, ["ra", "dec"], optional=["z", "radius", "aperture"])
    assert found.colnames == ["ra", "dec", "radius"]


def test_optional_redshifts_that_are_none_are_masked():
    table = Table({"z": [0.05, -999.0, 0.1]})
    with pytest.warns(AgnsfWarning, match=r"Redshifts in column 'z' count as missing: 1 of 3 .*-999 in row 1"):
        assert catalogs.translate(table, [], optional=["z"])["z"].tolist() == [0.05, None, 0.1]
    with pytest.raises(ColumnError, match="is no redshift"):
        catalogs.translate(table, ["z"], optional=["z"])


def test_text_is_no_redshift():
    with pytest.raises(ColumnError, match=r"'z' is no redshift: it holds .*, not numbers"):
        catalogs.translate(Table({"z": ["far"]}), ["z"])


@pytest.mark.parametrize("bad", [-0.1, 10.0, -9999.0, np.inf])
def test_value_that_is_no_redshift_is_refused_with_the_mend(bad):
    with pytest.raises(ColumnError, match=r"'z' is no redshift: 1 of 3 values .*row 1; .*--column z=NAME"):
        catalogs.translate(Table({"z": [0.1, bad, 0.2]}), ["z"])


def test_redshift_may_be_masked_nan_or_slightly_negative():
    table = Table({"z": MaskedColumn([-9999.0, np.nan, -0.001, 9.9], mask=[True, False, False, False])})
    found = catalogs.translate(table, ["z"])["z"]
    assert found.mask.tolist() == [True, False, False, False]
    assert np.isnan(found[1])


@pytest.mark.parametrize("name", ["radius", "PETROTHETA", "PETRO_THETA", "petroRad_r", "petrorad_r"])
def test_radius_is_found_and_what_is_none_is_masked_with_one_warning(name):
    table = Table({name: np.array([10.0, 27.653702, 2.9, 3.0, 27.66], dtype=np.float32)})
    with pytest.warns(AgnsfWarning, match=r"Radii of 27\.6537 .*below 3 arcsec are masked") as caught:
        found = catalogs.translate(table, ["radius"])["radius"]
    assert len(caught) == 1
    assert found.mask.tolist() == [False, True, True, False, False]
    assert found.unit == "arcsec"
    assert table[name].tolist()[1] == pytest.approx(27.653702)


def test_unit_of_the_radius_is_honored():
    table = Table({"radius": [0.5] * u.arcmin})
    assert_allclose(catalogs.translate(table, ["radius"])["radius"], 30.0)


@pytest.mark.parametrize("kind, expected", [(None, 10.0), ("petrosian", 10.0), ("petrosian-50", 2.0), ("sersic", 2.5)])
def test_other_radii_are_taken_only_when_asked_for(kind, expected):
    table = Table({"PETROTHETA": [10.0], "PETROTH50": [2.0], "SERSIC_TH50": [2.5]})
    assert catalogs.translate(table, ["radius"], radius_kind=kind)["radius"].tolist() == [expected]


def test_no_radius_is_taken_for_another():
    assert "radius" not in catalogs.translate(Table({"SERSIC_TH50": [2.5]}), ["radius"]).colnames


def test_unknown_kind_of_radius_needs_the_name_of_its_column():
    table = Table({"R_KRON": [2.5]})
    with pytest.raises(ColumnError, match="--column radius=NAME"):
        catalogs.translate(table, ["radius"], radius_kind="kron")
    assert catalogs.translate(table, ["radius"], radius_kind="kron", columns={"radius": "R_KRON"})[
        "radius"
    ].tolist() == [2.5]


def test_duplicate_ids_are_a_warning_with_the_count():
    with pytest.warns(AgnsfWarning, match="2 rows repeat the id"):
        catalogs.translate(Table({"id": ["a", "b", "a", "a"]}), ["id"])
    catalogs.translate(Table({"id": MaskedColumn(["a", "x", "x"], mask=[False, True, True])}), ["id"])
    catalogs.translate(Table({"id": ["a", "a"]}), ["ra"])


def test_ids_stay_exact():
    found = catalogs.translate(Table({"objid": [587722982830178312]}), ["id"], columns={"id": "objid"})
    assert found["id"].tolist() == [587722982830178312]


def test_native_columns_of_ours_are_shared_and_the_input_is_unchanged():
    table = Table({name: np.ones(5) for name in [*FOUR, "ra", "dec", "z"]}, meta={"deep": [1]})
    table["h_beta_flux"] = MaskedColumn(np.ones(5), mask=[True, False, False, False, False])
    before = table.copy()
    found = catalogs.translate(table, [*FOUR, "ra", "dec", "z", "radius"])
    found.meta["deep"].append(2)
    assert all(np.shares_memory(found[name], table[name]) for name in before.colnames)
    assert found.colnames == before.colnames
    assert table.meta == {"deep": [1]}
    assert all(table[name].tolist() == before[name].tolist() and table[name].unit is None for name in before.colnames)


def test_big_endian_and_integer_columns_become_native():
    table = Table({"h_alpha_flux": np.array([1.5, 2.5], dtype=">f4"), "h_beta_flux": np.array([1, 2], dtype=">i2")})
    found = catalogs.translate(table, ["h_alpha_flux", "h_beta_flux"])
    assert found["h_alpha_flux"].dtype.isnative
    assert found["h_alpha_flux"].tolist() == [1.5, 2.5]
    assert found["h_beta_flux"].tolist() == [1, 2]


def test_name_of_ours_is_found_in_any_case_if_it_is_unambiguous():
    assert catalogs.translate(Table({"H_Alpha_Flux": [1.0]}), ["h_alpha_flux"])["h_alpha_flux"].tolist() == [1.0]
    table = Table({"H_ALPHA_FLUX": [1.0], "H_Alpha_Flux": [2.0]})
    assert "h_alpha_flux" not in catalogs.translate(table, ["h_alpha_flux"]).colnames


def test_fluxes_in_different_units_are_brought_to_one():
    table = Table({"h_alpha_flux": [3.0] * u.Unit("1e-17 erg / (s cm2)"), "h_beta_flux": [1e-20] * u.Unit("W / m2")})
    found = catalogs.translate(table, ["h_alpha_flux", "h_beta_flux"])
    assert found["h_beta_flux"].unit == found["h_alpha_flux"].unit
    assert_allclose(found["h_beta_flux"], 1.0)


def test_fluxes_in_units_that_do_not_go_together_are_refused():
    table = Table({"h_alpha_flux": [3.0] * u.Unit("erg / (s cm2)"), "h_beta_flux": [1.0] * u.Angstrom})
    with pytest.raises(ColumnError, match="unit of h_beta_flux, Angstrom"):
        catalogs.translate(table, ["h_alpha_flux", "h_beta_flux"])


def test_equivalent_width_is_converted_to_angstrom():
    assert_allclose(catalogs.translate(Table({"h_alpha_ew": [0.3] * u.nm}), ["h_alpha_ew"])["h_alpha_ew"], 3.0)


def test_column_named_by_the_user_must_exist():
    with pytest.raises(ColumnError, match=r"'h_alpha_flux'.* needs the column\(s\) HA; the table has a"):
        catalogs.translate(Table({"a": [1]}), ["h_alpha_flux"], columns={"h_alpha_flux": "HA"})


def test_column_named_by_the_user_comes_before_our_name():
    table = Table({"h_alpha_flux": [1.0], "MINE": [2.0]})
    assert catalogs.translate(table, ["h_alpha_flux"], columns={"h_alpha_flux": "MINE"})["h_alpha_flux"].tolist() == [
        2.0
    ]


def test_what_is_not_found_is_left_out():
    assert catalogs.translate(Table({"a": [1]}), [*FOUR, "ra", "dec", "radius", "z", "id", "aperture"]).colnames == [
        "a"
    ]


def test_masks_and_infinities_of_fluxes_are_kept():
    table = Table({"h_alpha_flux": MaskedColumn([1.0, 2.0, np.inf], mask=[True, False, False])})
    found = catalogs.translate(table, ["h_alpha_flux"])["h_alpha_flux"]
    assert found.tolist() == [None, 2.0, np.inf]


def test_quantities_with_masks_are_taken():
    table = QTable({"h_alpha_flux": Masked([1.0, 2.0] * u.Unit("erg / (s cm2)"), mask=[False, True])})
    assert catalogs.translate(table, ["h_alpha_flux"])["h_alpha_flux"].tolist() == [1.0, None]


def test_ten_million_rows_are_translated_without_copies():
    values = np.broadcast_to(np.float64(1), 10_000_000)
    table = Table({name: Column(values, copy=False) for name in FOUR}, copy=False)
    found = catalogs.translate(table, FOUR)
    assert all(found[name].base is not None and found[name].strides == (0,) for name in FOUR)


@given(st.lists(st.floats(0, 360), min_size=1, max_size=5))
def test_degrees_are_taken_exactly(values):
    assert_array_equal(position(Table({"RAJ2000": values, "DEJ2000": np.zeros(len(values))}))[0], values)
