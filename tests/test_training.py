# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The training loop: what it learns, and what it refuses."""

import json
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import torch
from astropy.table import Table
from sklearn.metrics import roc_auc_score
from tiny import Tiny, galaxies

import agnsf
from agnsf.columns import AgnsfError
from agnsf.training import PRESETS, TrainingError, TrainingOptions, fit

_FAST = TrainingOptions(epochs=4, batch_size=16, learning_rate=0.02, warmup=0, ema=None, precision="float32")


def _changed(**changes):
    return replace(_FAST, **changes)


def _weights(classifier):
    return {name: value.clone() for name, value in classifier.module.state_dict().items()}


def _same(first, second):
    return all(torch.equal(value, second[name]) for name, value in first.items())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "adam", "schedule": "constant", "clip": None},
        {"ema": 0.9, "warmup": 0.5},
        {"balance": "weights"},
        {"balance": "sampling"},
        {"shift": 1, "noise": 0.02, "blur": 0.5, "jitter": 0.02},
        {"precision": "bfloat16"},
    ],
)
def test_network_learns_with_every_option(changes):
    images, table = galaxies(96)
    held, held_table = galaxies(64, seed=1)
    fitted = fit(Tiny(), images, table, options=_changed(epochs=8, **changes), device="cpu")
    assert roc_auc_score(held_table["label"] == "AGN", fitted.predict(held, held_table)) > 0.9


def test_same_seed_gives_the_same_network_and_another_seed_another():
    images, table = galaxies(40)
    first, again, other = (fit(Tiny(dropout=0.2), images, table, options=_FAST, seed=seed) for seed in (3, 3, 4))
    assert _same(_weights(first), _weights(again))
    assert not _same(_weights(first), _weights(other))


def test_random_state_of_the_caller_is_left_alone():
    images, table = galaxies(20)
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    fit(Tiny(dropout=0.2), images, table, options=_changed(epochs=1))
    assert torch.equal(torch.rand(3), expected)


def test_trained_classifier_goes_on_from_its_network():
    images, table = galaxies(40)
    options = _changed(epochs=1, learning_rate=1e-9)
    first = fit(Tiny(), images, table, options=_FAST)
    further = fit(first, images, table, options=options)
    fresh = fit(Tiny(), images, table, options=options)
    for name, value in _weights(first).items():
        torch.testing.assert_close(further.module.state_dict()[name], value, atol=1e-6, rtol=0)
    assert not torch.allclose(fresh.module.state_dict()["0.weight"], first.module.state_dict()["0.weight"], atol=1e-3)


def test_fewer_galaxies_than_a_batch_are_one_batch():
    images, table = galaxies(10)
    whole = fit(Tiny(), images, table, options=_changed(batch_size=10, symmetries=False))
    large = fit(Tiny(), images, table, options=_changed(batch_size=500, symmetries=False))
    assert _same(_weights(whole), _weights(large))


def test_galaxies_that_fill_up_the_last_batch_weigh_nothing():
    images, table = galaxies(20)
    options = _changed(epochs=1, batch_size=16, symmetries=False)
    first = fit(Tiny(), images, table, options=options)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Tiny().network()
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for one in module.parameters() if one.ndim > 1]},
            {"params": [one for one in module.parameters() if one.ndim == 1], "weight_decay": 0.0},
        ],
        lr=0.02,
        weight_decay=0.05,
        fused=True,
    )
    order = np.random.default_rng([0, 1]).permutation(20)
    for number, rows in enumerate((order[:16], order[16:])):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * 0.5 * (1 + np.cos(np.pi * number / 2))
        batch = torch.from_numpy(images[rows]).permute(0, 3, 1, 2).float() / 255
        target = torch.from_numpy((table["label"][rows] == "AGN").astype(np.float32))
        torch.nn.functional.binary_cross_entropy_with_logits(module(batch), target).backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    for name, value in module.state_dict().items():
        torch.testing.assert_close(first.module.state_dict()[name], value)


def test_early_stopping_keeps_the_best_epoch(tmp_path):
    images, table = galaxies(40)
    wrong = table.copy()
    wrong["label"] = np.where(table["label"] == "AGN", "SF", "AGN")  # validation gets worse from the start
    options = _changed(epochs=20, patience=2, learning_rate=0.01)
    fitted = fit(Tiny(), images, table, validation=(images, wrong), options=options, folder=tmp_path)
    history = Table.read(tmp_path / "history.ecsv")
    assert len(history) == 3
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")
    assert np.argmin(history["validation_loss"]) == 0
    p_agn = fitted.predict(images, table)
    is_agn = np.asarray(wrong["label"] == "AGN")
    loss = -np.mean(np.where(is_agn, np.log(p_agn), np.log1p(-p_agn)))
    assert loss == pytest.approx(history["validation_loss"][0], abs=1e-5)


def test_validation_is_never_augmented(tmp_path):
    images, table = galaxies(24)
    options = _changed(epochs=2, noise=3.0, shift=4, select="last")
    fitted = fit(Tiny(), images, table, validation=(images, table), options=options, folder=tmp_path)
    p_agn = fitted.predict(images, table)
    is_agn = np.asarray(table["label"] == "AGN")
    loss = -np.mean(np.where(is_agn, np.log(p_agn), np.log1p(-p_agn)))
    assert loss == pytest.approx(Table.read(tmp_path / "history.ecsv")["validation_loss"][-1], abs=1e-5)


