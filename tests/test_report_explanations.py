# Licensed under a 3-clause BSD style license - see LICENSE.rst
import json

import numpy as np
import pytest
from astropy.table import Table
from PIL import Image

from agnsf import report
from agnsf.columns import AgnsfError
from agnsf.cutouts import Framing
from agnsf.evaluation import Bootstrap, evaluate_table
from agnsf.models import Model
from agnsf.plugins import load_image_source
from agnsf.report.explanations import REGIONS, cover, explain, grad_cam, occlusion
from agnsf.roles import Classifier, TorchClassifier

SIZE = 64
RADIUS = 24.0


def distance():
    offset = np.arange(SIZE) - (SIZE - 1) / 2
    return np.hypot(offset[:, None], offset[None, :])


def disc_with_nucleus(nucleus):
    """Return a picture of sky 10, disc 100 and a nucleus."""
    values = np.where(distance() < RADIUS, 100, 10)
    values[distance() < 2.5] = nucleus
    return np.repeat(values[:, :, None], 3, axis=2).astype(np.uint8)


def test_a_covered_nucleus_looks_like_the_disc():
    covered = cover(disc_with_nucleus(250)[None], "nucleus", radius=RADIUS)[0]
    assert np.abs(covered.astype(int) - disc_with_nucleus(100)).max() <= 1


def test_a_covered_disc_leaves_the_nucleus_and_the_sky():
    whole = disc_with_nucleus(250)
    covered = cover(whole[None], "disc", radius=RADIUS)[0]
    assert (covered[distance() < 2] == 250).all()
    assert (covered[(distance() > 6) & (distance() < RADIUS - 2)] == 10).all()
    assert (covered[distance() > RADIUS + 2] == whole[distance() > RADIUS + 2]).all()


def test_covered_surroundings_lose_their_neighbor():
    whole = disc_with_nucleus(250)
    whole[2:5, 2:5] = 200
    covered = cover(whole[None], "surroundings", radius=RADIUS)[0]
    assert (covered[distance() > RADIUS + 2] == 10).all()
    assert (covered[distance() < RADIUS - 2] == whole[distance() < RADIUS - 2]).all()


@pytest.mark.parametrize("region", list(REGIONS))
def test_flux_is_covered_as_pictures_are(region):
    picture = disc_with_nucleus(250)
    flux = np.ascontiguousarray(np.moveaxis(picture, -1, 0)[None].astype(np.float32))
    covered = cover(flux, region, radius=RADIUS)
    assert (covered.dtype, covered.shape) == (np.float32, (1, 3, SIZE, SIZE))
    expected = np.moveaxis(cover(picture[None], region, radius=RADIUS), -1, 1)
    assert np.abs(covered - expected).max() <= 0.5


def test_covering_does_not_write_into_the_images():
    images = disc_with_nucleus(250)[None]
    before = images.copy()
    cover(images, "disc", radius=RADIUS)
    assert (images == before).all()


