# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Every built-in labeler, image source and classifier through the contract of its role, and the contract itself."""

from dataclasses import dataclass

import numpy as np
import pytest
from astropy.table import Table
from tiny import Tiny

import agnsf
from agnsf import testing
from agnsf.simulate import simulate


@dataclass(frozen=True)
class _Writes(agnsf.Labeler):
    """Write into the input."""

    name = "writes"
    requires = ("x",)

    def label(self, table):
        table["x"][0] = 5.0
        return {"label": np.full(len(table), "SF")}


@dataclass(frozen=True)
class _Invents(agnsf.Labeler):
    """Invent a class."""

    name = "invents"

    def label(self, table):
        return {"label": np.full(len(table), "quasar")}


@dataclass(frozen=True)
class _Shortens(agnsf.Labeler):
    """Lose a row."""

    name = "shortens"

    def label(self, table):
        return {"label": np.full(max(len(table) - 1, 0), "SF")}


@dataclass(frozen=True)
class _Ranks(agnsf.Labeler):
    """Let the position decide."""

    name = "ranks"

    def label(self, table):
        return {"label": np.where(np.arange(len(table)) == 0, "AGN", "SF")}


@pytest.mark.parametrize(
    ("labeler", "complaint"),
    [
        (_Writes(), "wrote into its input"),
        (_Invents(), "gave the labels"),
        (_Shortens(), "returned 2 values of 'label' for 3 rows"),
        (_Ranks(), "depends on the other rows"),
    ],
)
def test_labeler_that_breaks_the_contract_is_found_out(labeler, complaint):
    with pytest.raises(AssertionError, match=complaint):
        testing.check_labeler(labeler, Table({"x": [1.0, 2.0, 3.0]}))


@dataclass(frozen=True)
class _FloatPicture(agnsf.ImageSource):
    """Give pixels of a wrong type."""

    name = "float-picture"

    def cutout(self, row, *, size, pixel_scale):
        return agnsf.Cutout(np.zeros((size, size, 3)))


def test_image_source_that_breaks_the_contract_is_found_out():
    with pytest.raises(AssertionError, match="a picture is uint8"):
        testing.check_image_source(_FloatPicture(), simulate(2, seed=3))


@dataclass(frozen=True)
class _Forgetful(agnsf.Classifier):
    """Lose what was learned when saved."""

    name = "forgetful"
    size = 8

    def fit(self, images, table, *, validation=None):
        return self._with(_mean=0.7)

    def predict(self, images, table):
        return np.full(len(images), getattr(self, "_mean", 0.5))

    def save(self, folder):
        pass

    def load(self, folder):
        return self


def test_classifier_that_breaks_the_contract_is_found_out():
    with pytest.raises(AssertionError, match="other values after save and load"):
        testing.check_classifier(_Forgetful())


def test_network_of_a_third_party_needs_nothing_but_the_method_network():
    methods = {name for name, one in vars(Tiny).items() if callable(one) and not name.startswith("__")}
    assert methods == {"network"}
    testing.check_classifier(Tiny())


@pytest.mark.parametrize("status", ["ok", "partial", "nonsense"])
def test_cutout_error_takes_only_a_failure(status):
    with pytest.raises(ValueError, match="must be one of outside, missing"):
        agnsf.CutoutError(status, "")
