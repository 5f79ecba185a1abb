# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The real services, where the network is allowed: a galaxy is where it is, and the sea has none."""

import numpy as np
import pytest
from astropy.table import Table

from agnsf.cutouts import Access, Framing, iter_cutouts
from agnsf.image_sources.hips import Hips
from agnsf.image_sources.legacysurvey import LegacySurvey
from agnsf.image_sources.sdss import Sdss

pytestmark = pytest.mark.remote_data

PLACES = Table({"ra": [184.7397, 10.0], "dec": [47.3040, 80.0], "radius": [60.0, 60.0]})  # NGC 4258; outside


@pytest.mark.parametrize(
    "source",
    [
        LegacySurvey(),
        LegacySurvey(layer="ls-dr9"),
        LegacySurvey(format="fits", layer="ls-dr9"),
        Sdss(),
        Sdss(format="fits"),
    ],
    ids=["legacysurvey", "dr9", "legacysurvey-fits", "sdss", "sdss-fits"],
)
def test_service_gives_a_bright_galaxy_and_knows_its_footprint(source, tmp_path):
    found = dict(iter_cutouts(PLACES, source, framing=Framing(size=100), access=Access(folder=tmp_path)))
    assert found[0].status == "ok", found[0].message
    assert found[1].status == "outside", found[1].message
    pixels = found[0].pixels.astype(float)
    plane = pixels.mean(axis=2) if found[0].is_picture else pixels.mean(axis=0)
    assert plane[45:55, 45:55].mean() > 2 * np.median(plane[:10])


def test_hips_of_the_cds_has_the_galaxy(tmp_path):
    source = Hips(base_url="https://alasky.cds.unistra.fr/SDSS/DR9/band-{band}", bands="gri")
    framing = Framing(size=100)
    [(_, cutout)] = iter_cutouts(PLACES[:1], source, framing=framing, access=Access(folder=tmp_path))
    assert cutout.status == "ok", cutout.message
    assert np.nanmean(cutout.pixels[1, 45:55, 45:55]) > 2 * np.median(cutout.pixels[1, :10])
