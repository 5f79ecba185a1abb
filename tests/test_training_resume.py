# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Checkpoints: whole or not there, and a training that goes on from them bit for bit."""

import copy
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny import Tiny, galaxies

from agnsf.columns import AgnsfWarning
from agnsf.training import TrainingError, TrainingOptions, fit
from agnsf.training.checkpoints import (
    checkpoint_epochs,
    latest_checkpoint,
    prune_checkpoints,
    read_checkpoint,
    write_checkpoint,
)

_OPTIONS = TrainingOptions(
    epochs=4, batch_size=16, learning_rate=0.02, ema=0.9, noise=0.1, shift=1, precision="float32", keep=None
)
_CLASSIFIER = Tiny(dropout=0.3, norm=True)

_KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from test_training_resume import train
from agnsf.training import loop

write = loop.write_history
def write_and_die(history, *args, **kwargs):
    write(history, *args, **kwargs)
    if len(history) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
loop.write_history = write_and_die
train({folder!r})
"""


def train(folder, *, classifier=_CLASSIFIER, options=_OPTIONS, resume=False, seed=0):
    """Train the tiny network on the tiny galaxies, on one thread."""
    torch.set_num_threads(1)
    images, table = galaxies(50)
    held = galaxies(20, seed=9)
    return fit(
        classifier,
        images,
        table,
        validation=held,
        options=options,
        folder=folder,
        resume=resume,
        seed=seed,
        device="cpu",
    )


def _history(folder):
    record, _ = latest_checkpoint(folder / "checkpoints")
    return [{name: value for name, value in one.items() if name != "seconds"} for one in record["history"]]


def test_killed_training_resumes_bit_for_bit(tmp_path):
    whole = train(tmp_path / "whole")
    script = _KILLED.format(tests=str(Path(__file__).parent), folder=str(tmp_path / "killed"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "AGNSF_DISABLE_PLUGINS": "all"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert checkpoint_epochs(tmp_path / "killed" / "checkpoints") == [1, 2]

    resumed = train(tmp_path / "killed", resume=True)
    assert checkpoint_epochs(tmp_path / "killed" / "checkpoints") == [1, 2, 3, 4]
    expected = whole.module.state_dict()
    for name, value in resumed.module.state_dict().items():
        assert torch.equal(value, expected[name]), name
    for epoch in (1, 2, 3, 4):  # network, moving average and optimizer
        files = [
            load_file(tmp_path / one / "checkpoints" / f"epoch-{epoch:03d}.safetensors") for one in ("whole", "killed")
        ]
        assert files[0].keys() == files[1].keys()
        assert all(torch.equal(value, files[1][name]) for name, value in files[0].items())
    assert _history(tmp_path / "whole") == _history(tmp_path / "killed")


def test_checkpoint_holds_network_average_and_optimizer(tmp_path):
    train(tmp_path, options=replace(_OPTIONS, epochs=1))
    record, tensors = latest_checkpoint(tmp_path / "checkpoints")
    assert {name.split(".")[0] for name in tensors} == {"network", "ema", "optimizer"}
    assert {name.rsplit(".", 1)[1] for name in tensors if name.startswith("optimizer")} == {
        "step",
        "exp_avg",
        "exp_avg_sq",
    }
    assert record["environment"]["threads"] == 1
    assert record["environment"]["precision"] == "float32"
    assert record["seed"] == 0


def test_finished_training_resumes_to_the_same_network(tmp_path):
    options = replace(_OPTIONS, epochs=2)
    first = train(tmp_path, options=options)
    again = train(tmp_path, options=options, resume=True)
    for name, value in first.module.state_dict().items():
        assert torch.equal(value, again.module.state_dict()[name])


@pytest.mark.parametrize("wound", ["truncated", "changed", "no weights", "half a header", "another format"])
def test_checkpoint_that_is_not_whole_is_left_out(tmp_path, wound):
    train(tmp_path, options=replace(_OPTIONS, epochs=2))
    data, head = (tmp_path / "checkpoints" / f"epoch-002.{kind}" for kind in ("safetensors", "json"))
    if wound == "truncated":
        data.write_bytes(data.read_bytes()[:-10])
    elif wound == "changed":
        data.write_bytes(data.read_bytes()[:-1] + b"\x55")
    elif wound == "no weights":
        data.unlink()
    elif wound == "half a header":
        head.write_text(head.read_text()[:100])
    else:
        head.write_text(json.dumps({**json.loads(head.read_text()), "format": 99}))
    with pytest.warns(AgnsfWarning, match=r"epoch-002\.json is not whole .*; the one before is used"):
        record, _ = latest_checkpoint(tmp_path / "checkpoints")
    assert record["epoch"] == 1


def test_no_checkpoint_is_none(tmp_path):
    assert latest_checkpoint(tmp_path / "nowhere") is None


def test_full_disk_keeps_the_checkpoints_before(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, 1, {"one": torch.ones(3)}, {"history": []})

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_checkpoint(tmp_path, 2, {"one": torch.ones(3)}, {"history": []})
    assert "epoch-002.safetensors; the checkpoints before it stand" in caught.value.__notes__[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-001.json", "epoch-001.safetensors"]
    assert read_checkpoint(tmp_path, 1)[1]["one"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("keep", "best", "left"), [(1, 2, [2, 5]), (2, 5, [4, 5]), (9, 1, [1, 2, 3, 4, 5]), (None, 3, [1, 2, 3, 4, 5])]
)
def test_old_checkpoints_go_and_the_best_one_stays(tmp_path, keep, best, left):
    for epoch in range(1, 6):
        write_checkpoint(tmp_path, epoch, {"one": torch.ones(1)}, {})
    prune_checkpoints(tmp_path, keep=keep, best=best)
    assert checkpoint_epochs(tmp_path) == left
    assert len(list(tmp_path.iterdir())) == 2 * len(left)


@pytest.mark.parametrize("changes", [{"options": replace(_OPTIONS, batch_size=8)}, {"seed": 5}])
def test_resume_with_other_options_is_refused(tmp_path, changes):
    train(tmp_path)
    with pytest.raises(TrainingError, match="other options or another seed"):
        train(tmp_path, resume=True, **changes)


def test_resume_from_other_starting_weights_is_refused(tmp_path):
    torch.manual_seed(1)
    first, second = (_CLASSIFIER.with_module(_CLASSIFIER.network()) for _ in range(2))
    options = replace(_OPTIONS, epochs=1)
    train(tmp_path, classifier=first, options=options)
    for other in (second, _CLASSIFIER):
        with pytest.raises(TrainingError, match="from other starting weights; give the same model"):
            train(tmp_path, classifier=other, options=options, resume=True)
    same = _CLASSIFIER.with_module(copy.deepcopy(first.module))
    train(tmp_path, classifier=same, options=options, resume=True)


def test_resume_on_another_number_of_threads_says_that_bits_differ(tmp_path):
    train(tmp_path, options=replace(_OPTIONS, epochs=1))
    path = tmp_path / "checkpoints" / "epoch-001.json"
    record = json.loads(path.read_text())
    record["environment"]["threads"] = 64
    path.write_text(json.dumps(record))
    with pytest.warns(AgnsfWarning, match=r"another threads \(\[1\] instead of \[64\]\): bits will differ"):
        train(tmp_path, options=replace(_OPTIONS, epochs=1), resume=True)
