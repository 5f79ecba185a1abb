# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Two processes that train one network, as `torchrun` starts them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from astropy.table import Table
from safetensors.torch import load_file
from tiny import Tiny, galaxies

from agnsf.training import TrainingOptions, fit
from agnsf.training.parallel import processes

_SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_training_parallel import train
train({folder!r})
"""


def train(folder):
    """Train on numbers of galaxies that two processes cannot share evenly."""
    torch.set_num_threads(1)
    options = TrainingOptions(
        epochs=2, batch_size=15, learning_rate=0.01, ema=0.9, balance="weights", symmetries=False, precision="float32"
    )
    images, table = galaxies(52, share=0.3)
    return fit(Tiny(), images, table, validation=galaxies(21, seed=3), options=options, folder=folder, device="cpu")


def test_two_processes_agree_with_one(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = _SCRIPT.format(tests=str(Path(__file__).parent), folder=str(tmp_path / "two"))
    common = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "AGNSF_DISABLE_PLUGINS": "all",
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    train(tmp_path / "one")
    errors = [one.communicate(timeout=400)[1].decode() for one in running]
    assert [one.returncode for one in running] == [0, 0], "\n".join(errors)

    first, second = (Table.read(tmp_path / name / "history.ecsv") for name in ("one", "two"))
    for name in ("loss", "validation_loss", "validation_auc"):  # a row lost or seen twice would show here
        np.testing.assert_allclose(second[name], first[name], rtol=1e-5)
    one, two = (load_file(tmp_path / name / "checkpoints" / "epoch-002.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    for name, value in one.items():  # exp_avg and exp_avg_sq are averages of the gradients and their squares
        torch.testing.assert_close(two[name], value, rtol=1e-4, atol=1e-6)


def test_one_process_stands_for_itself():
    with processes("cpu") as alone:
        assert (alone.first, alone.count, alone.device.type) == (True, 1, "cpu")
        assert alone.together(3, [1.0, 2.0, 3.0]).tolist() == [1, 2, 3]
        assert alone.total(np.array([4.0])).tolist() == [4]
