# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Any network of timm."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import agnsf
from agnsf.columns import AgnsfError

__all__ = ["Backbone", "register_classifiers"]

_HUB = "hf_hub:"
_LARGEST = 2048  # pixels; a hostile model.json could ask for all the memory there is


def _configuration(name):
    """Return what timm knows of a network; raise if it knows none of the name."""
    import timm

    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), 5)
        hint = f"; did you mean {', '.join(near)}?" if near else "; timm.list_models() names them all"
        raise AgnsfError(f"timm has no network named {name!r}{hint}")
    return timm.get_pretrained_cfg(name)


def _weights(pretrained):
    """Return the file of pretrained weights, from a hub if need be."""
    if pretrained.startswith(_HUB):
        from huggingface_hub import hf_hub_download

        try:
            return hf_hub_download(pretrained.removeprefix(_HUB), "model.safetensors")
        except Exception as exc:  # no network, no such repository, no such file: each has its own class
            raise AgnsfError(f"The pretrained weights {pretrained!r} cannot be fetched: {exc}") from exc
    path = Path(pretrained)
    if path.suffix != ".safetensors":
        raise AgnsfError(f"Pretrained weights must be a .safetensors file or hf_hub:OWNER/NAME, not {pretrained!r}")
    if not path.is_file():
        raise AgnsfError(f"There is no file {pretrained!r} of pretrained weights")
    return str(path)


def _check_loaded(body, fresh, classifier):
    """Raise if weights of a network are as they were drawn: timm leaves out without a word what does not fit."""
    last = {id(one) for one in body.get_classifier().parameters()}
    drawn = dict(fresh.named_parameters())
    weights = {name: one for name, one in body.named_parameters() if one.ndim > 1 and id(one) not in last}
    left = [name for name, one in weights.items() if one.equal(drawn[name])]
    if left:
        raise AgnsfError(
            f"The pretrained weights {classifier.pretrained!r} are not those of {classifier.backbone!r}: "
            f"{len(left)} of its {len(weights)} weights are not among them, such as {left[0]}"
        )


def _normalized(body, mean, std, *, frozen):
    """Return a network that normalizes its input and, where frozen, leaves all but its last layer as it is."""
    import torch
    from torch import nn

    class Normalized(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = body
            self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
            self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

        def forward(self, images):
            return self.body((images - self.mean) / self.std).flatten()

        def train(self, mode=True):
            super().train(mode and not frozen)  # normalizations of a frozen network keep their statistics
            self.body.get_classifier().train(mode)
            return self

    return Normalized()


@dataclass(frozen=True)
class Backbone(agnsf.TorchClassifier):
    """
    Any image network of timm, from scratch or from pretrained weights.

    Parameters
    ----------
    backbone : str, optional
        Name of the network in timm, such as ``resnet18`` or ``convnext_nano``.
    size : int or None, optional
        Width and height of its input in pixels; by default what timm says of it.
    pretrained : str or None, optional
        Weights to begin with: a ``.safetensors`` file, or ``hf_hub:OWNER/NAME`` on the Hugging
        Face hub, where there is a network connection.
    freeze : bool, optional
        Train the last layer only.
    layer_decay : float, optional
        Factor of the learning rate from each layer to the one before it; below 1 it spares the
        early layers of a pretrained network.
    dropout : float, optional
        Share of the last layer's inputs that is dropped while training.
    drop_path : float, optional
        Share of residual blocks that is skipped while training, where the network has them.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> load_classifier('backbone', backbone='resnet18').size
    224
    """

    backbone: str = "convnext_nano"
    size: int | None = None
    pretrained: str | None = None
    freeze: bool = False
    layer_decay: float = 1.0
    dropout: float = 0.0
    drop_path: float = 0.0

    name = "backbone"
    input = "rgb"

    def __post_init__(self):
        configuration = _configuration(self.backbone)
        if self.size is None:
            object.__setattr__(self, "size", configuration.input_size[-1])
        if not 1 <= self.size <= _LARGEST:
            raise AgnsfError(f"The size of images must lie between 1 and {_LARGEST} pixels, not {self.size}")
        if not 0 < self.layer_decay <= 1:
            raise AgnsfError(f"layer_decay must lie above 0 and not above 1, not {self.layer_decay}")

    def network(self):
        """Return the untrained network; see `TorchClassifier.network`."""
        return self._create()

    def starting_network(self):
        """Return the network with the pretrained weights; see `TorchClassifier.starting_network`."""
        if self._module is not None or self.pretrained is None:
            return super().starting_network()
        import torch

        with torch.random.fork_rng():
            seed = torch.initial_seed()
            torch.manual_seed(seed)
            module = self._create(pretrained=True, pretrained_cfg_overlay={"file": _weights(self.pretrained)})
            torch.manual_seed(seed)
            _check_loaded(module.body, self._create().body, self)
        return module

    def parameter_groups(self, module):
        """Return the parameters by layer; see `TorchClassifier.parameter_groups`."""
        if self.layer_decay == 1:
            return super().parameter_groups(module)
        from timm.optim import param_groups_layer_decay

        return param_groups_layer_decay(module.body, layer_decay=self.layer_decay)

    def _create(self, **pretrained):
        import timm

        configuration = _configuration(self.backbone)
        shape = {"img_size": self.size} if configuration.fixed_input_size else {}
        rates = {"drop_rate": self.dropout, "drop_path_rate": self.drop_path}
        used = {name: rate for name, rate in rates.items() if rate}
        try:
            body = timm.create_model(self.backbone, num_classes=1, **shape, **used, **pretrained)
        except (TypeError, RuntimeError) as exc:
            raise AgnsfError(f"timm cannot make the network {self.backbone!r} with these options: {exc}") from exc
        if self.freeze:
            body.requires_grad_(False)
            body.get_classifier().requires_grad_(True)
        return _normalized(body, configuration.mean, configuration.std, frozen=self.freeze)


@agnsf.hookimpl
def register_classifiers():
    """Provide the classifier."""
    return [Backbone]
