# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The figures of the explanations."""

import numpy as np

from agnsf.report.figures.style import AGN, INK, NEUTRAL, SF, draw

__all__ = ["explanation_figures"]


def explanation_figures(explanation):
    """
    Draw what covering parts of the galaxies does, and the mean Grad-CAM maps.

    Parameters
    ----------
    explanation : Explanation
        What `agnsf.report.explanations.explain` returned.

    Returns
    -------
    figures : list of Figure
    """
    made = []
    _occlusion(explanation.changes, made)
    if explanation.maps:
        _maps(explanation.maps, made)
    return made


def _occlusion(changes, made):
    regions = list(next(iter(changes.values())))
    alt = "Mean change of p_agn when a part of the galaxy is covered. " + "; ".join(
        f"{name}, {region}: {changes[name][region].value:+.3f}" for name in changes for region in regions
    )
    with draw("occlusion", "Covering Parts of the Galaxy", alt, made=made) as figure:
        axes = figure.add_subplot()
        for shift, (name, color, hatch) in zip((-0.19, 0.19), (("AGN", AGN, "//"), ("SF", SF, "")), strict=True):
            found = [changes[name][region] for region in regions]
            value = np.nan_to_num([one.value for one in found])
            half = np.nan_to_num([one.high - one.value for one in found])
            label = f"{name} ({found[0].n})"
            axes.bar(
                np.arange(len(regions)) + shift,
                value,
                0.36,
                yerr=half,
                color=color,
                alpha=0.75,
                hatch=hatch,
                ecolor=INK,
            )
            axes.bar(0, 0, color=color, alpha=0.75, hatch=hatch, label=label)
        axes.axhline(0, color=NEUTRAL, lw=1)
        axes.set_xticks(np.arange(len(regions)), regions)
        axes.set(xlabel="part that is covered", ylabel="mean change of p_agn")
        axes.legend(fontsize=9)


def _maps(maps, made):
    middle = {name: _share_inside(one) for name, one in maps.items()}
    alt = "Mean Grad-CAM maps: where the network finds what raises p_agn. " + "; ".join(
        f"{name}: {share:.0%} of the weight lies in the middle ninth of the image" for name, share in middle.items()
    )
    with draw("gradcam", "Mean Grad-CAM", alt, size=(5.2, 3.0), made=made) as figure:
        panels = np.atleast_1d(figure.subplots(1, len(maps)))
        for axes, (name, one) in zip(panels, maps.items(), strict=True):
            image = axes.imshow(one, vmin=0, vmax=1, cmap="cividis")
            axes.set(title=name, xticks=(), yticks=())
            axes.grid(False)
        figure.colorbar(image, ax=list(panels), label="weight", shrink=0.8)


def _share_inside(one):
    size = len(one)
    inner = one[size // 3 : size - size // 3, size // 3 : size - size // 3]
    return inner.sum() / one.sum() if one.sum() > 0 else 0.0
