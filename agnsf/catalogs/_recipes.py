# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How a column of ours follows from the columns of a published catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agnsf.columns import ColumnError

__all__ = [
    "AbsorptionCorrected",
    "ByValue",
    "Channels",
    "InverseVariance",
    "LogMass",
    "Quadrature",
    "Ratio",
    "RestWidth",
    "Theirs",
    "Total",
    "Unless",
    "VegaError",
    "VegaMagnitude",
]

# Every recipe has ``needs``, the columns of theirs that it takes, and is called with a `Values`, which
# gives such a column as float64, NaN where there is no value. It returns values, NaN likewise.


def _positive(values):
    return np.where(values > 0, values, np.nan)


@dataclass(frozen=True)
class Theirs:
    """One column, times a factor."""

    name: str
    factor: float = 1.0

    @property
    def needs(self):
        return (self.name,)

    def __call__(self, their):
        return their(self.name) if self.factor == 1 else self.factor * their(self.name)


@dataclass(frozen=True)
class Total:
    """The sum of several columns: the flux of a doublet."""

    needs: tuple[str, ...]

    def __call__(self, their):
        return sum(map(their, self.needs))


@dataclass(frozen=True)
class Quadrature:
    """The error of a sum, from the errors of its parts; one that is not positive spoils it."""

    needs: tuple[str, ...]
    factor: float = 1.0

    def __call__(self, their):
        return self.factor * np.sqrt(sum(_positive(their(name)) ** 2 for name in self.needs))


@dataclass(frozen=True)
class InverseVariance:
    """The error of one line, or of a doublet's sum, from inverse variances; zero means no measurement."""

    needs: tuple[str, ...]

    def __call__(self, their):
        return np.sqrt(sum(1 / _positive(their(name)) for name in self.needs))


@dataclass(frozen=True)
class Ratio:
    """An equivalent width, positive in emission, from a flux and the continuum under the line."""

    flux: str
    continuum: str

    @property
    def needs(self):
        return (self.flux, self.continuum)

    def __call__(self, their):
        return their(self.flux) / _positive(their(self.continuum))


@dataclass(frozen=True)
class RestWidth:
    """An equivalent width in the galaxy's frame, from one in the observer's."""

    name: str
    redshift: str

    @property
    def needs(self):
        return (self.name, self.redshift)

    def __call__(self, their):
        return their(self.name) / (1 + their(self.redshift))


@dataclass(frozen=True)
class AbsorptionCorrected:
    """
    A Balmer line's value, raised by the stellar absorption that it fills.

    The factor is (EW + absorption) / EW (Hopkins et al. 2013MNRAS.430.2047H). An error is raised
    by the same factor, so that the signal-to-noise ratio remains the measured one.
    """

    value: str
    ew: str
    absorption: float = 2.5  # Angstrom

    @property
    def needs(self):
        return (self.value, self.ew)

    def __call__(self, their):
        return their(self.value) * (1 + self.absorption / _positive(their(self.ew)))


@dataclass(frozen=True)
class Unless:
    """Another recipe, without the rows in which one of the flags is raised; a flag that is not there counts as down."""

    recipe: object
    flags: tuple[str, ...]

    @property
    def needs(self):
        return self.recipe.needs

    def __call__(self, their):
        values = self.recipe(their)
        for flag in self.flags:
            if (raised := their(flag)) is not None:
                values = np.where(raised > 0, np.nan, values)
        return values


@dataclass(frozen=True)
class Channels:
    """
    The sum of some channels of a column of vectors.

    The header of the file says which channel is which; the usual order counts where it does not.
    """

    name: str
    lines: tuple[str, ...]
    usual: tuple[str, ...]
    keyword: str  # of the header, before the number of the channel

    @property
    def needs(self):
        return (self.name,)

    def __call__(self, their):
        vectors = their(self.name)
        if vectors.ndim != 2:
            raise ColumnError(f"Column {self.name!r} must hold a vector in each row, one value for each line")
        numbers = range(1, vectors.shape[1] + 1)
        order = [str(their.meta.get(f"{self.keyword}{number}", "")).strip() for number in numbers]
        if not all(line in order for line in self.lines):
            order = list(self.usual) if vectors.shape[1] == len(self.usual) else order
        if not all(line in order for line in self.lines):
            return np.full(len(vectors), np.nan)
        return sum(vectors[:, order.index(line)] for line in self.lines)


@dataclass(frozen=True)
class ByValue:
    """A number that goes with each value of a column."""

    name: str
    values: Mapping[float, float]

    @property
    def needs(self):
        return (self.name,)

    def __call__(self, their):
        codes = their(self.name)
        found = np.full(len(codes), np.nan)
        for code, value in self.values.items():
            found[codes == code] = value
        return found


@dataclass(frozen=True)
class LogMass:
    """log10 of a stellar mass for h = 0.7, from a mass or its logarithm for another h."""

    name: str
    h: float
    is_log: bool = False

    @property
    def needs(self):
        return (self.name,)

    def __call__(self, their):
        mass = their(self.name)
        return (mass if self.is_log else np.log10(_positive(mass))) + 2 * np.log10(self.h / 0.7)


@dataclass(frozen=True)
class VegaMagnitude:
    """A Vega magnitude from a flux in nanomaggies, AB."""

    flux: str
    vega: float  # AB minus Vega

    @property
    def needs(self):
        return (self.flux,)

    def __call__(self, their):
        return 22.5 - 2.5 * np.log10(_positive(their(self.flux))) - self.vega


@dataclass(frozen=True)
class VegaError:
    """The error of such a magnitude from the inverse variance of the flux."""

    flux: str
    ivar: str

    @property
    def needs(self):
        return (self.flux, self.ivar)

    def __call__(self, their):
        return 2.5 / np.log(10) / (_positive(their(self.flux)) * np.sqrt(_positive(their(self.ivar))))
