# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The image section on one galaxy, and why there is none."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agnsf.columns import IMAGE_STATUSES, USABLE_STATUSES, AgnsfError

__all__ = ["Cutout", "CutoutError"]


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
    inverse_variance : `~numpy.ndarray` or None, optional
        Of a flux image: of the same shape, in units of its inverse square; 0 where nothing is known.

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
    inverse_variance: np.ndarray | None = None

    @property
    def is_picture(self):
        """Whether the pixels are RGB; flux otherwise."""
        return self.bands == "rgb"
