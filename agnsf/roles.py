# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contracts of the three roles: labeler, image source and classifier."""

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from agnsf.columns import IMAGE_STATUSES, USABLE_STATUSES, AgnsfError

__all__ = [
    "Classifier",
    "Cutout",
    "CutoutError",
    "CutoutService",
    "ImageSource",
    "Labeler",
    "TorchClassifier",
]


class CutoutError(AgnsfError):
    """
    Why there is no image of one galaxy.

    Parameters
    ----------
    status : str
        One of the values of the column ``image_status`` that mean failure: ``outside``,
        ``missing``, ``corrupt``, ``bad_coordinates``, ``bad_request``, ``server_error``
        or ``timeout``.
    message : str
        What was expected and what was found.

    Examples
    --------
    >>> from agnsf import CutoutError
    >>> CutoutError('missing', 'no file named 42.jpeg').status
    'missing'
    """

    def __init__(self, status, message):
        if status not in IMAGE_STATUSES or status in USABLE_STATUSES:
            failures = ", ".join(name for name in IMAGE_STATUSES if name not in USABLE_STATUSES)
            raise ValueError(f"The status of a CutoutError must be one of {failures}; not {status!r}")
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self):
        return f"{self.status}: {self.message}"


@dataclass(frozen=True, eq=False)
class Cutout:
    """
    The image section on one galaxy, north up and east left, the galaxy in the middle.

    Parameters
    ----------
    pixels : `~numpy.ndarray` or None
        A picture: uint8 of shape (y, x, 3), red, green, blue. Or a flux image: float32 of shape
        (band, y, x) in nanomaggies per pixel. The first row of a picture is its top; the first
        row of a flux image is its bottom, as in FITS. None where the status is a failure.
    bands : str, optional
        One letter for each plane of a flux image, in their order; ``"rgb"`` for a picture.
    pixel_scale : float or None, optional
        In arcsec per pixel; None where it is not known.
    wcs : `~astropy.wcs.WCS` or None, optional
        Of the two celestial axes, where it is known.
    status : str, optional
        How the fetch went: a value of the column ``image_status``.
    message : str, optional
        Why the status is not ``ok``.
    color : str, optional
        The color recipe of a picture, where it differs from the source's own.
    path : str, optional
        The file that holds it as it came, where there is one.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf import Cutout
    >>> Cutout(np.zeros((64, 64, 3), dtype=np.uint8), pixel_scale=0.262).is_picture
    True
    """

    pixels: np.ndarray | None
    bands: str = "rgb"
    pixel_scale: float | None = None
    wcs: Any = None
    status: str = "ok"
    message: str = ""
    color: str = ""
    path: str = ""

    @property
    def is_picture(self):
        """Whether the pixels are RGB; flux otherwise."""
        return self.bands == "rgb"


class _Plugin(ABC):
    """What the roles share: a name, and options that are the fields of a frozen dataclass."""

    name: ClassVar[str]


class Labeler(_Plugin):
    """
    Base class of the rules that assign a class from measurements.

    A labeler is a frozen dataclass: its fields, each with a default, are its options.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    requires : tuple of str
        Columns of ours without which it cannot work. A column ``…_err`` beside a required one is
        used where it exists.
    optional : tuple of str
        Columns of ours that it uses where they exist.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import agnsf
    >>> @dataclass(frozen=True)
    ... class StrongOxygen(agnsf.Labeler):
    ...     '''Call AGN what is bright in [O III].'''
    ...     cut: float = 3.0
    ...     name = 'strong-oxygen'
    ...     requires = ('oiii_5007_flux', 'h_beta_flux')
    ...     def label(self, table):
    ...         ratio = table['oiii_5007_flux'] / table['h_beta_flux']
    ...         return {'label': np.where(ratio > self.cut, 'AGN', 'SF')}
    """

    requires: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def label(self, table):
        """
        Return the class of every row.

        Parameters
        ----------
        table : `~astropy.table.Table`
            With the columns of ``requires``, and whatever else the user's table has.
            It must not be changed.

        Returns
        -------
        columns : dict of str to array-like, each of shape (n,)
            ``"label"`` is required: strings, masked where the class is not known. ``"subclass"``
            and ``"label_flag"`` (`agnsf.columns.LabelFlag`) are understood; other names become
            columns as they are.
        """


