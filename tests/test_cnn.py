# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The network of Xu (2023), and the default one."""

import pytest
import torch
from torch import nn

from agnsf.plugins import load_classifier
from agnsf.testing import check_classifier
from agnsf.training import PRESETS

_PAPER = PRESETS["xu2023"].options


def test_network_of_the_preset_is_that_of_the_paper():
    module = load_classifier("cnn", **_PAPER).network()
    kinds = [type(layer) for layer in module]
    block = [nn.Conv2d, nn.ReLU, nn.MaxPool2d]
    assert kinds == [*block * 3, nn.Flatten, nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear, nn.Flatten]
    assert [layer.out_channels for layer in module if isinstance(layer, nn.Conv2d)] == [32, 64, 128]
    assert {layer.kernel_size for layer in module if isinstance(layer, nn.Conv2d)} == {(3, 3)}
    assert {layer.padding for layer in module if isinstance(layer, nn.Conv2d)} == {(0, 0)}
    assert [layer.out_features for layer in module if isinstance(layer, nn.Linear)] == [128, 64, 1]
    assert sum(one.numel() for one in module.parameters()) == 3_312_961


def test_network_is_by_default_that_of_the_paper_with_normalization_and_pooling():
    module = load_classifier("cnn").network()
    block = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d]
    dense = [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert [type(layer) for layer in module] == [*block * 3, nn.AdaptiveAvgPool2d, nn.Flatten, *dense, nn.Flatten]
    convolutions = 9 * (3 * 32 + 32 * 64 + 64 * 128) + 2 * (32 + 64 + 128)
    assert sum(one.numel() for one in module.parameters()) == convolutions + 129 * 128 + 129 * 64 + 65


def test_biases_begin_at_zero_as_in_keras():
    module = load_classifier("cnn", **_PAPER).network()
    assert not any(one.any() for name, one in module.named_parameters() if name.endswith("bias"))


def test_dropout_adds_no_parameter():
    module = load_classifier("cnn", **_PAPER, dropout=0.5).network()
    assert sum(one.numel() for one in module.parameters()) == 3_312_961
    images = torch.rand(2, 3, 128, 128)
    assert not torch.equal(module.train()(images), module(images))
    assert torch.equal(module.eval()(images), module(images))


@pytest.mark.parametrize("options", [{}, _PAPER])
def test_cnn_keeps_the_contract(options):
    check_classifier(load_classifier("cnn", **options), n=6)
