# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The lines that part the classes, each with its source."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

__all__ = [
    "CIDFERNANDES2010_SEYFERT",
    "KAUFFMANN2003",
    "KEWLEY2001_NII",
    "KEWLEY2001_OI",
    "KEWLEY2001_SII",
    "KEWLEY2006_SEYFERT_OI",
    "KEWLEY2006_SEYFERT_SII",
    "SCHAWINSKI2007_SEYFERT",
    "Boundary",
    "Curve",
    "Hyperbola",
    "Line",
    "Threshold",
]


@dataclass(frozen=True)
class Boundary(ABC):
    """
    A line that parts a diagram in two.

    Every boundary is crossed at most once along either axis, so that the corners of a box tell
    on which sides of it the box lies; upper limits rest on that.

    Parameters
    ----------
    name : str
        What a legend says: authors and year.
    bibcode : str
        Of the paper that gives it.
    """

    name: str
    bibcode: str

    @abstractmethod
    def above(self, at, *, ties=True):
        """
        Return which points lie above the boundary.

        Parameters
        ----------
        at : dict of str to `~numpy.ndarray`
            The coordinates by their column names, all finite or NaN, except that what is compared
            with a fixed value may be infinite.
        ties : bool, optional
            Whether a point exactly on the boundary counts as above.

        Returns
        -------
        above : `~numpy.ndarray` of bool
            False where a coordinate is NaN.
        """


@dataclass(frozen=True)
class Threshold(Boundary):
    """
    A boundary at a fixed value of one coordinate.

    Parameters
    ----------
    name, bibcode : str
        As in `Boundary`.
    column : str
        The coordinate.
    value : float
        Where the boundary lies.
    extent : tuple of float, optional
        Between which values of the other coordinate it parts two classes; pictures show it there.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.labelers.curves import Threshold
    >>> half = Threshold('half', '', column='log_nii_ha', value=-0.3)
    >>> half.above({'log_nii_ha': np.array([-0.5, -0.3])}).tolist()
    [False, True]
    """

    column: str
    value: float
    extent: tuple[float, float] = (-np.inf, np.inf)

    def above(self, at, *, ties=True):
        """Return which points lie above the boundary; see `Boundary.above`."""
        return at[self.column] >= self.value if ties else at[self.column] > self.value


@dataclass(frozen=True)
class Curve(Boundary):
    """
    A boundary that gives the ordinate for each abscissa.

    Parameters
    ----------
    name, bibcode : str
        As in `Boundary`.
    x, y : str
        The columns on the two axes.
    """

    x: str
    y: str

    @abstractmethod
    def __call__(self, x):
        """
        Return the ordinate of the curve, minus infinity where every point is above it.

        Parameters
        ----------
        x : `~numpy.ndarray` of float
            The abscissa, in dex.

        Returns
        -------
        y : `~numpy.ndarray` of float
            In dex; NaN where ``x`` is.
        """

    def above(self, at, *, ties=True):
        """Return which points lie above the boundary; see `Boundary.above`."""
        curve = self(at[self.x])
        return at[self.y] >= curve if ties else at[self.y] > curve


@dataclass(frozen=True)
class Hyperbola(Curve):
    """
    The branch of ``y = scale / (x - asymptote) + offset`` that lies left of its asymptote.

    Right of the asymptote the formula has a second branch, which means nothing: there, and on the
    asymptote, every point is above the curve.

    Parameters
    ----------
    name, bibcode, x, y : str
        As in `Curve`.
    scale, asymptote, offset : float
        The coefficients.

    Examples
    --------
    >>> from agnsf.labelers.curves import KEWLEY2001_NII
    >>> KEWLEY2001_NII(-0.4).round(4).item()
    0.4889
    >>> KEWLEY2001_NII(0.6).item()
    -inf
    """

    scale: float
    asymptote: float
    offset: float

    def __call__(self, x):
        """Return the ordinate; see `Curve`."""
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            y = self.scale / np.subtract(x, self.asymptote) + self.offset
        return np.where(np.less(x, self.asymptote) | np.isnan(x), y, -np.inf)

    def above(self, at, *, ties=True):
        """Return which points lie above the boundary; see `Boundary.above`."""
        curve = np.subtract(at[self.x], self.asymptote)
        # On and beyond the asymptote the curve is lower than any point can be, without a second pass.
        np.minimum(curve, -1e-300, out=curve)
        np.divide(self.scale, curve, out=curve)
        curve += self.offset
        return at[self.y] >= curve if ties else at[self.y] > curve


@dataclass(frozen=True)
class Line(Curve):
    """
    The straight line ``y = slope * x + intercept``.

    Parameters
    ----------
    name, bibcode, x, y : str
        As in `Curve`.
    slope, intercept : float
        The coefficients.
    """

    slope: float
    intercept: float

    def __call__(self, x):
        """Return the ordinate; see `Curve`."""
        return self.slope * x + self.intercept


_NII = {"x": "log_nii_ha", "y": "log_oiii_hb"}
_SII = {"x": "log_sii_ha", "y": "log_oiii_hb"}
_OI = {"x": "log_oi_ha", "y": "log_oiii_hb"}
_KEWLEY2001 = ("Kewley et al. (2001)", "2001ApJ...556..121K")
_KEWLEY2006 = ("Kewley et al. (2006), Seyfert/LINER", "2006MNRAS.372..961K")

KAUFFMANN2003 = Hyperbola(
    "Kauffmann et al. (2003)", "2003MNRAS.346.1055K", **_NII, scale=0.61, asymptote=0.05, offset=1.3
)
KEWLEY2001_NII = Hyperbola(*_KEWLEY2001, **_NII, scale=0.61, asymptote=0.47, offset=1.19)
KEWLEY2001_SII = Hyperbola(*_KEWLEY2001, **_SII, scale=0.72, asymptote=0.32, offset=1.30)
KEWLEY2001_OI = Hyperbola(*_KEWLEY2001, **_OI, scale=0.73, asymptote=-0.59, offset=1.33)
KEWLEY2006_SEYFERT_SII = Line(*_KEWLEY2006, **_SII, slope=1.89, intercept=0.76)
KEWLEY2006_SEYFERT_OI = Line(*_KEWLEY2006, **_OI, slope=1.18, intercept=1.30)
SCHAWINSKI2007_SEYFERT = Line(
    "Schawinski et al. (2007), Seyfert/LINER", "2007MNRAS.382.1415S", **_NII, slope=1.05, intercept=0.45
)
CIDFERNANDES2010_SEYFERT = Line(
    "Cid Fernandes et al. (2010), Seyfert/LINER", "2010MNRAS.403.1036C", **_NII, slope=1.01, intercept=0.48
)