class ImageSource(_Plugin):
    """
    Base class of the places that cutouts come from.

    An image source is a frozen dataclass: its fields, each with a default, are its options.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    needs : tuple of str
        Columns of ours that every row must have, ``("ra", "dec")`` unless said otherwise.
    color : str
        The color recipe of its pictures (``agnsf.images.RECIPES``), or ``"unknown"``.
    bands : str
        The bands of its flux images in their order, or ``"rgb"`` for pictures.
    connections : int
        How many cutouts to ask for at once, unless the user says otherwise.
    """

    needs: ClassVar[tuple[str, ...]] = ("ra", "dec")
    color: ClassVar[str] = "unknown"
    bands: ClassVar[str] = "rgb"
    connections: ClassVar[int] = 2

    @abstractmethod
    def cutout(self, row, *, size, pixel_scale):
        """
        Return the cutout of one galaxy.

        It is called from several threads at once. A method that has one more keyword parameter,
        ``download``, is given a function there that turns a URL into `bytes` through the cutout
        cache, politely and with retries, and raises `CutoutError`.

        Parameters
        ----------
        row : dict
            The galaxy's columns as plain Python values by name; None where masked.
        size : int
            Width and height in pixels.
        pixel_scale : float
            In arcsec per pixel.

        Returns
        -------
        cutout : Cutout
            Of that size and pixel scale. A source that cannot choose them gives what it has.

        Raises
        ------
        CutoutError
            If there is no image of this galaxy, with the status that says why.
        """

    def prepare(self, table):
        """
        Return the source as it is to be used for a table; called before any cutout is asked for.

        Here is the place to look at the table's columns once, and to warn.

        Parameters
        ----------
        table : `~astropy.table.Table`
            The galaxies, or the first of them.

        Returns
        -------
        source : ImageSource
            Itself, or a copy whose options are settled. Preparing it again changes nothing.
        """
        return self

    def group(self, table):
        """
        Return a key for every row, or None; rows of one key are asked for together.

        Parameters
        ----------
        table : `~astropy.table.Table`
            The galaxies.

        Returns
        -------
        keys : array-like of shape (n,) or None
            For example the brick or frame that each galaxy lies in.
        """
        return None


@dataclass(frozen=True)
class CutoutService(ImageSource):
    """
    Base class of the image sources that answer one HTTP request with one cutout.

    A subclass gives the ``url``; fetching, retries, checks, cache and decoding are inherited.

    Parameters
    ----------
    base_url : str, optional
        Start of every URL, without the final slash; a mirror or a test server can stand in.
    connections : int, optional
        How many requests may be under way at once.
    """

    base_url: str = ""
    connections: int = 2

    @abstractmethod
    def url(self, row, *, size, pixel_scale):
        """
        Return the URL of one galaxy's cutout.

        Parameters
        ----------
        row : dict
            The galaxy's columns as plain Python values by name; None where masked.
        size : int
            Width and height in pixels.
        pixel_scale : float
            In arcsec per pixel.

        Returns
        -------
        url : str
            Beginning with ``base_url``.
        """

    def check(self, cutout):
        """
        Raise `CutoutError` if a decoded cutout is not an image of the galaxy.

        Decoding has already refused what is not an image, and what has another shape than the
        one asked for. A service adds what it alone knows: how its empty tiles look, for instance.

        Parameters
        ----------
        cutout : Cutout
            What the service answered.
        """

    def explain(self, error, row, *, size, pixel_scale, download):
        """
        Return why a request failed, where the service tells it in a way of its own.

        Parameters
        ----------
        error : CutoutError
            What went wrong, after all retries: ``missing`` where the server answered 404,
            ``server_error`` where it answered 5xx.
        row : dict
            As for `url`.
        size : int
            As for `url`.
        pixel_scale : float
            As for `url`.
        download : callable
            From a URL to `bytes`, to ask the service once more.

        Returns
        -------
        error : CutoutError
            By default the same. One with the status ``outside`` is remembered by the cache.
        """
        return error

    def cutout(self, row, *, size, pixel_scale):
        """Return the cutout of one galaxy; `agnsf.cutouts` does this for a service."""
        raise TypeError(f"Image source {self.name!r} is a service: ask agnsf.cutouts for its cutouts")


