# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Batches, weights, learning rates, and the feeding of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agnsf.datasets import Selection
from agnsf.training import TrainingOptions
from agnsf.training.feeding import Feed
from agnsf.training.optimizers import learning_rate_factor, make_optimizer, set_learning_rate
from agnsf.training.plans import class_weights, plan_epoch


def _plan(n, batch_size, *, balance="none", epoch=1, share=0.3):
    is_agn = (np.arange(n) < share * n).astype(np.float32)
    weights = class_weights(is_agn, balance) if 0 < is_agn.mean() < 1 else np.ones(n, np.float32)
    return plan_epoch(is_agn, weights, batch_size=batch_size, balance=balance, seed=7, epoch=epoch), is_agn


@given(n=st.integers(2, 200), batch_size=st.integers(1, 64), count=st.integers(1, 5))
def test_every_galaxy_counts_once_on_any_number_of_processes(n, batch_size, count):
    plan, _ = _plan(n, min(batch_size, n))
    seen = np.zeros(n)
    for rank in range(count):
        share = plan.share(rank, count)
        assert share.rows.shape == plan.share(0, count).rows.shape
        np.add.at(seen, share.rows.ravel(), share.weights.ravel())
    np.testing.assert_array_equal(seen, 1)
    assert plan.totals.sum() == n


def test_epochs_differ_and_an_epoch_is_always_the_same():
    first, again, second = (_plan(50, 16, epoch=epoch)[0].rows for epoch in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)


def test_weights_give_both_classes_the_same_total():
    is_agn = np.array([1, 1, 0, 0, 0, 0, 0, 0], np.float32)
    weights = class_weights(is_agn, "weights")
    assert weights[is_agn == 1].sum() == pytest.approx(weights[is_agn == 0].sum())
    assert weights.mean() == pytest.approx(1)


def test_sampling_draws_both_classes_alike():
    plan, is_agn = _plan(4000, 100, balance="sampling", share=0.1)
    assert is_agn[plan.rows].mean() == pytest.approx(0.5, abs=0.03)


def test_learning_rate_rises_then_falls_along_a_cosine():
    options = TrainingOptions(epochs=5, warmup=2.0)
    factors = np.array([learning_rate_factor(step, 10, options) for step in range(50)])
    np.testing.assert_allclose(factors[:20], np.arange(1, 21) / 20)
    np.testing.assert_allclose(factors[20:], 0.5 * (1 + np.cos(np.pi * np.arange(30) / 30)))


def test_constant_learning_rate_stays():
    options = TrainingOptions(epochs=2, warmup=0, schedule="constant")
    assert {learning_rate_factor(step, 10, options) for step in range(20)} == {1.0}


def test_biases_and_normalizations_do_not_decay():
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    groups = [{"params": list(module.parameters()), "lr_scale": 0.5}]
    optimizer = make_optimizer(groups, TrainingOptions(weight_decay=0.1))
    decays = {id(one): group["weight_decay"] for group in optimizer.param_groups for one in group["params"]}
    assert {name: decays[id(one)] for name, one in module.named_parameters()} == {
        "0.weight": 0.1,
        "0.bias": 0.0,
        "1.weight": 0.0,
        "1.bias": 0.0,
    }
    set_learning_rate(optimizer, 0.01)
    assert {group["lr"] for group in optimizer.param_groups} == {0.005}


def test_feed_gives_the_rows_asked_for_as_they_are_stored():
    images = np.arange(10 * 2 * 2 * 3, dtype=np.uint8).reshape(10, 2, 2, 3)
    chosen = Selection(images, [9, 3, 5, 1])
    rows = [np.array([2, 0]), np.array([3, 3]), np.array([1, 2])]
    batches = list(Feed(chosen, torch.device("cpu")).batches(rows))
    assert [batch.dtype for batch in batches] == [torch.uint8] * 3
    for batch, asked in zip(batches, rows, strict=True):
        np.testing.assert_array_equal(batch.numpy(), images[[9, 3, 5, 1]][asked])


def test_feed_passes_on_what_goes_wrong_while_reading():
    class Broken:
        def __len__(self):
            return 4

        def __getitem__(self, rows):
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(Feed(Broken(), torch.device("cpu")).batches([np.array([0])]))
