# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Which galaxies make up which batch, and what each weighs."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Plan", "class_weights", "plan_epoch"]


def class_weights(is_agn, balance):
    """
    Return the weight of every galaxy in the loss.

    Parameters
    ----------
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF.
    balance : {'none', 'weights', 'sampling'}
        With ``weights`` each class has the same total.

    Returns
    -------
    weights : `~numpy.ndarray` of float32, shape (n,)
        Of mean 1.
    """
    weights = np.ones(len(is_agn), dtype=np.float32)
    if balance == "weights":
        share = is_agn.mean()
        weights = np.where(is_agn > 0, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
    return weights


@dataclass(frozen=True)
class Plan:
    """
    One epoch: every step has the same shape, so that compiled and captured steps never change.

    Parameters
    ----------
    rows : `~numpy.ndarray` of int, shape (steps, batch)
        Which galaxies. Where the last batch is not full, galaxies of weight 0 fill it up.
    weights : `~numpy.ndarray` of float32, shape (steps, batch)
        What each weighs in the loss.
    """

    rows: np.ndarray
    weights: np.ndarray

    @property
    def totals(self):
        """Sum of the weights of each step, over all processes."""
        return self.weights.sum(axis=1)

    def share(self, rank, processes):
        """Return the part of one of several processes; its batches are padded to equal length."""
        steps, batch = self.rows.shape
        missing = -batch % processes
        rows = np.concatenate([self.rows, self.rows[:, :1].repeat(missing, 1)], axis=1)
        weights = np.concatenate([self.weights, np.zeros((steps, missing), np.float32)], axis=1)
        return Plan(rows[:, rank::processes], weights[:, rank::processes])


def plan_epoch(is_agn, weights, *, batch_size, balance, seed, epoch):
    """
    Return the batches of one epoch.

    Parameters
    ----------
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF.
    weights : `~numpy.ndarray` of float32, shape (n,)
        Of `class_weights`.
    batch_size : int
        Not larger than n.
    balance : {'none', 'weights', 'sampling'}
        With ``sampling`` n galaxies are drawn with replacement, as many of either class;
        otherwise each galaxy comes once.
    seed, epoch : int
        The same pair gives the same plan.

    Returns
    -------
    plan : Plan
        Of ceil(n / batch_size) steps.
    """
    rng = np.random.default_rng([seed, epoch])
    n = len(is_agn)
    if balance == "sampling":
        chance = class_weights(is_agn, "weights").astype(np.float64)
        order = rng.choice(n, n, p=chance / chance.sum())
    else:
        order = rng.permutation(n)
    missing = -n % batch_size
    rows = np.concatenate([order, order[:missing]])
    filled = np.concatenate([weights[order], np.zeros(missing, np.float32)])
    return Plan(rows.reshape(-1, batch_size), filled.reshape(-1, batch_size))
