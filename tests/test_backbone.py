# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Networks of timm."""

import pytest
import timm
import torch
from safetensors.torch import save_file

from agnsf.columns import AgnsfError
from agnsf.plugins import load_classifier
from agnsf.testing import check_classifier


@pytest.mark.parametrize("backbone", ["test_convnext", "test_vit"])
def test_backbone_keeps_the_contract(backbone):
    check_classifier(load_classifier("backbone", backbone=backbone, size=32), n=8)


def test_size_and_normalization_are_those_of_timm():
    classifier = load_classifier("backbone", backbone="test_convnext")
    known = timm.get_pretrained_cfg("test_convnext")
    module = classifier.network()
    assert classifier.size == known.input_size[-1] == 160
    assert module.mean.flatten().tolist() == pytest.approx(known.mean)
    assert module.std.flatten().tolist() == pytest.approx(known.std)


def test_input_is_normalized_before_the_network():
    classifier = load_classifier("backbone", backbone="test_convnext", size=32)
    module = classifier.network().eval()
    images = torch.rand(2, 3, 32, 32)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in ((0.5,) * 3, (0.5,) * 3))
    torch.testing.assert_close(module(images), module.body((images - mean) / std).flatten())


@pytest.fixture
def weights(tmp_path):
    network = timm.create_model("test_convnext", num_classes=10)
    path = tmp_path / "weights.safetensors"
    save_file(network.state_dict(), str(path))
    return path, network


def test_pretrained_weights_come_from_a_file(weights):
    path, network = weights
    classifier = load_classifier("backbone", backbone="test_convnext", size=32, pretrained=str(path))
    begun = classifier.starting_network().body.state_dict()
    mine = {name: value for name, value in network.state_dict().items() if not name.startswith("head.fc")}
    assert len(mine) > 50
    for name, value in mine.items():
        assert torch.equal(begun[name], value), name
    assert begun["head.fc.weight"].shape == (1, 64)


def test_untrained_network_never_reads_pretrained_weights():
    classifier = load_classifier("backbone", backbone="test_convnext", size=32, pretrained="gone.safetensors")
    assert classifier.network() is not None
    with pytest.raises(AgnsfError, match=r"There is no file 'gone\.safetensors'"):
        classifier.starting_network()


def test_pickled_weights_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({}, path)
    classifier = load_classifier("backbone", backbone="test_convnext", pretrained=str(path))
    with pytest.raises(AgnsfError, match=r"must be a \.safetensors file"):
        classifier.starting_network()


def test_weights_of_another_network_are_refused(weights):
    classifier = load_classifier("backbone", backbone="test_vit", size=32, pretrained=str(weights[0]))
    with pytest.raises(AgnsfError, match=r"not those of 'test_vit': \d+ of its \d+ weights"):
        classifier.starting_network()


def test_frozen_network_trains_its_last_layer_only():
    classifier = load_classifier("backbone", backbone="test_resnet", size=32, freeze=True)
    module = classifier.network().train()
    (group,) = classifier.parameter_groups(module)
    assert {one.numel() for one in group["params"]} == {1, module.body.num_features}
    before = {name: value.clone() for name, value in module.body.state_dict().items() if "running_mean" in name}
    module(torch.rand(4, 3, 32, 32))
    after = module.body.state_dict()
    assert before
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_early_layers_learn_more_slowly():
    classifier = load_classifier("backbone", backbone="test_convnext", size=32, layer_decay=0.5)
    module = classifier.network()
    groups = classifier.parameter_groups(module)
    scale = {id(one): group["lr_scale"] for group in groups for one in group["params"]}
    assert scale[id(module.body.head.fc.weight)] == 1.0
    assert scale[id(module.body.stem[0].weight)] < 0.05
    assert len(scale) == len(list(module.body.parameters()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbone": "convnxt_nano"}, "no network named 'convnxt_nano'; did you mean .*convnext_nano"),
        ({"layer_decay": 0.0}, "layer_decay must lie above 0"),
        ({"size": 0}, "between 1 and 2048 pixels, not 0"),
        ({"size": 10**9}, "between 1 and 2048 pixels"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(AgnsfError, match=message):
        load_classifier("backbone", **options)
