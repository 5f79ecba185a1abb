# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Every row once, in bounded memory, and threads that end."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import given, settings
from hypothesis import strategies as st

import agnsf
from agnsf.columns import AgnsfError, ColumnError
from agnsf.cutouts import Access, Framing, iter_cutouts, require_images, summarize

asked = []  # what the sources below were asked, in the order of asking


@dataclass(frozen=True)
class _Numbered(agnsf.ImageSource):
    """Give a cutout whose pixels are the row's number."""

    name = "numbered"
    needs = ("number",)

    def cutout(self, row, *, size, pixel_scale):
        asked.append(row["number"])
        if row["number"] % 7 == 3:
            raise agnsf.CutoutError("missing", "every seventh")
        return agnsf.Cutout(np.full((size, size, 3), row["number"] % 256, dtype=np.uint8), pixel_scale=pixel_scale)


@dataclass(frozen=True)
class _Grouped(_Numbered):
    """The same, in groups of equal last digit."""

    name = "grouped"

    def group(self, table):
        return np.asarray(table["number"]) % 10


@dataclass(frozen=True)
class _OnSky(_Numbered):
    """The same, for a place on the sky."""

    name = "on-sky"
    needs = ("ra", "dec", "number")


@pytest.fixture(autouse=True)
def _nothing_asked():
    asked.clear()


def _ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("agnsf-cutouts")]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 600), st.integers(1, 6), st.sampled_from([_Numbered(), _Grouped()]))
def test_every_row_comes_exactly_once_with_its_own_pixels(rows, connections, source):
    table = Table({"number": np.arange(rows)})
    access = Access(connections=connections)
    found = list(iter_cutouts(table, source, framing=Framing(size=2), access=access))
    assert sorted(row for row, _ in found) == list(range(rows))
    for row, cutout in found:
        if row % 7 == 3:
            assert (cutout.pixels, cutout.status, cutout.message) == (None, "missing", "every seventh")
        else:
            assert (cutout.status, cutout.pixels[0, 0, 0]) == ("ok", row % 256)


def test_rows_of_one_group_are_asked_for_one_after_the_other():
    table = Table({"number": np.random.default_rng(4).permutation(90)})
    list(iter_cutouts(table, _Grouped(), access=Access(connections=1), framing=Framing(size=1)))
    assert [number % 10 for number in asked] == sorted(number % 10 for number in asked)


def test_few_cutouts_more_than_taken_are_asked_for():
    table = Table({"number": np.arange(5000)})
    cutouts = iter_cutouts(table, _Numbered(), access=Access(connections=2), framing=Framing(size=1))
    for _ in range(10):
        next(cutouts)
    time.sleep(0.2)
    assert len(asked) <= 10 + 2 * 8 + 2
    cutouts.close()


def test_closing_stops_the_threads():
    table = Table({"number": np.arange(5000)})
    cutouts = iter_cutouts(table, _Numbered(), access=Access(connections=3), framing=Framing(size=1))
    next(cutouts)
    assert len(_ours()) == 3
    cutouts.close()
    assert _ours() == []
    assert len(asked) < 100


def test_end_leaves_no_thread_behind():
    list(iter_cutouts(Table({"number": np.arange(20)}), _Numbered(), framing=Framing(size=1)))
    assert _ours() == []


def test_no_position_becomes_bad_coordinates_and_is_not_asked_for():
    ra = MaskedColumn([10.0, np.nan, 20.0, -1.0, 360.5, 30.0, 40.0, 360.0], mask=[0, 0, 1, 0, 0, 0, 0, 0])
    dec = [0.0, 0.0, 0.0, 0.0, 0.0, 91.0, np.inf, -90.0]
    table = Table({"ra": ra, "dec": dec, "number": np.arange(8)})
    found = dict(iter_cutouts(table, _OnSky(), framing=Framing(size=1)))
    assert [found[row].status for row in range(8)] == ["ok"] + 6 * ["bad_coordinates"] + ["ok"]
    assert sorted(asked) == [0, 7]


def test_source_without_a_position_takes_rows_that_have_none():
    table = Table({"ra": [np.nan], "dec": [np.nan], "number": [1]})
    assert [cutout.status for _, cutout in iter_cutouts(table, _Numbered())] == ["ok"]


def test_column_that_is_missing_is_named_at_once():
    with pytest.raises(ColumnError, match=r"'on-sky' needs the column\(s\) ra, dec; the table has number"):
        iter_cutouts(Table({"number": [1]}), _OnSky())


def test_finish_is_called_in_the_thread_for_usable_cutouts_only():
    names = []

    def finish(cutout):
        names.append(threading.current_thread().name)
        return cutout

    list(iter_cutouts(Table({"number": [1, 2, 3]}), _Numbered(), finish=finish))
    assert len(names) == 2
    assert all(name.startswith("agnsf-cutouts") for name in names)


