# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Images changed at random, batch by batch."""

import pytest
import torch

from agnsf.training import TrainingOptions
from agnsf.training.augmentation import augment_pixels, augment_values, orient

_OFF = {"symmetries": False}


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_eight_orientations_are_the_symmetries_of_the_square():
    image = torch.arange(27.0).reshape(1, 3, 3, 3)
    seen = {tuple(orient(image, code).flatten().tolist()) for code in range(8)}
    assert len(seen) == 8
    turned = tuple(torch.rot90(image, 1, (2, 3)).flatten().tolist())
    assert turned in seen
    assert torch.equal(orient(image, 0), image)


def test_every_augmented_image_is_one_of_the_eight():
    images = torch.randint(0, 256, (400, 3, 5, 5), dtype=torch.uint8)
    augmented = augment_pixels(images, TrainingOptions(), _generator())
    codes = []
    for before, after in zip(images, augmented, strict=True):
        (code,) = [code for code in range(8) if torch.equal(orient(before[None], code)[0], after)]
        codes.append(code)
    counts = torch.bincount(torch.tensor(codes), minlength=8)
    assert counts.min() > 25  # 50 on average
    assert augmented.dtype == torch.uint8


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_shift_moves_whole_pixels_and_repeats_the_edge(layout):
    images = torch.randint(0, 256, (60, 3, 7, 7), dtype=torch.uint8).contiguous(memory_format=layout)
    shifted = augment_pixels(images, TrainingOptions(shift=2, **_OFF), _generator())
    padded = torch.nn.functional.pad(images.float(), (2,) * 4, mode="replicate").to(torch.uint8)
    offsets = set()
    for number in range(60):
        matches = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if torch.equal(padded[number, :, y : y + 7, x : x + 7], shifted[number])
        ]
        assert len(matches) == 1
        offsets.add(matches[0])
    assert len(offsets) > 15


def test_blur_is_the_gaussian_of_each_image():
    images = torch.zeros(40, 2, 21, 21)
    images[:, 0, 10, 10] = 1
    blurred = augment_values(images, TrainingOptions(blur=1.5, **_OFF), _generator())
    torch.testing.assert_close(blurred.sum((2, 3)), images.sum((2, 3)))
    offsets = torch.arange(21.0) - 10
    variance = (blurred[:, 0] * offsets[None, :, None] ** 2).sum((1, 2))
    drawn = (1.5 * torch.rand(40, generator=_generator())) ** 2
    wide = drawn > 0.5**2  # below, the pixels do not sample the Gaussian
    torch.testing.assert_close(variance[wide], drawn[wide], rtol=0.05, atol=0.02)


def test_jitter_scales_each_band_of_each_image():
    images = torch.rand(200, 3, 2, 2) + 0.5
    factor = augment_values(images, TrainingOptions(jitter=0.1, **_OFF), _generator()) / images
    torch.testing.assert_close(factor.amin((2, 3)), factor.amax((2, 3)))
    bands = factor[:, :, 0, 0]
    assert 0.9 <= bands.min() < 0.91
    assert 1.09 < bands.max() <= 1.1
    assert torch.corrcoef(bands.T)[0, 1].abs() < 0.25


def test_noise_has_the_deviation_asked_for():
    images = torch.zeros(50, 3, 16, 16)
    noisy = augment_values(images, TrainingOptions(noise=0.2, **_OFF), _generator())
    assert noisy.std().item() == pytest.approx(0.2, rel=0.02)
    assert noisy.mean().item() == pytest.approx(0, abs=0.01)


def test_without_options_nothing_is_touched():
    images = torch.rand(2, 3, 4, 4)
    options = TrainingOptions(**_OFF)
    assert augment_pixels(images, options, _generator()) is images
    assert augment_values(images, options, _generator()) is images


def test_one_seed_gives_one_augmentation():
    images = torch.rand(20, 3, 6, 6)
    options = TrainingOptions(shift=1, blur=0.7, noise=0.1, jitter=0.1)

    def augmented(seed):
        generator = _generator(seed)
        return augment_values(augment_pixels(images, options, generator), options, generator)

    assert torch.equal(augmented(1), augmented(1))
    assert not torch.equal(augmented(1), augmented(2))
