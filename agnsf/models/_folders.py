# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Model folders: write, read, and find those that ship."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from agnsf.models._model import Model, ModelError
from agnsf.plugins import PluginError, load_classifier

__all__ = ["default_model", "load_model", "locate", "model_hash", "read_info", "save_model", "shipped_models"]

_FORMAT = 1
_JSON_LIMIT = 64 * 2**20  # bytes; a model.json is a few kB, an isotonic calibration a few more
_SHIPPED = Path(__file__).parent
_UNFINISHED = ("checkpoints", "pack", "training.json")  # what training leaves in a model folder


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


def read_info(path):
    """Return what a model.json holds; raise ModelError if it is none."""
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


def locate(name):
    """Return the folder of a model, by its path or the name of one that ships."""
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
    folder = locate(name)
    info = read_info(folder / "model.json")
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
    digest, folder = hashlib.sha256(), locate(name)
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
        info = read_info(folder / "model.json")
        if info.get("default", False):
            colors[info["recipe"]["color"]] = name
    if color not in colors:
        known = ", ".join(sorted(colors)) or "none"
        raise ModelError(
            f"No model that ships was trained on pictures of color {color!r}, only on {known}; "
            "name a model with --classifier, or the right color of the images (for a folder: -I color=NAME)"
        )
    return colors[color]