def test_history_tells_every_epoch(tmp_path):
    images, table = galaxies(24)
    fit(Tiny(), images, table, validation=galaxies(16, seed=2), options=_FAST, folder=tmp_path)
    history = Table.read(tmp_path / "history.ecsv")
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert str(history["seconds"].unit) == "s"
    assert np.all(np.diff(history["learning_rate"]) < 0)
    assert np.all((history["validation_auc"] >= 0) & (history["validation_auc"] <= 1))
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


def test_compiled_network_learns_the_same(monkeypatch):
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))  # traced, but not built
    images, table = galaxies(16)
    plain, compiled = (
        fit(Tiny(), images, table, options=_changed(epochs=1, compile=choice)) for choice in (False, True)
    )
    for name, value in _weights(plain).items():
        torch.testing.assert_close(compiled.module.state_dict()[name], value, atol=1e-4, rtol=1e-3)


def test_without_a_compiler_the_network_runs_uncompiled(monkeypatch):
    from torch._inductor import cpp_builder, exc

    def refuse():
        raise exc.InvalidCxxCompiler

    monkeypatch.setattr(cpp_builder, "get_cpp_compiler", refuse)
    images, table = galaxies(16)
    with pytest.warns(UserWarning, match="finds no C.. compiler"):
        fit(Tiny(), images, table, options=_changed(epochs=1, compile=True), device="cpu")


@dataclass(frozen=True)
class _Exploding(Tiny):
    """Give NaN from the third call on."""

    name = "exploding"

    def network(self):
        module = super().network()
        calls = []

        def spoil(_, __, output):
            calls.append(1)
            return output * float("nan") if len(calls) > 3 else output

        module.register_forward_hook(spoil)
        return module


def test_nan_stops_with_epoch_and_batch_and_keeps_the_checkpoint(tmp_path):
    images, table = galaxies(32)
    with pytest.raises(TrainingError, match=r"NaN or infinity in epoch 2, batch 2; the checkpoint of epoch 1 stands"):
        fit(_Exploding(), images, table, options=_FAST, folder=tmp_path)
    assert json.loads((tmp_path / "checkpoints" / "epoch-001.json").read_text())["epoch"] == 1


def test_gpu_without_memory_names_a_smaller_batch(monkeypatch):
    from agnsf.training import loop

    def fail(self, epoch):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loop.Loop, "_epoch", fail)
    with pytest.raises(TrainingError, match="batch_size=16; try -T batch_size=8"):
        fit(Tiny(), *galaxies(32), options=_FAST)


@dataclass(frozen=True)
class _Wide(Tiny):
    """Return two logits for each galaxy."""

    name = "wide"

    def network(self):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(768, 2))


def test_network_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r"must return logits of shape \(16,\), not \(16, 2\)") as caught:
        fit(_Wide(), *galaxies(32), options=_FAST)
    assert "raised by classifier 'wide'" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("n", "labels", "message"),
    [
        (6, ["SF"] * 6, "needs AGN and SF to learn from, and was given 6 rows, all SF"),
        (0, [], "was given no row"),
        (6, ["SF", "AGN", "retired", "SF", "SF", "SF"], "1 are neither"),
        (6, ["SF", "AGN", "star", "SF", "SF", "SF"], "label holds 'star'"),
        (5, ["SF", "AGN", "SF", "SF", "SF", "SF"], "5 images for 6 rows"),
    ],
)
def test_galaxies_that_cannot_be_learned_from_are_refused(n, labels, message):
    table = Table({"label": np.array(labels, dtype=str)})
    with pytest.raises(AgnsfError, match=message):
        fit(Tiny(), np.zeros((n, 16, 16, 3), np.uint8), table, options=_FAST)


@pytest.mark.parametrize("device", ["cuda:99", "toaster", "meta"])
def test_device_that_is_not_there_is_named(device):
    with pytest.raises(TrainingError, match=f"device.*{device}"):
        fit(Tiny(), *galaxies(8), options=_FAST, device=device)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"learning_rate": 0.0}, {"ema": 1.0}, {"jitter": 1.5}, {"learning_rate": float("nan")}]
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(TrainingError, match=f"option {next(iter(wrong))} is out of range"):
        TrainingOptions(**wrong)


def test_preset_of_the_paper_is_the_paper():
    paper = PRESETS["xu2023"]
    preset = paper.training
    assert (paper.classifier, paper.options) == ("cnn", {"batch_norm": False, "global_pooling": False})
    assert (preset.optimizer, preset.epochs, preset.schedule) == ("adam", 10, "constant")
    assert not any((preset.symmetries, preset.shift, preset.noise, preset.blur, preset.jitter, preset.weight_decay))
    assert (preset.keep, preset.balance, preset.ema, preset.select) == (None, "none", None, "last")


def test_classifier_that_is_no_network_is_trained_by_itself():
    class Mean(agnsf.Classifier):
        """Know the share of AGN."""

        name = "mean"
        size = 16
        _share = None

        def fit(self, images, table, *, validation=None):
            return self._with(_share=float(np.mean(table["label"] == "AGN")))

        def predict(self, images, table):
            return np.full(len(images), self._share)

        def save(self, folder):
            raise NotImplementedError

        def load(self, folder):
            raise NotImplementedError

    images, table = galaxies(20, share=0.25)
    assert fit(Mean(), images, table).predict(images, table)[0] == 0.25
