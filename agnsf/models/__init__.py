# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Trained classifiers in their folders: read, write, and the ones that ship."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agnsf.columns import AgnsfError
from agnsf.evaluation import apply_calibration
from agnsf.plugins import PluginError, load_classifier
from agnsf.roles import Classifier

__all__ = [
    "Model",
    "ModelError",
    "default_model",
    "describe_model",
    "load_model",
    "model_hash",
    "save_model",
    "shipped_models",
]

_FORMAT = 1
_JSON_LIMIT = 64 * 2**20  # bytes; a model.json is a few kB, an isotonic calibration a few more
_SHIPPED = Path(__file__).parent
_TOLD = {"roc_auc": "ROC AUC", "accuracy": "accuracy", "brier": "Brier score"}  # what `describe_model` tells
_UNFINISHED = ("checkpoints", "pack", "training.json")  # what training leaves in a model folder


class ModelError(AgnsfError):
    """A model folder cannot be used."""


@dataclass(frozen=True)
class Model:
    """
    A trained classifier, and everything recorded about it.

    Parameters
    ----------
    classifier : Classifier
        Trained.
    info : dict
        What ``model.json`` holds beside the classifier's name and options: ``recipe`` (the image
        recipe), ``labels`` (labeler, positive classes, signal-to-noise ratio, aperture),
        ``base_rate``, ``threshold``, ``calibration``, ``metrics``, ``versions``, ``table_hash``.
    """

    classifier: Classifier
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def threshold(self):
        """Galaxies whose ``p_agn`` reaches it are called AGN."""
        return float(self.info.get("threshold", 0.5))

    @property
    def recipe(self):
        """The image recipe that it was trained on, as a dict."""
        return self.info.get("recipe", {})

    @property
    def color(self):
        """The color recipe of the pictures that it was trained on."""
        return self.recipe.get("color", "unknown")

    def predict(self, images, table):
        """
        Return the columns that the model gives, ``p_agn`` calibrated.

        Parameters
        ----------
        images : array-like, n images
            As the classifier takes them (`agnsf.Classifier.predict`).
        table : `~astropy.table.Table`
            With a row for each image and the classifier's columns.

        Returns
        -------
        columns : dict of str to `~numpy.ndarray` of shape (n,)
            ``"p_agn"``, and whatever else the classifier knows.
        """
        columns = dict(self.classifier.predict_columns(images, table))
        calibration = self.info.get("calibration")
        if calibration:
            raw, spread = columns["p_agn"], columns.get("p_agn_std")
            columns["p_agn"] = apply_calibration(raw, calibration)
            if spread is not None:
                low, high = np.clip(raw - spread, 0, 1), np.clip(raw + spread, 0, 1)
                columns["p_agn_std"] = (apply_calibration(high, calibration) - apply_calibration(low, calibration)) / 2
        return columns


def _options(classifier):
    from agnsf.plugins import option_fields

    return {name: getattr(classifier, name) for name in option_fields(type(classifier))}


def save_model(model, folder):
    """
    Write a model folder; ``model.json`` comes last, so that a folder that has it is complete.

    Parameters
    ----------
    model : Model
        What to write.
    folder : path-like
        Made if it does not exist. Other files in it are left alone.

    Raises
    ------
    OSError
        If it cannot be written; what stood there before still stands.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    head = {
        "format": _FORMAT,
        "classifier": {"name": model.classifier.name, "options": _options(model.classifier)},
    }
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=folder) as scratch:
        model.classifier.save(scratch)
        text = json.dumps({**head, **model.info}, indent=1, ensure_ascii=False)
        (Path(scratch) / "model.json").write_text(text + "\n", encoding="utf-8")
        written = sorted(Path(scratch).iterdir(), key=lambda path: path.name == "model.json")
        for path in written:
            target = folder / path.name
            if target.is_dir():
                shutil.rmtree(target)
            path.replace(target)


def _read_json(path):
    try:
        if path.stat().st_size > _JSON_LIMIT:
            raise ModelError(f"{path} is larger than {_JSON_LIMIT} bytes; it is no model.json of agnsf")
        info = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as exc:
        raise ModelError(f"{path} is damaged: {exc}; train the model again or restore the file") from exc
    if not isinstance(info, dict) or not isinstance(info.get("classifier"), dict):
        raise ModelError(f"{path} does not name a classifier; it is no model.json of agnsf")
    if info.get("format") != _FORMAT:
        raise ModelError(
            f"{path} has the format {info.get('format')!r}, this version of agnsf reads {_FORMAT}; update agnsf"
        )
    return info


def _tuples(options):
    """JSON has lists where the options of a frozen dataclass are tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}


