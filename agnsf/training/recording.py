# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What is recorded of the labels, of the software and of the weights that make a model."""

import hashlib
import platform
from importlib.metadata import version

import numpy as np

from agnsf import catalogs
from agnsf.columns import float_values
from agnsf.datasets import strings
from agnsf.roles import TorchClassifier

__all__ = ["labels_record", "starting_weights", "versions"]

_PACKAGES = ("agnsf", "astropy", "numpy", "scikit-learn", "timm", "torch")


def labels_record(table, is_agn, composites):
    """
    Return where the classes come from, as far as the table and its provenance say.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The labeled galaxies.
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF, NaN for neither.
    composites : str or None
        What composites count as.

    Returns
    -------
    labels : dict
        ``positive`` (values of ``label`` that count as AGN) and ``composites``; ``labelers``,
        ``citations`` and ``snr`` where `agnsf.label` wrote the column; ``aperture`` (arcsec)
        where the table has one for all.

    Examples
    --------
    >>> import numpy as np
    >>> from astropy.table import Table
    >>> from agnsf.training.recording import labels_record
    >>> labels_record(Table({'label': ['SF', 'composite']}), np.array([0, 1]), 'agn')
    {'positive': ['composite'], 'composites': 'agn'}
    """
    positive = np.unique(strings(table["label"])[is_agn == 1]).tolist()
    record = {"positive": positive, "composites": composites}
    stages = [one for one in catalogs.provenance(table).get("stages", []) if "label" in one.get("columns", ())]
    if stages:
        record |= {name: stages[-1][name] for name in ("labelers", "citations") if name in stages[-1]}
        snr = [one.get("options", {}).get("snr") for one in record.get("labelers", [])[:1]]
        record |= {"snr": snr[0]} if snr and snr[0] else {}
    if "aperture" in table.colnames:
        apertures = np.unique(float_values(table, "aperture")[np.isfinite(is_agn)])
        record |= {"aperture": float(apertures[0])} if len(apertures) == 1 else {}
    return record


def starting_weights(classifier):
    """
    Return a digest of the network from which a training goes on.

    Parameters
    ----------
    classifier : Classifier
        Before it is trained.

    Returns
    -------
    digest : str or None
        SHA-256, hexadecimal; None where training begins with a new network, or there is none.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> from agnsf.training.recording import starting_weights
    >>> starting_weights(load_classifier('cnn')) is None
    True
    """
    import torch

    if not isinstance(classifier, TorchClassifier):
        return None
    try:
        module = classifier.module
    except ValueError:  # it has learned nothing yet
        return None
    digest = hashlib.sha256()
    for name, one in module.state_dict().items():
        digest.update(f"{name} {one.dtype} {tuple(one.shape)}\n".encode())
        digest.update(one.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


def versions():
    """
    Return the versions of Python and of the packages on which a model depends.

    Returns
    -------
    versions : dict of str to str
        For ``model.json``.
    """
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
