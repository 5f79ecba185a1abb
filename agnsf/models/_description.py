# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What people are told of a model."""

from agnsf.models._folders import locate, read_info

__all__ = ["describe_model"]

_TOLD = {"roc_auc": "ROC AUC", "accuracy": "accuracy", "brier": "Brier score"}


def describe_model(name):
    """
    Return what ``agnsf models`` prints of a model.

    Parameters
    ----------
    name : str or path-like
        As for `load_model`.

    Returns
    -------
    text : str
        Its classifier, the pictures and galaxies it is for, what it calls AGN, the metrics recorded with it, and
        whatever else its author ``measured``, each with its interval.

    Examples
    --------
    >>> from agnsf.models import describe_model
    >>> print(describe_model('sdss').splitlines()[0])
    sdss: classifier photometric, for pictures of color skyserver (the default for them)
    """
    info = read_info(locate(name) / "model.json")
    default = " (the default for them)" if info.get("default") else ""
    color = info.get("recipe", {}).get("color", "unknown")
    lines = [f"{name}: classifier {info['classifier']['name']}, for pictures of color {color}{default}"]
    positive = ", ".join(info.get("labels", {}).get("positive", [])) or "not recorded"
    lines.append(f"    trained on {info.get('about') or 'what its folder does not tell'}; AGN: {positive}")
    if ranges := info.get("ranges"):
        told = ", ".join(f"{column} {low:.3g} to {high:.3g}" for column, (low, high) in ranges.items())
        lines.append(f"    for {told}; other galaxies are flagged unfamiliar")
    for metric, meaning in _TOLD.items():
        if one := info.get("metrics", {}).get(metric):
            told = f"{meaning} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
            lines.append(f"    {told} on {one['n']} galaxies, {one['base_rate']:.0%} AGN")
    for what, one in info.get("measured", {}).items():
        lines.append(f"    {what} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})")
    return "\n".join(lines)
