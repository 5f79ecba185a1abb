# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""
Time the bootstrap of every metric against a loop over scikit-learn, on a test set of the paper's size.

Run it as ``python benchmarks/evaluate.py``; one thread is enough for it.
"""

import argparse
import sys
import time

import numpy as np
from sklearn import metrics

from agnsf.evaluation import METRICS, Bootstrap, estimate

BAR = 10


def galaxies(n):
    """Return classes and probabilities of a classifier with a ROC AUC near 0.85."""
    rng = np.random.default_rng(0)
    is_agn = rng.random(n) < 0.64
    return is_agn, 1 / (1 + np.exp(-rng.normal(np.where(is_agn, 1.0, -1.0), 1.37)))


def plain_loop(is_agn, p_agn, resamples):
    """Resample as a reader of the scikit-learn manual would: ROC AUC, average precision and five more."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(resamples):
        rows = rng.integers(len(is_agn), size=len(is_agn))
        true, p = is_agn[rows], p_agn[rows]
        predicted = p >= 0.5
        found.append(
            (
                metrics.roc_auc_score(true, p),
                metrics.average_precision_score(true, p),
                metrics.brier_score_loss(true, p),
                metrics.log_loss(true, p),
                metrics.accuracy_score(true, predicted),
                metrics.matthews_corrcoef(true, predicted),
                metrics.f1_score(true, predicted),
            )
        )
    return np.quantile(found, [0.025, 0.975], axis=0)


def timed(work):
    """Return how long something takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=14_130)
    parser.add_argument("--resamples", type=int, default=2_000)
    options = parser.parse_args()
    is_agn, p_agn = galaxies(options.rows)
    bootstrap = Bootstrap(resamples=options.resamples)
    some = max(20, options.resamples // 40)
    ours = timed(lambda: estimate(is_agn, p_agn, bootstrap=bootstrap))
    theirs = timed(lambda: plain_loop(is_agn, p_agn, some)) * options.resamples / some
    print(f"{options.rows} rows, {options.resamples} resamples")
    print(f"agnsf, all {len(METRICS)} metrics             {ours:8.2f} s")
    print(f"scikit-learn in a loop, 7 metrics   {theirs:8.2f} s (from {some} resamples)")
    print(f"ratio                               {theirs / ours:8.1f} (bar: at least {BAR})")
    sys.exit(theirs / ours < BAR)
