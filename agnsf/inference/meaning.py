# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What ``p_agn`` of a model means, in one sentence."""

from agnsf.columns import COLUMNS

__all__ = ["meaning"]

_COMPOSITES = {"agn": "composites count as AGN", "sf": "composites count as SF", "drop": "without composites"}


def meaning(labels, *, prior=None):
    """
    Return the description of a column ``p_agn``.

    Parameters
    ----------
    labels : dict
        Where the model's labels come from: ``labels`` in ``model.json``.
    prior : float or None, optional
        Share of AGN that the probabilities were moved to.

    Returns
    -------
    description : str
        Names labeler, positive classes, signal-to-noise ratio and aperture as far as they are known.

    Examples
    --------
    >>> from agnsf.inference.meaning import meaning
    >>> about = meaning({'labelers': [{'name': 'kauffmann2003', 'options': {'snr': 3.0}}], 'composites': 'agn'})
    >>> about[about.index('('):]
    '(labeler kauffmann2003; composites count as AGN; S/N 3.0).'
    """
    labelers = [one if isinstance(one, dict) else {"name": one} for one in labels.get("labelers", ())][:1]
    parts = [f"labeler {one['name']}" for one in labelers]
    if labels.get("composites") in _COMPOSITES:
        parts.append(_COMPOSITES[labels["composites"]])
    if labels.get("positive"):
        parts.append(f"positive: {', '.join(labels['positive'])}")
    snr = labels.get("snr") or next((one.get("options", {}).get("snr") for one in labelers), None)
    parts += [f"S/N {snr}"] if snr else []
    parts += [f"aperture {labels['aperture']} arcsec"] if labels.get("aperture") else []
    parts += [f"at the prior {prior:g}"] if prior is not None else []
    about = COLUMNS["p_agn"].description
    return f"{about.rstrip('.')} ({'; '.join(parts)})." if parts else about