@dataclass(frozen=True)
class _Raises(_Numbered):
    """Fail in a way of its own."""

    name = "raises"

    def cutout(self, row, *, size, pixel_scale):
        if row["number"] == 40:
            raise ZeroDivisionError("by the plugin")
        return super().cutout(row, size=size, pixel_scale=pixel_scale)


@pytest.mark.parametrize("connections", [1, 4])
def test_error_in_a_source_is_raised_with_its_name_and_stops_the_threads(connections):
    table = Table({"number": np.arange(3000)})
    with pytest.raises(ZeroDivisionError) as caught:
        list(iter_cutouts(table, _Raises(), access=Access(connections=connections), framing=Framing(size=1)))
    assert caught.value.__notes__ == [f"raised by image source 'raises' ({__name__}._Raises)"]
    assert _ours() == []


def test_error_in_finish_is_raised():
    def finish(cutout):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        list(iter_cutouts(Table({"number": [1]}), _Numbered(), finish=finish))


@dataclass(frozen=True)
class _Returns(_Numbered):
    """Return no cutout."""

    name = "returns"

    def cutout(self, row, *, size, pixel_scale):
        return np.zeros((size, size, 3))


def test_source_that_returns_something_else_is_told_what_to_return():
    with pytest.raises(TypeError, match="Image source 'returns' must return a Cutout with pixels"):
        list(iter_cutouts(Table({"number": [1]}), _Returns()))


@dataclass(frozen=True)
class _Echo(agnsf.ImageSource):
    """Keep the rows."""

    name = "echo"
    needs = ()

    def cutout(self, row, *, size, pixel_scale):
        asked.append(row)
        return agnsf.Cutout(np.zeros((1, 1, 3), dtype=np.uint8))


def test_row_has_plain_values_and_none_where_masked():
    import astropy.units as u
    from astropy.coordinates import SkyCoord
    from astropy.utils.masked import Masked

    table = Table(
        {
            "big_endian": np.array([1.5, 2.5], dtype=">f8"),
            "bytes": np.array([b"NGC 1", b"NGC 22"]),
            "text": MaskedColumn(["a", "b"], mask=[True, False]),
            "number": MaskedColumn([1, 2], mask=[False, True]),
            "length": [1, 2] * u.arcsec,
            "masked_length": Masked([1, 2] * u.arcsec, mask=[True, False]),
            "many": np.zeros((2, 3)),
            "place": SkyCoord([1, 2], [3, 4], unit="deg"),
        }
    )
    list(iter_cutouts(table, _Echo(), access=Access(connections=1)))
    assert asked == [
        {"big_endian": 1.5, "bytes": "NGC 1", "text": None, "number": 1, "length": 1.0, "masked_length": None},
        {"big_endian": 2.5, "bytes": "NGC 22", "text": "b", "number": None, "length": 2.0, "masked_length": 2.0},
    ]
    assert type(asked[0]["big_endian"]) is float


def test_pixel_scale_follows_the_radius_and_has_a_fallback():
    radius = MaskedColumn([12.5, 25.0, 3.0, np.nan, -1.0], mask=[False, False, True, False, False])
    table = Table({"radius": radius})
    np.testing.assert_allclose(Framing().pixel_scales(table), [0.15, 0.3, 0.262, 0.262, 0.262])
    np.testing.assert_allclose(Framing(size=125, field_of_view=6.0).pixel_scales(table)[:2], [0.6, 1.2])
    np.testing.assert_allclose(Framing(pixel_scale=0.4).pixel_scales(table), 0.4)
    np.testing.assert_allclose(Framing().pixel_scales(Table({"x": [1]})), 0.262)


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": 5000}, {"field_of_view": 0.0}, {"pixel_scale": -1.0}, {"pixel_scale": np.nan}]
)
def test_framing_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(AgnsfError):
        Framing(**wrong)


@pytest.mark.parametrize("wrong", [{"connections": 0}, {"offline": True, "refresh": True}])
def test_access_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(AgnsfError):
        Access(**wrong)


def test_summary_counts_statuses_and_names_the_first_few():
    statuses = ["ok"] * 3 + ["missing"] * 5 + ["outside"]
    text = summarize(statuses, names=list("abcdefghi"), messages=[""] * 3 + ["no file x"] + [""] * 5)
    assert text.splitlines() == [
        "9 galaxies: 3 ok, 1 outside, 5 missing",
        "  outside: i",
        "  missing: d, e, f, ... (no file x)",
    ]


def test_no_image_at_all_is_an_error_and_no_galaxy_is_none():
    with pytest.raises(AgnsfError, match=r"No galaxy got an image: 2 missing \(no file a\)"):
        require_images(["missing", "missing"], messages=["no file a", "no file b"])
    require_images(["missing", "partial"])
    require_images([])
