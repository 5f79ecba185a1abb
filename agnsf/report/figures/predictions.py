# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The confusion matrix, the reliability of the probabilities, and their distribution."""

import numpy as np

from agnsf.report.figures.style import AGN, NEUTRAL, SF, draw

__all__ = ["confusion", "distribution", "reliability_diagram"]

_BINS = np.linspace(0, 1, 21)


def confusion(evaluation, made):
    """
    Draw the confusion matrix as a heat map.

    Parameters
    ----------
    evaluation : Evaluation
        The galaxies and the threshold.
    made : list
        Where the `Figure` goes.
    """
    sample = evaluation.sample
    counts = np.array(
        [
            [np.sum((sample.is_agn == is_agn) & (sample.selected == predicted)) for predicted in (False, True)]
            for is_agn in (False, True)
        ]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = ("SF", "AGN")
    alt = "Confusion matrix: " + "; ".join(
        f"{counts[i, j]} galaxies labeled {names[i]} and predicted {names[j]}" for i in range(2) for j in range(2)
    )
    with draw("confusion", "Confusion Matrix", alt, made=made) as figure:
        axes = figure.add_subplot()
        axes.grid(False)
        image = axes.imshow(shares, vmin=0, vmax=1, cmap="cividis")
        for i in range(2):
            for j in range(2):
                color = "black" if shares[i, j] > 0.55 else "white"
                text = f"{counts[i, j]:,}\n{shares[i, j]:.1%}"
                axes.text(j, i, text, ha="center", va="center", color=color, fontsize=13)
        axes.set(xticks=(0, 1), xticklabels=names, yticks=(0, 1), yticklabels=names)
        axes.set(xlabel="predicted", ylabel="label")
        figure.colorbar(image, ax=axes, label="share of the label", shrink=0.8)


def reliability_diagram(evaluation, made):
    """
    Draw the share of AGN against ``p_agn``.

    Parameters
    ----------
    evaluation : Evaluation
        With its section ``calibration``.
    made : list
        Where the `Figure` goes.
    """
    found, sample = evaluation.sections["calibration"], evaluation.sample
    ece, perfect = evaluation.metrics["ece"].value, found["ece_of_perfect_calibration"]
    alt = (
        f"Reliability diagram: the share of AGN in ten bins of p_agn. Expected calibration error {ece:.3f}; "
        f"by chance a perfectly calibrated classifier stays below {perfect:.3f} in 95 of 100 samples."
    )
    x, y, low, high = (
        np.array([one[key] for one in found["bins"]]) for key in ("mean_p_agn", "share_agn", "share_low", "share_high")
    )
    with draw("reliability", "Reliability", alt, made=made) as figure:
        axes, below = figure.subplots(2, sharex=True, height_ratios=(3, 1))
        axes.plot([0, 1], [0, 1], color=NEUTRAL, lw=1, ls=":", label="perfect")
        errors = np.maximum([y - low, high - y], 0)
        axes.errorbar(x, y, yerr=errors, fmt="o-", color=AGN, ms=5, lw=1.3, capsize=2, label="p_agn")
        axes.set(ylabel="share of AGN", ylim=(-0.02, 1.02))
        axes.legend(loc="upper left", fontsize=9)
        below.hist(sample.p_agn, bins=_BINS, color=NEUTRAL)
        below.set(xlabel="p_agn", ylabel="galaxies", xlim=(-0.01, 1.01))


def distribution(p_agn, threshold, made, *, is_agn=None):
    """
    Draw how ``p_agn`` is distributed.

    Parameters
    ----------
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        Finite.
    threshold : float
        The threshold in use.
    made : list
        Where the `Figure` goes.
    is_agn : `~numpy.ndarray` of bool, shape (n,), optional
        The classes, where they are known.
    """
    alt = (
        f"Histogram of p_agn of {len(p_agn)} galaxies; {np.mean(p_agn >= threshold):.0%} lie at or above the threshold"
    )
    alt += f" {threshold:.3f}."
    if is_agn is not None:
        medians = [f"{np.median(p_agn[one]):.2f}" if one.any() else "none" for one in (is_agn, ~is_agn)]
        alt += f" The median is {medians[0]} for AGN and {medians[1]} for SF galaxies."
    with draw("distribution", "Distribution of p_agn", alt, made=made) as figure:
        axes = figure.add_subplot()
        if is_agn is None:
            axes.hist(p_agn, bins=_BINS, color=NEUTRAL)
        else:
            for members, name, color, hatch in ((~is_agn, "SF", SF, ""), (is_agn, "AGN", AGN, "//")):
                label = f"{name} ({members.sum():,})"
                axes.hist(p_agn[members], bins=_BINS, histtype="stepfilled", alpha=0.4, color=color, hatch=hatch)
                axes.hist(p_agn[members], bins=_BINS, histtype="step", lw=1.6, color=color, label=label)
            axes.legend(fontsize=9)
        axes.axvline(threshold, color=NEUTRAL, ls="--", lw=1.2)
        axes.set(xlabel="p_agn (dashed: the threshold in use)", ylabel="galaxies", xlim=(0, 1))
