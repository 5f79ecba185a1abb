# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contract of image sources."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from agnsf.roles._plugin import Plugin

__all__ = ["CutoutService", "ImageSource"]


class ImageSource(Plugin):
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

    Attributes
    ----------
    sizes : tuple of int
        The smallest and the largest width in pixels that the service gives. A smaller cutout is
        asked for at the smallest, and resampled.
    most_connections : int or None
        Refuse more connections than these to the public server; no limit holds for another
        ``base_url``.
    """

    sizes: ClassVar[tuple[int, int]] = (1, 3000)
    most_connections: ClassVar[int | None] = None

    base_url: str = ""
    connections: int = 2

    @property
    def one_request(self):
        """Whether one request gives one cutout; a service whose options say otherwise has a `cutout` of its own."""
        return True

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

        Returns
        -------
        cutout : Cutout or None
            To be used in its place, such as a copy with the status ``partial``; None for itself.
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