def test_the_change_is_that_of_the_part_that_the_classifier_looks_at():
    images = np.stack([disc_with_nucleus(250), disc_with_nucleus(100)])
    changes = occlusion(lambda images: images[:, SIZE // 2, SIZE // 2, 0] / 255, images, radius=RADIUS)
    assert changes["nucleus"] == pytest.approx([-150 / 255, 0], abs=0.01)
    assert changes["disc"] == pytest.approx([0, 0], abs=0.01)
    assert changes["surroundings"] == pytest.approx([0, 0], abs=0.01)


class Brightness(Classifier):
    """Calls AGN what has a bright middle."""

    name = "brightness"
    size = SIZE

    def fit(self, images, table, *, validation=None):
        return self

    def predict(self, images, table):
        assert len(images) == len(table)
        return images[:, SIZE // 2, SIZE // 2, 0] / 255.0

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


class Spot(TorchClassifier):
    """A network whose only weight lies on bright pixels."""

    name = "spot"
    size = SIZE

    def network(self):
        import torch

        convolution = torch.nn.Conv2d(3, 1, 3, padding=1)
        torch.nn.init.constant_(convolution.weight, 1 / 27)
        torch.nn.init.constant_(convolution.bias, -0.5)
        return torch.nn.Sequential(
            convolution, torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Flatten(0)
        )


def test_grad_cam_points_at_what_the_network_sees():
    images = np.zeros((3, SIZE, SIZE, 3), dtype=np.uint8)
    images[0, 10:20, 40:50] = 255
    images[1, 50:60, 5:15] = 255
    spot = Spot()
    maps = grad_cam(spot.with_module(spot.network()), images)
    assert maps.shape == (3, SIZE, SIZE)
    assert np.unravel_index(maps[0].argmax(), (SIZE, SIZE))[0] in range(10, 20)
    assert np.unravel_index(maps[0].argmax(), (SIZE, SIZE))[1] in range(40, 50)
    assert maps[1][50:60, 5:15].sum() > 0.7 * maps[1].sum()
    assert maps[:2].max() == 1
    assert (maps[2] == 0).all()


def test_a_network_without_a_plane_has_no_maps():
    import torch

    class Flat(Spot):
        def network(self):
            return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * SIZE * SIZE, 1), torch.nn.Flatten(0))

    flat = Flat()
    assert grad_cam(flat.with_module(flat.network()), np.zeros((2, SIZE, SIZE, 3), dtype=np.uint8)) is None


@pytest.fixture
def survey(tmp_path):
    """Return galaxies with pictures: the AGN have a bright nucleus; one has no picture."""
    n = 16
    is_agn = np.arange(n) % 2 == 0
    table = Table(
        {
            "label": np.where(is_agn, "AGN", "SF"),
            "p_agn": np.where(is_agn, 0.9, 0.3),
            "image": [f"{i}.png" for i in range(n)],
        }
    )
    for i in range(n - 1):
        Image.fromarray(disc_with_nucleus(230 if is_agn[i] else 100)).save(tmp_path / f"{i}.png")
    source = load_image_source("folder", path=str(tmp_path), pattern="{image}", color="skyserver")
    return evaluate_table(table, bootstrap=Bootstrap(resamples=40)), source


def test_any_classifier_is_explained_class_by_class(survey):
    evaluation, source = survey
    framing = Framing(size=SIZE, field_of_view=SIZE / RADIUS)
    found = explain(evaluation, Model(Brightness()), source, framing=framing)
    assert found.changes["AGN"]["nucleus"].value == pytest.approx(-130 / 255, abs=0.02)
    assert found.changes["AGN"]["nucleus"].n == 8
    assert found.changes["SF"]["nucleus"].value == pytest.approx(0, abs=0.02)
    assert found.changes["SF"]["nucleus"].n == 7  # one has no picture
    assert found.changes["AGN"]["surroundings"].value == pytest.approx(0, abs=0.01)
    assert found.maps == {}


def test_explanations_stand_in_the_files(tmp_path, survey):
    evaluation, source = survey
    spot = Spot()
    model = Model(spot.with_module(spot.network()))
    path = report.write_evaluation(evaluation, tmp_path / "out", images=source, model=model)
    content = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert set(content["explanations"]) == {"AGN", "SF"}
    assert set(content["explanations"]["AGN"]) == set(REGIONS)
    names = {one.stem for one in (tmp_path / "out" / "figures").iterdir()}
    assert {"occlusion", "gradcam"} <= names
    text = path.read_text(encoding="utf-8")
    assert "Mean Grad-CAM" in text
    assert "The nucleus (within 0.15 radii)" in text


def test_explaining_without_any_image_says_so(tmp_path, survey):
    evaluation, _ = survey
    (tmp_path / "nothing").mkdir()
    empty = load_image_source("folder", path=str(tmp_path / "nothing"), pattern="{image}", color="skyserver")
    with pytest.raises(AgnsfError, match="None of the galaxies chosen for the explanations has an image"):
        explain(evaluation, Model(Brightness()), empty, framing=Framing())
