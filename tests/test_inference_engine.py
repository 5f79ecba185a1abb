# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How networks are run: precision, compiling, batches of one shape; and how the time is told."""

import os
import platform
import subprocess
import sys
import warnings

import numpy as np
import pytest
from astropy.table import Table
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

import agnsf
from agnsf import images
from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.inference import Engine, Meter
from agnsf.models import Model
from agnsf.plugins import load_classifier
from agnsf.simulate import simulate
from agnsf.training import PRESETS, TrainingOptions, fit


@pytest.fixture(scope="module")
def pictures():
    """Return pictures of two classes, red and blue with much noise, and their table."""
    rng, is_agn = np.random.default_rng(3), np.arange(64) % 2 == 0
    color = np.where(is_agn[:, None], [140, 90, 70], [80, 90, 130])
    images = np.clip(color[:, None, None, :] + rng.normal(0, 60, (64, 128, 128, 3)), 0, 255).astype(np.uint8)
    return images, Table({"label": np.where(is_agn, "AGN", "SF")})


@pytest.fixture(scope="module")
def trained(pictures):
    """Return the paper's network, trained until it is sure of some galaxies and not of others."""
    options = TrainingOptions(epochs=2, batch_size=16)
    paper = load_classifier("cnn", **PRESETS["xu2023"].options)
    return Model(fit(paper, *pictures, options=options, device="cpu"))


def predict(model, images, **options):
    engine = Engine(model, device="cpu", **options)
    with engine.running():
        return engine.predict(images, Table())["p_agn"]


def test_float32_is_what_the_classifier_itself_predicts(trained, pictures):
    images, table = pictures
    found = predict(trained, images, precision="float32")
    assert_allclose(found, trained.classifier.predict(images, table), atol=1e-5)
    assert np.ptp(found) > 0.2


def test_bfloat16_moves_no_p_agn_by_more_than_one_hundredth(trained, pictures):
    exact = predict(trained, pictures[0], precision="float32")
    rounded = predict(trained, pictures[0], precision="bfloat16")
    assert 0 < np.abs(rounded - exact).max() < 0.01


def test_casting_the_weights_beforehand_changes_no_bit(trained, pictures):
    import torch

    classifier, images = trained.classifier, torch.from_numpy(pictures[0][:32])
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        module = classifier.module.to(memory_format=torch.channels_last)
        logits = module(classifier.prepare(images).contiguous(memory_format=torch.channels_last))
    expected = expit(logits.float().double().numpy())
    assert_array_equal(predict(trained, pictures[0][:32], precision="bfloat16"), expected)


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33])
def test_the_last_batch_is_filled_up_and_nothing_of_it_comes_out(trained, pictures, count):
    whole = predict(trained, pictures[0], precision="float32")
    assert_array_equal(predict(trained, pictures[0][:count], precision="float32"), whole[:count])


