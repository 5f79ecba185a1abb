# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contract of each role as a check, for agnsf's own tests and for those of plugin authors."""

import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from astropy.table import Table

from agnsf.columns import LABELS, USABLE_STATUSES, is_masked
from agnsf.plugins import option_fields
from agnsf.roles import Cutout, CutoutError, CutoutService, TorchClassifier

__all__ = ["check_classifier", "check_image_source", "check_labeler"]


def _require(condition, message):
    if not condition:
        raise AssertionError(message)


def _check_plugin(plugin):
    who = type(plugin).__qualname__
    _require(isinstance(plugin.name, str) and plugin.name, f"{who} needs a name")
    _require((type(plugin).__doc__ or "").strip(), f"{who} needs a docstring; 'agnsf plugins' shows its first line")
    try:
        hash(plugin)
    except TypeError as exc:
        raise AssertionError(f"{who} must be a frozen dataclass with immutable options: {exc}") from exc
    for name in option_fields(type(plugin)):
        _require(hasattr(plugin, name), f"{who} lost its option {name}")
    return f"{who} {plugin.name!r}"


def _as_lists(columns):
    """Return columns as lists with None for what is masked, so that they compare by value."""
    out = {}
    for name, values in columns.items():
        mask = is_masked(values)
        plain = np.ma.getdata(np.asarray(values)).tolist()
        out[name] = [None if gone else value for value, gone in zip(plain, mask, strict=True)]
    return out


def check_labeler(labeler, table):
    """
    Check that a labeler keeps its contract.

    Parameters
    ----------
    labeler : Labeler
        The one to check.
    table : `~astropy.table.Table`
        Galaxies with the labeler's columns, at least one of which it can classify.

    Raises
    ------
    AssertionError
        Says what is wrong.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from agnsf.plugins import load_labeler
    >>> from agnsf.testing import check_labeler
    >>> table = Table({name: [1.0, 2.0, 3.0] for name in load_labeler('kewley2001').requires})
    >>> check_labeler(load_labeler('kewley2001'), table)
    """
    who = _check_plugin(labeler)
    before = table.copy()
    result = labeler.label(table)
    _require(table.colnames == before.colnames, f"{who} changed the columns of its input")
    _require(_as_lists(dict(table.columns)) == _as_lists(dict(before.columns)), f"{who} wrote into its input")
    _require(isinstance(result, dict) and "label" in result, f"{who} must return a dict with 'label'")
    for name, values in result.items():
        _require(len(values) == len(table), f"{who} returned {len(values)} values of {name!r} for {len(table)} rows")
    lists = _as_lists(result)
    strange = sorted({str(one) for one in lists["label"] if one is not None and one not in LABELS})
    _require(not strange, f"{who} gave the labels {strange}; known are {', '.join(LABELS)}")
    _require(any(one is not None for one in lists["label"]), f"{who} classified none of the rows")

    order = np.arange(len(table))[::-1]
    turned = _as_lists(labeler.label(table[order]))
    for name in ("label", "subclass"):
        if name in lists:
            _require(turned[name] == lists[name][::-1], f"{who}: the {name} of a row depends on the other rows")
    _require(all(len(values) == 0 for values in labeler.label(table[:0]).values()), f"{who} fails on an empty table")

    for name in labeler.requires:
        if table[name].dtype.kind == "f":
            gone = Table(table, masked=True, copy=True)
            gone[name].mask = True
            _require(
                len(labeler.label(gone)["label"]) == len(table),
                f"{who} fails where {name} is masked",
            )


def check_image_source(source, table, *, size=64, pixel_scale=0.262):
    """
    Check that an image source keeps its contract.

    A `~agnsf.CutoutService` is asked for its URLs only; no request is made.

    Parameters
    ----------
    source : ImageSource
        The one to check.
    table : `~astropy.table.Table`
        A few galaxies with the columns that the source needs, the first of which has an image.
    size : int, optional
        Width and height to ask for, in pixels.
    pixel_scale : float, optional
        The scale to ask for, in arcsec per pixel.

    Raises
    ------
    AssertionError
        Says what is wrong.

    Examples
    --------
    >>> from agnsf.plugins import load_image_source
    >>> from agnsf.simulate import simulate
    >>> from agnsf.testing import check_image_source
    >>> check_image_source(load_image_source('simulated'), simulate(3, seed=1))
    """
    who = _check_plugin(source)
    _require(isinstance(source.color, str), f"{who} must name its color recipe")
    _require(source.connections >= 1, f"{who} must allow at least one connection")
    keys = source.group(table)
    _require(keys is None or len(keys) == len(table), f"{who}: group must return a key for each row, or None")
    rows = [
        {name: None if is_masked(table[name])[i] else np.asarray(table[name])[i].tolist() for name in table.colnames}
        for i in range(len(table))
    ]
    if isinstance(source, CutoutService):
        for row in rows:
            url = source.url(row, size=size, pixel_scale=pixel_scale)
            _require(isinstance(url, str) and url.startswith(source.base_url), f"{who}: {url!r} leaves its base_url")
        return

    def one(row):
        try:
            return source.cutout(row, size=size, pixel_scale=pixel_scale)
        except CutoutError as exc:
            return Cutout(None, status=exc.status, message=exc.message)

    first = [one(row) for row in rows]
    _require(first[0].status in USABLE_STATUSES, f"{who} has no image of the first row: {first[0].message}")
    for cutout in first:
        _check_cutout(cutout, who)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(one, rows))
    for before, after in zip(first, again, strict=True):
        _require(before.status == after.status, f"{who} answers differently from several threads")
        _require(np.array_equal(before.pixels, after.pixels), f"{who} gives other pixels from several threads")


