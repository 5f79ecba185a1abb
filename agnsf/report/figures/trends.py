# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Metrics from group to group, and ``p_agn`` over the plane of the emission lines."""

import re

import numpy as np

from agnsf.columns import float_values
from agnsf.report.figures.style import AGN, NEUTRAL, SF, draw, plain_text

__all__ = ["line_plane", "trend"]

# The BPT plane as it is usually framed.
_X, _Y = (-1.6, 0.7), (-1.3, 1.4)


def trend(column, metrics, middles, level, made):
    """
    Draw ROC AUC and accuracy in the groups of a column.

    Parameters
    ----------
    column : str
        The column that makes the groups.
    metrics : dict of str to dict of str to Estimate
        By the group's name.
    middles : list of float
        Median of each bin where the column holds numbers; empty otherwise.
    level : float
        Level of the intervals.
    made : list
        Where the `Figure` goes.
    """
    names = list(metrics)
    if middles and names[-1] == "unknown":
        names = names[:-1]
    at = middles or np.arange(len(names))
    auc = [metrics[name]["roc_auc"] for name in names]
    alt = f"ROC AUC and accuracy in the groups of {column}. ROC AUC: " + "; ".join(
        f"{name}: {one.value:.3f}" if np.isfinite(one.value) else f"{name}: not defined"
        for name, one in zip(names, auc, strict=True)
    )
    name = "by-" + re.sub(r"[^a-z0-9]+", "-", column.lower()).strip("-")
    if name in [figure.name for figure in made]:
        name += f"-{len(made)}"
    with draw(name, f"Metrics by {column}", alt, made=made) as figure:
        axes = figure.add_subplot()
        for metric, color, marker, label in (("roc_auc", AGN, "o", "ROC AUC"), ("accuracy", SF, "s", "accuracy")):
            found = [metrics[name][metric] for name in names]
            value, low, high = (np.array([getattr(one, end) for one in found]) for end in ("value", "low", "high"))
            errors = np.maximum(np.nan_to_num([value - low, high - value]), 0)
            axes.errorbar(at, value, yerr=errors, fmt=marker, color=color, ms=6, capsize=3, lw=1.5, label=label)
        axes.axhline(0.5, color=NEUTRAL, lw=1, ls=":")
        if not middles:
            tilt = {"rotation": 20, "ha": "right"} if max(map(len, names), default=0) > 8 else {}
            axes.set_xticks(at, [plain_text(name) for name in names], **tilt)
            axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set(xlabel=plain_text(column), ylabel=f"metric, with its {level:.0%} interval", ylim=(0.35, 1.02))
        axes.legend(loc="lower left", fontsize=9)


def line_plane(table, p_agn, made):
    """
    Draw ``p_agn`` over the [N II] diagram of Baldwin, Phillips & Terlevich.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``log_nii_ha`` and ``log_oiii_hb``; otherwise nothing is drawn.
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        The probabilities.
    made : list
        Where the `Figure` goes.
    """
    from agnsf.labelers.curves import KAUFFMANN2003, KEWLEY2001_NII

    if not {"log_nii_ha", "log_oiii_hb"} <= set(table.colnames):
        return
    x, y = float_values(table, "log_nii_ha"), float_values(table, "log_oiii_hb")
    inside = (x > _X[0]) & (x < _X[1]) & (y > _Y[0]) & (y < _Y[1]) & np.isfinite(p_agn)
    if not inside.any():
        return
    parts = {"below both curves": np.nan_to_num(y - KAUFFMANN2003(x)) < 0, "above both": y >= KEWLEY2001_NII(x)}
    means = [f"{np.mean(p_agn[part & inside]):.2f} {name}" for name, part in parts.items() if (part & inside).any()]
    alt = (
        f"p_agn of {inside.sum()} galaxies on the plane of [N II]/H-alpha and [O III]/H-beta. Mean: {', '.join(means)}."
    )
    with draw("plane", "p_agn on the BPT Plane", alt, size=(5.2, 3.9), made=made) as figure:
        axes = figure.add_subplot()
        options = {"cmap": "cividis", "rasterized": True}
        if inside.sum() > 1000:
            image = axes.hexbin(
                x[inside], y[inside], p_agn[inside], gridsize=45, mincnt=3, extent=(*_X, *_Y), vmin=0, vmax=1, **options
            )
        else:
            image = axes.scatter(
                x[inside], y[inside], c=p_agn[inside], s=16, lw=0.3, edgecolors=NEUTRAL, vmin=0, vmax=1, **options
            )
        for curve, style in ((KAUFFMANN2003, "--"), (KEWLEY2001_NII, "-")):
            grid = np.linspace(_X[0], curve.asymptote - 0.02, 300)
            axes.plot(grid, curve(grid), color=AGN, ls=style, lw=1.3, label=curve.name)
        axes.set(xlim=_X, ylim=_Y, xlabel=r"log [N II]/H$\alpha$", ylabel=r"log [O III]/H$\beta$")
        figure.legend(loc="outside upper left", ncols=2, fontsize=8)
        figure.colorbar(image, ax=axes, label="p_agn (mean)" if inside.sum() > 1000 else "p_agn")
