# Licensed under a 3-clause BSD style license - see LICENSE.rst
from astropy.table import Table

from agnsf.plugins import load_image_source
from agnsf.testing import check_image_source


def test_panstarrs_is_installed_and_keeps_the_contract():
    galaxies = Table({"ra": [150.1], "dec": [2.2]})
    check_image_source(load_image_source("panstarrs"), galaxies)


def test_url_frames_the_galaxy():
    row = {"ra": 150.1, "dec": 2.2}
    url = load_image_source("panstarrs").url(row, size=200, pixel_scale=0.9)
    assert "ra=150.1&dec=2.2&fov=0.05&" in url
    assert "width=200&height=200&" in url