def _locate(name):
    folder = Path(name)
    if (folder / "model.json").is_file():
        return folder
    shipped = shipped_models()
    if str(name) in shipped:
        return shipped[str(name)]
    what = "has no model.json" if folder.is_dir() else "is neither a model folder nor the name of a model that ships"
    raise ModelError(f"{name} {what}; the models that ship: {', '.join(shipped) or 'none'}")


def load_model(name):
    """
    Read a model.

    Parameters
    ----------
    name : str or path-like
        A model folder, or the name of a model that ships (`shipped_models`).

    Returns
    -------
    model : Model
        Ready to predict.

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged, or was written by a newer version.
    """
    folder = _locate(name)
    info = _read_json(folder / "model.json")
    head = info.pop("classifier")
    info.pop("format")
    try:
        classifier = load_classifier(str(head.get("name")), **_tuples(head.get("options", {})))
    except (PluginError, TypeError, ValueError) as exc:
        raise ModelError(f"The classifier of model {folder} cannot be made: {exc}") from exc
    try:
        return Model(classifier.load(folder), info)
    except ModelError:
        raise
    except Exception as exc:  # whatever a damaged or hostile file makes the readers raise
        raise ModelError(f"The weights of model {folder} cannot be read: {type(exc).__name__}: {exc}") from exc


def model_hash(name):
    """
    Return a digest of a model: of ``model.json``, of the weights beside it, and of its members.

    Parameters
    ----------
    name : str or path-like
        As for `load_model`.

    Returns
    -------
    digest : str
        SHA-256, hexadecimal.
    """
    digest, folder = hashlib.sha256(), _locate(name)
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.suffix in (".json", ".safetensors") and inner.parts[0] not in _UNFINISHED:
            digest.update(inner.as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def shipped_models():
    """
    Return the models that come with agnsf.

    Returns
    -------
    folders : dict of str to `~pathlib.Path`
        By name.

    Examples
    --------
    >>> from agnsf.models import load_model, shipped_models
    >>> for name in shipped_models():
    ...     model = load_model(name)
    """
    return {path.parent.name: path.parent for path in sorted(_SHIPPED.glob("*/model.json"))}


def default_model(color):
    """
    Return the name of the shipped model for pictures of a color recipe.

    Parameters
    ----------
    color : str
        A name in ``agnsf.images.RECIPES``, or ``"skyserver"``.

    Returns
    -------
    name : str
        For `load_model`.

    Raises
    ------
    ModelError
        If none of the models that ship was trained on such pictures.
    """
    colors = {}
    for name, folder in shipped_models().items():
        info = _read_json(folder / "model.json")
        if info.get("default", False):
            colors[info["recipe"]["color"]] = name
    if color not in colors:
        known = ", ".join(sorted(colors)) or "none"
        raise ModelError(
            f"No model that ships was trained on pictures of color {color!r}, only on {known}; "
            "name a model with --classifier, or the right color of the images (for a folder: -I color=NAME)"
        )
    return colors[color]


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
        Its classifier, the pictures it is for, what it calls AGN, the metrics recorded with it, and
        whatever else its author ``measured``, each with its interval.

    Examples
    --------
    >>> from agnsf.models import describe_model
    >>> print(describe_model('sdss').splitlines()[0])
    sdss: classifier photometric, for pictures of color skyserver (the default for them)
    """
    info = _read_json(_locate(name) / "model.json")
    default = " (the default for them)" if info.get("default") else ""
    color = info.get("recipe", {}).get("color", "unknown")
    lines = [f"{name}: classifier {info['classifier']['name']}, for pictures of color {color}{default}"]
    positive = ", ".join(info.get("labels", {}).get("positive", [])) or "not recorded"
    lines.append(f"    trained on {info.get('about') or 'what its folder does not tell'}; AGN: {positive}")
    for metric, meaning in _TOLD.items():
        if one := info.get("metrics", {}).get(metric):
            told = f"{meaning} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
            lines.append(f"    {told} on {one['n']} galaxies, {one['base_rate']:.0%} AGN")
    for what, one in info.get("measured", {}).items():
        lines.append(f"    {what} {one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})")
    return "\n".join(lines)
