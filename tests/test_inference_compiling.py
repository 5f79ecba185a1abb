# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How the graph of a network is written anew before it is compiled."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from agnsf.inference.compiling import FrozenNetwork, convolutions_to_products


def rewritten(module, images):
    """Return the operations of a network's graph before and after, and how far its answer moves."""
    import torch

    seen = []
    torch._dynamo.reset()

    def names(graph):
        return [getattr(node.target, "__name__", node.target) for node in graph.nodes if node.op.startswith("call")]

    def backend(traced, examples):
        seen.append(names(traced.graph))
        convolutions_to_products(traced.graph)
        traced.graph.lint()
        traced.recompile()
        seen.append(names(traced.graph))
        return traced.forward

    module = module.eval()
    with torch.inference_mode():
        expected = module(images)
        found = torch.compile(module, backend=backend, dynamic=False)(images)
    assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    return seen


@pytest.fixture
def images():
    import torch

    return torch.from_numpy(np.random.default_rng(5).normal(size=(2, 4, 6, 6)).astype(np.float32))


@pytest.mark.parametrize("activation", ["GELU", "ReLU", "SiLU", "Hardswish"])
def test_a_convolution_of_single_pixels_becomes_a_product_that_its_activation_follows(images, activation):
    from torch import nn

    before, after = rewritten(nn.Sequential(nn.Conv2d(4, 8, 1), getattr(nn, activation)(), nn.Conv2d(8, 2, 1)), images)
    assert before[0] == before[2] == "conv2d"
    step = ["permute", "flatten", "linear"]
    assert after == [*step, before[1], "permute", *step, "permute"]


def test_a_convolution_whose_answer_is_used_twice_becomes_a_product(images):
    from torch import nn

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.Conv2d(4, 4, 1, bias=False)

        def forward(self, images):
            mixed = self.mix(images)
            return nn.functional.gelu(mixed) * mixed

    _, after = rewritten(Twice(), images)
    assert after[:4] == ["permute", "flatten", "linear", "permute"]


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": 1, "stride": 2},
        {"kernel_size": 1, "padding": 1},
        {"kernel_size": 1, "groups": 2},
    ],
)
def test_other_convolutions_stay(images, options):
    from torch import nn

    before, after = rewritten(nn.Conv2d(4, 8, **options), images)
    assert before == after == ["conv2d"]


def test_a_convolution_stays_with_its_batch_normalization(images):
    from torch import nn

    before, after = rewritten(nn.Sequential(nn.Conv2d(4, 8, 1), nn.BatchNorm2d(8), nn.ReLU()), images)
    assert before == after


@pytest.mark.parametrize("name", ["test_convnext", "test_efficientnet", "test_vit", "test_resnet"])
def test_networks_of_timm_give_the_same_answer(name):
    import timm
    import torch

    torch.manual_seed(0)
    before, after = rewritten(timm.create_model(name, num_classes=1), torch.rand(2, 3, 160, 160))
    assert after.count("linear") >= before.count("linear")


def test_each_network_is_compiled_once_however_many_there_are(monkeypatch):
    import torch

    compiled = []

    def backend(traced, examples):
        compiled.append(traced)
        return traced.forward

    def network(factor):
        weight = torch.nn.Linear(3, 3)

        def forward(batch):
            return weight(batch) * factor

        return FrozenNetwork(forward), forward

    monkeypatch.setattr("agnsf.inference.compiling._compile", backend)
    with torch.inference_mode():
        for factor in range(12):
            network_, forward = network(factor)
            for batch in (torch.ones(2, 3), torch.zeros(2, 3)):
                assert_allclose(network_(batch), forward(batch))
            assert len(compiled) == factor + 1


def test_what_one_run_has_compiled_is_found_by_the_next(tmp_path):
    code = """
import torch
from torch import nn
from agnsf.inference.compiling import FrozenNetwork
torch.manual_seed(1)
network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 1), nn.GELU(), nn.Flatten(), nn.Linear(144, 1))
with torch.inference_mode():
    batch = torch.rand(2, 3, 8, 8)
    error = FrozenNetwork(lambda images: network.eval()(images))(batch) - network(batch)
print(float(error.abs().max()))
"""
    made = []
    for _ in range(2):
        environment = os.environ | {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert float(run.stdout) < 1e-5, run.stderr
        made.append(sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.so")))
    assert made[0] == made[1] != []
