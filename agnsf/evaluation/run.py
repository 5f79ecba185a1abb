# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The whole evaluation of one table."""

from dataclasses import dataclass, field

from agnsf.evaluation.intervals import Bootstrap, estimate
from agnsf.evaluation.sample import Sample, read_sample

__all__ = ["Evaluation", "evaluate_table"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """
    What `agnsf.evaluate` returns.

    Parameters
    ----------
    sample : Sample
        The galaxies that were evaluated.
    metrics : dict of str to Estimate
        Every metric with its interval, by the names of `agnsf.evaluation.METRICS`.
    bootstrap : Bootstrap
        How the intervals were made.
    """

    sample: Sample
    metrics: dict
    bootstrap: Bootstrap = field(default_factory=Bootstrap)

    def as_dict(self):
        """Return everything for JSON: the metrics by name, then the sections."""
        return {
            **{name: estimate.as_dict() for name, estimate in self.metrics.items()},
            "sample": self.sample.as_dict(),
            "intervals": {
                "level": self.bootstrap.level,
                "resamples": self.bootstrap.resamples,
                "seed": self.bootstrap.seed,
            },
        }


def evaluate_table(table, *, composites=None, weight=None, in_use=None, bootstrap=None):
    """Evaluate one table."""
    bootstrap = bootstrap or Bootstrap()
    sample = read_sample(table, composites=composites, weight=weight, in_use=in_use)
    metrics = estimate(
        sample.is_agn, sample.p_agn, threshold=sample.threshold, weights=sample.weights, bootstrap=bootstrap
    )
    return Evaluation(sample=sample, metrics=metrics, bootstrap=bootstrap)