class Classifier(_Plugin):
    """
    Base class of what learns the label from images.

    A classifier is a frozen dataclass: its fields, each with a default, are its options.
    What it has learned is not an option; `fit` and `load` return a copy that holds it.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    input : str
        ``"rgb"``: images are uint8 of shape (n, size, size, 3). ``"flux"``: float32 of shape
        (n, band, size, size) in nanomaggies per pixel.
    size : int
        Width and height in pixels of the images that it takes.
    columns : tuple of str
        Columns of the table that it uses beside the images.
    """

    input: ClassVar[str] = "rgb"
    size: ClassVar[int] = 128
    columns: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def fit(self, images, table, *, validation=None):
        """
        Return a copy of this classifier that has learned from the images.

        Parameters
        ----------
        images : array-like, n images
            Indexed by slices and by integer arrays, either of which gives a `~numpy.ndarray`.
        table : `~astropy.table.Table`
            With a row for each image, and a column ``label`` of ``AGN`` and ``SF``, none masked.
        validation : tuple of (images, table) or None, optional
            Galaxies that it must not learn from, to watch the progress on.

        Returns
        -------
        fitted : Classifier
            Of the same class and options.
        """

    @abstractmethod
    def predict(self, images, table):
        """
        Return the probability of ``AGN`` for each image.

        Parameters
        ----------
        images : array-like, n images
            As for `fit`.
        table : `~astropy.table.Table`
            With a row for each image and the classifier's ``columns``.

        Returns
        -------
        p_agn : `~numpy.ndarray` of float64, shape (n,)
            Between 0 and 1; not yet calibrated.
        """

    def predict_columns(self, images, table):
        """
        Return everything that the classifier can tell of each image.

        Parameters
        ----------
        images, table
            As for `predict`.

        Returns
        -------
        columns : dict of str to `~numpy.ndarray` of shape (n,)
            ``"p_agn"`` as `predict` returns it. A classifier that knows more overrides this method
            and adds ``"p_agn_std"``, ``"p_lines"``, ``"novelty"`` or ``"unfamiliar"``.
        """
        return {"p_agn": self.predict(images, table)}

    @abstractmethod
    def save(self, folder):
        """
        Write what was learned into a folder that exists. Never a pickle.

        Parameters
        ----------
        folder : path-like
            The model folder. ``model.json``, which records the classifier's name and options,
            is written beside it by agnsf.
        """

    @abstractmethod
    def load(self, folder):
        """
        Return a copy of this classifier that holds what `save` wrote.

        Parameters
        ----------
        folder : path-like
            The model folder.

        Returns
        -------
        fitted : Classifier
            Of the same class and options.
        """

    def _with(self, **state):
        """Return a copy that holds what was learned, as private attributes beside the options."""
        other = copy.copy(self)
        for name, value in state.items():
            object.__setattr__(other, name, value)
        return other


class TorchClassifier(Classifier):
    """
    Base class of the classifiers that are a `torch.nn.Module`.

    A subclass has options and gives the `network`. `agnsf.training.fit` trains it.
    """

    _module = None

    @abstractmethod
    def network(self):
        """
        Return the untrained network.

        Returns
        -------
        module : `torch.nn.Module`
            From float images of shape (n, 3, size, size), between 0 and 1 where ``input`` is
            ``"rgb"``, to the logits of ``AGN`` of shape (n,).
        """

    def starting_network(self):
        """
        Return the network that training begins with: the one held already, or else a new one.

        Returns
        -------
        module : `torch.nn.Module`
            A classifier with pretrained weights overrides this; `network` itself never loads any.
        """
        return self.network() if self._module is None else copy.deepcopy(self._module)

    def parameter_groups(self, module):
        """
        Return the parameters to train, in groups for `torch.optim`.

        Parameters
        ----------
        module : `torch.nn.Module`
            What `starting_network` returned.

        Returns
        -------
        groups : list of dict
            Each with ``params``; ``lr_scale`` multiplies the learning rate of a group.
        """
        return [{"params": [one for one in module.parameters() if one.requires_grad]}]

    @property
    def module(self):
        """The trained network, in evaluation mode, on the device where it was put last."""
        if self._module is None:
            raise ValueError(f"Classifier {self.name!r} has learned nothing yet; fit or load it first")
        return self._module

    def with_module(self, module):
        """Return a copy of this classifier that holds a trained network."""
        return self._with(_module=module.eval())

    def fit(self, images, table, *, validation=None):
        """Refuse: the training loop of torch classifiers is `agnsf.training.fit`."""
        raise TypeError(f"Classifier {self.name!r} is trained by agnsf.training.fit(classifier, ...)")

    def predict(self, images, table):
        """Return the probability of ``AGN`` for each image; see `Classifier.predict`."""
        import torch

        device = next(self.module.parameters()).device
        p_agn = np.empty(len(images))
        with torch.inference_mode():
            for start in range(0, len(images), 64):
                batch = torch.from_numpy(np.ascontiguousarray(images[start : start + 64])).to(device)
                logits = self.module(self.prepare(batch))
                p_agn[start : start + 64] = torch.sigmoid(logits.double()).cpu().numpy()
        return p_agn

    def prepare(self, batch):
        """
        Return a batch of images as the network takes it.

        Parameters
        ----------
        batch : `torch.Tensor`
            Images as `Classifier.predict` gets them, on any device.

        Returns
        -------
        images : `torch.Tensor` of float32, shape (n, 3, size, size)
            Between 0 and 1 where ``input`` is ``"rgb"``; in channels-last memory format there.
        """
        if self.input == "rgb":
            return batch.permute(0, 3, 1, 2).float() / 255
        return batch.float()

    def save(self, folder):
        """Write the trained network into ``model.safetensors``."""
        from safetensors.torch import save_model

        save_model(self.module, str(Path(folder) / "model.safetensors"))

    def load(self, folder):
        """Return a copy of this classifier with the network of ``model.safetensors``."""
        from safetensors.torch import load_model

        module = self.network()
        load_model(module, str(Path(folder) / "model.safetensors"))
        return self.with_module(module)
