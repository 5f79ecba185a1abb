# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How a column of ours follows from the columns of a published catalog."""

from dataclasses import dataclass

import numpy as np

__all__ = ["AbsorptionCorrected", "Element", "InverseVariance", "Quadrature", "Ratio", "Theirs", "Total"]

# Every recipe has ``needs``, the columns of theirs that it takes, and is called with a function
# that returns such a column as float64, NaN where there is no value.


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
    """The error of a sum."""

    needs: tuple[str, ...]
    factor: float = 1.0

    def __call__(self, their):
        return self.factor * np.sqrt(sum(their(name) ** 2 for name in self.needs))


@dataclass(frozen=True)
class InverseVariance:
    """The error of one line, or of a doublet's sum, from inverse variances; zero means no measurement."""

    needs: tuple[str, ...]

    def __call__(self, their):
        variance = 0.0
        for name in self.needs:
            ivar = their(name)
            variance = variance + 1 / np.where(ivar > 0, ivar, np.nan)
        return np.sqrt(variance)


@dataclass(frozen=True)
class Ratio:
    """An equivalent width, positive in emission, from a flux and the continuum under the line."""

    flux: str
    continuum: str

    @property
    def needs(self):
        return (self.flux, self.continuum)

    def __call__(self, their):
        continuum = their(self.continuum)
        return their(self.flux) / np.where(continuum > 0, continuum, np.nan)


@dataclass(frozen=True)
class AbsorptionCorrected:
    """
    A Balmer line's value, raised by the stellar absorption that it fills.

    The factor is (EW + absorption) / EW, equation 5 of Hopkins et al. (2013MNRAS.430.2047H). An error
    is raised by the same factor, so that the signal-to-noise ratio remains the measured one.
    """

    value: str
    ew: str
    absorption: float = 2.5

    @property
    def needs(self):
        return (self.value, self.ew)

    def __call__(self, their):
        ew = their(self.ew)
        return their(self.value) * (1 + self.absorption / np.where(ew > 0, ew, np.nan))


@dataclass(frozen=True)
class Element:
    """One element, or the sum of several, of a column of vectors."""

    name: str
    indices: tuple[int, ...]

    @property
    def needs(self):
        return (self.name,)

    def __call__(self, their):
        return their(self.name)[:, list(self.indices)].sum(axis=1)
