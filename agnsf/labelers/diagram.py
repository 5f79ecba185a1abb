# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What all diagrams share: a galaxy's class follows from the sides of some boundaries on which it lies."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from agnsf.columns import LabelFlag, float_values
from agnsf.labelers.lines import line_flags, log_ratio, minimum_snr
from agnsf.roles import Labeler

__all__ = ["Diagram", "Region"]

#: Rows at a time: few enough that the arrays of one block stay in the processor's cache.
_BLOCK = 32_768


class Region(NamedTuple):
    """
    What one region of a diagram means.

    Parameters
    ----------
    label : str
        Its class; empty if the diagram gives none there.
    subclass : str, optional
        Its finer class; empty if there is none.
    flag : int, optional
        Bits of ``label_flag``: why there is no class.
    """

    label: str
    subclass: str = ""
    flag: int = 0


def _blocks(n):
    return (slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))


def _all_finite(values):
    """Return whether all values are finite; a sum tells it fastest, and at worst errs by saying no."""
    return bool(np.isfinite(values.sum()))


def _width(words):
    """Return a string type for the words: where possible of 4, 8 or 16 bytes, which are copied much faster."""
    longest = max(map(len, words))
    return f"U{next((width for width in (1, 2, 4) if width >= longest), longest)}"


class _Words:
    """A masked column of words, written block by block; the empty word is masked."""

    def __init__(self, words, n):
        self.words = np.array(words, dtype=_width(words))
        self.empty = self.words == ""
        self.column = np.ma.MaskedArray(np.empty(n, dtype=self.words.dtype), mask=np.zeros(n, dtype=bool))

    def write(self, part, code):
        np.take(self.words, code, out=self.column.data[part], mode="clip")
        if self.empty[1:].any() or not code.all():
            self.column.mask[part] = self.empty.take(code)


@dataclass(frozen=True)
class Diagram(Labeler):
    """
    Base class of the labelers that look on which sides of some boundaries a galaxy lies.

    Attributes
    ----------
    ratios : dict of str to tuple of str
        The line ratios among the coordinates: the two fluxes of ``log10(first / second)``.
    values : tuple of str
        Columns that are coordinates as they are.
    boundaries : tuple of `~agnsf.labelers.curves.Boundary`
        The lines of the diagram.
    regions : tuple of `Region`
        What the codes 1, 2, ... of `decide` mean.
    valid : dict of str to tuple of float
        Where the diagram holds: for a column, the lowest value and the first that is too high.
        Where the value is not known, the galaxy passes.
    citations : tuple of str
        Bibcodes of the papers behind the diagram.
    """

    ratios: ClassVar[dict[str, tuple[str, str]]] = {}
    values: ClassVar[tuple[str, ...]] = ()
    boundaries: ClassVar[tuple] = ()
    regions: ClassVar[tuple[Region, ...]] = ()
    valid: ClassVar[dict[str, tuple[float, float]]] = {}
    citations: ClassVar[tuple[str, ...]] = ()

    # How a diagram works unless these are options of it.
    snr = None
    ties = "AGN"
    everywhere = True

    @abstractmethod
    def decide(self, *above):
        """
        Return the region of each galaxy.

        Parameters
        ----------
        *above : `~numpy.ndarray` of bool
            For each of the boundaries, whether the galaxy lies above it.

        Returns
        -------
        code : `~numpy.ndarray` of int
            1 for the first of ``regions``, and so on.
        """

    def coordinates(self, inputs):
        """
        Return where galaxies lie on the diagram.

        Parameters
        ----------
        inputs : dict of str to `~numpy.ndarray`
            The columns, NaN where they have no value.

        Returns
        -------
        at : dict of str to `~numpy.ndarray`
            The coordinates by name; NaN where one is not defined.
        """
        at = {name: log_ratio(inputs[above], inputs[below]) for name, (above, below) in self.ratios.items()}
        return at | {name: inputs[name] for name in self.values}

    def sides(self, at):
        """
        Return on which sides of the boundaries galaxies lie.

        Parameters
        ----------
        at : dict of str to `~numpy.ndarray`
            The coordinates.

        Returns
        -------
        above : list of `~numpy.ndarray` of bool
            One for each of ``boundaries``.
        """
        return [boundary.above(at, ties=self.ties == "AGN") for boundary in self.boundaries]

    def obstacles(self, inputs, at):
        """
        Return why galaxies have no place on the diagram.

        Parameters
        ----------
        inputs, at : dict of str to `~numpy.ndarray`
            The columns, and what `coordinates` made of them.

        Returns
        -------
        flag : `~numpy.ndarray` of int16
            Bits of `~agnsf.columns.LabelFlag`; 0 where nothing stands in the way.
        """
        undefined = np.zeros(len(next(iter(at.values()))), dtype=bool)
        for value in at.values():
            if not _all_finite(value):
                undefined |= np.isnan(value)
        flag = np.zeros(len(undefined), dtype=np.int16)
        if self.snr is not None or undefined.any():
            for name in dict.fromkeys(name for pair in self.ratios.values() for name in pair):
                flag |= line_flags(inputs[name], inputs.get(f"{name}_err"), snr=minimum_snr(self.snr, name))
            for name in self.values:
                flag[~np.isfinite(inputs[name])] |= LabelFlag.LINE_MISSING
            flag[undefined & (flag == 0)] = LabelFlag.LINE_MISSING  # the ratio is too large for a number
        if not self.everywhere:
            for name in self.valid.keys() & inputs.keys():
                low, high = self.valid[name]
                flag[(inputs[name] < low) | (inputs[name] >= high)] |= LabelFlag.OUT_OF_RANGE
        return flag

    def label(self, table):
        """Return the class of every row; see `agnsf.Labeler.label`."""
        names = (*self.requires, *(f"{name}_err" for name in self.requires), *self.optional)
        columns = {name: float_values(table, name) for name in names if name in table.colnames}
        n = len(table)
        words = {name: ["", *(getattr(region, name) for region in self.regions)] for name in ("label", "subclass")}
        written = {name: _Words(choice, n) for name, choice in words.items() if any(choice) or name == "label"}
        flag = np.zeros(n, dtype=np.int16)
        ratios = {name: np.ma.MaskedArray(np.empty(n), mask=np.zeros(n, dtype=bool)) for name in self.ratios}
        reasons = np.array([0, *(region.flag for region in self.regions)], dtype=np.int16)
        checked = self.snr is not None or (not self.everywhere and bool(self.valid.keys() & columns.keys()))
        with np.errstate(all="ignore"):  # whatever is no number gets a flag
            for part in _blocks(n):
                inputs = {name: values[part] for name, values in columns.items()}
                at = self.coordinates(inputs)
                code = self.decide(*self.sides(at))
                if checked or not all(map(_all_finite, at.values())):
                    flag[part] = self.obstacles(inputs, at)
                    code[flag[part] != 0] = 0
                if reasons.any():
                    flag[part] |= reasons.take(code)
                for column in written.values():
                    column.write(part, code)
                for name, column in ratios.items():
                    column.data[part] = at[name]
                    if not _all_finite(at[name]):
                        column.mask[part] = np.isnan(at[name])
        return {name: column.column for name, column in written.items()} | {"label_flag": flag} | ratios