def test_no_bit_of_p_agn_depends_on_the_place_among_the_others(trained):
    logits = np.random.default_rng(4).normal(0, 2, 61)
    classifier = trained.classifier.accelerated(lambda classifier: lambda images: logits[images])
    whole = classifier.predict(np.arange(61), None)
    assert_array_equal(classifier.predict(np.arange(61)[::-1], None), whole[::-1])
    for count in range(1, 61):
        assert_array_equal(classifier.predict(np.arange(count), None), whole[:count])


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # of torch's own making
def test_a_compiled_network_gives_the_same_p_agn(pictures):
    from dataclasses import dataclass

    import torch

    import agnsf

    @dataclass(frozen=True)
    class Small(agnsf.TorchClassifier):
        name = "small"
        size = 128

        def network(self):
            from torch import nn

            patches, mixed = nn.Conv2d(3, 8, 16, 16), nn.Sequential(nn.Conv2d(8, 32, 1), nn.GELU(), nn.Conv2d(32, 8, 1))
            return nn.Sequential(patches, mixed, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1), nn.Flatten(0))

    torch.manual_seed(1)
    model = Model(Small().with_module(Small().network()))
    eager = predict(model, pictures[0], precision="float32", compiled=False)
    engine = Engine(model, device="cpu", precision="float32", compiled=True)
    with engine.running():
        found = engine.predict(pictures[0], Table())["p_agn"]
    assert engine.compute.compiled
    assert np.ptp(eager) > 1e-3
    assert_allclose(found, eager, atol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_a_compiled_backbone_in_bfloat16_moves_no_p_agn_by_more_than_one_hundredth(pictures):
    images, table = pictures
    classifier = load_classifier("backbone", backbone="test_convnext", size=128)
    options = TrainingOptions(epochs=6, batch_size=16)
    model = Model(fit(classifier, images, table, options=options, device="cpu"))
    exact = model.classifier.predict(images, table)
    assert np.ptp(exact) > 0.2
    eager, rounded = (predict(model, images, precision="bfloat16", compiled=compiled) for compiled in (False, True))
    assert 0 < np.abs(eager - exact).max() < 0.01
    assert 0 < np.abs(rounded - exact).max() < 0.01


def test_without_a_compiler_the_network_runs_uncompiled_with_one_warning(trained, monkeypatch):
    from torch._inductor.exc import InvalidCxxCompiler

    def none():
        raise InvalidCxxCompiler

    monkeypatch.setattr("torch._inductor.cpp_builder.get_cpp_compiler", none)
    with pytest.warns(AgnsfWarning, match="finds no C") as caught:
        engine = Engine(trained, device="cpu", rows=10**6)
    assert len(caught) == 1
    assert not engine.compute.compiled


def test_compiling_is_left_to_long_runs(trained, monkeypatch):
    monkeypatch.setattr("agnsf.training.compiling.can_compile", lambda device: True)
    decisions = [Engine(trained, device="cpu", rows=rows).compute.compiled for rows in (None, 200, 19_999, 20_000)]
    assert decisions == [False, False, False, True]


def test_a_model_without_a_network_needs_no_torch():
    script = (
        "import sys; from agnsf import classify; from agnsf.simulate import simulate; from agnsf.models import Model\n"
        "from agnsf.inference import Engine; from agnsf.models import load_model\n"
        "assert Engine(load_model('sdss')).compute is None\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be told so")
def test_a_network_keeps_the_memory_that_it_frees_even_in_a_dask_worker():
    script = """
import resource
import numpy as np
from agnsf.inference.memory import freed_memory_kept

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(2**21)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

given_back = faults()
with freed_memory_kept():
    faults()
    print(given_back, faults())
"""
    environment = {**os.environ, "MALLOC_TRIM_THRESHOLD_": "65536"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    given_back, kept = map(int, done.stdout.split())
    assert kept < given_back / 10


@pytest.mark.parametrize("shape", [(423, 423), (212, 212), (129, 129), (100, 100), (128, 128), (301, 300), (60, 90)])
def test_a_network_gets_the_pictures_that_it_was_trained_on(trained, shape):
    coarse = np.random.default_rng(0).integers(0, 256, (54, 54, 3))
    picture = np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[: shape[0], : shape[1]].copy()
    picture.flags.writeable = False  # as Pillow gives it
    cutout = agnsf.Cutout(picture, color="skyserver")
    takes = trained.classifier
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Engine(trained, device="cpu").fit_input(cutout)
    expected = images.fit_input(cutout, input=takes.input, size=takes.size, color="skyserver")
    assert found.pixels.flags.c_contiguous
    assert found.color == expected.color
    off = np.abs(found.pixels.astype(int) - expected.pixels)
    assert off.max() <= 1
    assert (off > 0).mean() < 0.002


@pytest.mark.parametrize("name", ["abacus", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(trained, name):
    with pytest.raises(AgnsfError, match=name):
        Engine(trained, device=name)


def test_every_member_of_an_ensemble_is_accelerated(trained, pictures):
    ensemble = load_classifier("ensemble", symmetries=True)._with(_models=[trained, trained])
    engine = Engine(Model(ensemble), device="cpu", precision="float32")
    assert engine.compute.batch_size == 32
    with engine.running():
        found = engine.predict(pictures[0][:3], Table())
    assert_allclose(found["p_agn"], ensemble.predict(pictures[0][:3], Table()), atol=1e-5)
    assert (found["p_agn_std"] > 0).all()


def test_the_meter_names_what_is_waited_for():
    clock = iter(range(1000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agnsf.inference.meter.time.perf_counter", lambda: next(clock))
        with Meter(total=2) as meter:
            with meter.wait("network"):
                next(clock)
                next(clock)
            for _ in meter.waiting("images", [1]):
                meter.count(2)
    assert meter.seconds == {"table": 0, "images": 2, "network": 3, "writing": 0}
    assert meter.bottleneck == "network"
    assert "waited for: images 2.0 s, network 3.0 s" in meter.describe()


def test_the_progress_line_shows_rate_and_bottleneck(capsys, monkeypatch):
    monkeypatch.setattr("agnsf.inference.meter._REFRESH", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Meter(total=10, done=4, progress=True) as meter:
        for _ in meter.waiting("images", range(6)):
            meter.count()
    line = capsys.readouterr().err
    assert "10/10" in line
    assert "galaxies/s" in line
    assert "of the time waiting for the images" in line


def test_simulated_galaxies_move_no_further_in_bfloat16(trained):
    import agnsf

    table = simulate(24, seed=4)
    with pytest.warns(AgnsfWarning, match="NOT LIKE") if trained.recipe else warnings.catch_warnings():
        exact, rounded = (
            agnsf.classify(table, images="simulated", classifier=trained, precision=precision, device="cpu")["p_agn"]
            for precision in ("float32", "bfloat16")
        )
    assert np.abs(exact - rounded).max() < 0.01