def _check_cutout(cutout, who):
    _require(isinstance(cutout, Cutout), f"{who} must return agnsf.Cutout, not {cutout!r}")
    pixels = cutout.pixels
    if cutout.status not in USABLE_STATUSES:
        _require(pixels is None, f"{who}: a cutout with the status {cutout.status} has no pixels")
    elif cutout.is_picture:
        good = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
        _require(good, f"{who}: a picture is uint8 (y, x, 3), not {pixels.dtype} {pixels.shape}")
    else:
        good = pixels.dtype == np.float32 and pixels.ndim == 3 and len(pixels) == len(cutout.bands)
        _require(good, f"{who}: flux in {cutout.bands!r} is float32 (band, y, x), not {pixels.dtype} {pixels.shape}")


def _toy_galaxies(classifier, n, rng):
    """Return images that any classifier can tell apart, red AGN and blue SF, and their table."""
    is_agn = np.arange(n) % 2 == 0
    y, x = np.mgrid[: classifier.size, : classifier.size] / classifier.size - 0.5
    glow = np.exp(-(x**2 + y**2) / 0.05)[None, :, :, None]
    tint = np.where(is_agn[:, None], [0.9, 0.6, 0.3], [0.3, 0.6, 0.9])[:, None, None, :]
    images = glow * tint + rng.normal(0.1, 0.02, (n, classifier.size, classifier.size, 3))
    if classifier.input == "rgb":
        images = (np.clip(images, 0, 1) * 255).astype(np.uint8)
    else:
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32)
    table = Table({"label": np.where(is_agn, "AGN", "SF")})
    for name in classifier.columns:
        table[name] = rng.normal(is_agn, 0.5)
    return images, table


def check_classifier(classifier, *, n=40):
    """
    Check that a classifier keeps its contract, on images made for the purpose.

    A `~agnsf.TorchClassifier` is not trained: its network is checked for shapes and gradients.

    Parameters
    ----------
    classifier : Classifier
        The one to check, untrained.
    n : int, optional
        How many images to try it on.

    Raises
    ------
    AssertionError
        Says what is wrong.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> from agnsf.testing import check_classifier
    >>> check_classifier(load_classifier('photometric'))
    """
    who = _check_plugin(classifier)
    _require(classifier.input in ("rgb", "flux"), f"{who}: input must be 'rgb' or 'flux', not {classifier.input!r}")
    images, table = _toy_galaxies(classifier, n, np.random.default_rng(0))
    if isinstance(classifier, TorchClassifier):
        fitted = classifier.with_module(_checked_network(classifier, images, who))
    else:
        fitted = classifier.fit(images, table, validation=(images, table))
        _require(type(fitted) is type(classifier), f"{who}: fit must return a fitted copy of the classifier")
    p_agn = fitted.predict(images, table)
    _require(p_agn.shape == (n,) and p_agn.dtype == np.float64, f"{who}: predict must return float64 of shape ({n},)")
    _require(np.all((p_agn >= 0) & (p_agn <= 1)), f"{who}: probabilities must lie between 0 and 1")
    turned = fitted.predict(images[::-1], table[::-1])[::-1]
    _require(np.allclose(turned, p_agn, atol=1e-5), f"{who}: the p_agn of an image depends on the other images")
    _require(len(fitted.predict(images[:0], table[:0])) == 0, f"{who} fails on no images")
    _require(np.array_equal(fitted.predict_columns(images, table)["p_agn"], p_agn), f"{who}: predict_columns differs")
    with tempfile.TemporaryDirectory() as folder:
        fitted.save(folder)
        again = classifier.load(folder).predict(images, table)
    _require(np.array_equal(again, p_agn), f"{who} predicts other values after save and load")


def _checked_network(classifier, images, who):
    import torch

    network = classifier.network()
    logits = network(classifier.prepare(torch.from_numpy(images[:4])))
    _require(logits.shape == (4,), f"{who}: the network must return logits of shape (4,), not {tuple(logits.shape)}")
    logits.sum().backward()
    trainable = [one for one in network.parameters() if one.requires_grad]
    _require(trainable, f"{who}: the network has nothing to train")
    _require(any(one.grad is not None for one in trainable), f"{who}: no gradient reaches the network")
    return network
