# Licensed under a 3-clause BSD style license - see LICENSE.rst
from dataclasses import dataclass
from typing import Literal

import click
import pytest

import agnsf
from agnsf.cli.options import beside, pairs, parse_options


@dataclass(frozen=True)
class Everything(agnsf.Labeler):
    """Options of every kind."""

    cut: float | None = 3.0
    count: int = 1
    strict: bool = False
    word: str = "x"
    bands: tuple[str, ...] = ("g",)
    box: tuple[float, float] = (0.0, 1.0)
    snr: dict[str, float] | float | None = None
    kind: Literal["jpeg", "fits"] = "jpeg"

    name = "everything"

    def label(self, table): ...


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("cut", "2.5", 2.5),
        ("cut", "none", None),
        ("count", "7", 7),
        ("strict", "true", True),
        ("strict", "False", False),
        ("word", "a=b,c", "a=b,c"),
        ("bands", "g,r,z", ("g", "r", "z")),
        ("box", "1,2", (1.0, 2.0)),
        ("snr", "h_alpha=3,oi_6300=1", {"h_alpha": 3.0, "oi_6300": 1.0}),
        ("snr", "5", 5.0),
        ("kind", "fits", "fits"),
    ],
)
def test_text_is_parsed_by_the_annotation(key, text, value):
    assert parse_options(Everything, {key: text}, "-L") == {key: value}


@pytest.mark.parametrize(
    ("key", "text", "complaint"),
    [
        ("cut", "three", "-L cut=three: expected a number or none"),
        ("count", "1.5", "expected a whole number"),
        ("strict", "1", "expected true or false"),
        ("box", "1", "expected a,b,... of a number"),
        ("kind", "png", "expected jpeg or fits"),
        ("snr", "h_alpha", "expected key=value,key=value of a number or a number or none"),
        ("snrr", "3", "'everything' has no such option; it has cut, count"),
    ],
)
def test_anything_else_is_a_usage_error_that_names_the_type(key, text, complaint):
    with pytest.raises(click.UsageError) as caught:
        parse_options(Everything, {key: text}, "-L")
    assert complaint in caught.value.message


@pytest.mark.parametrize("texts", [("novalue",), ("=3",), ("a=1", "a=2")])
def test_what_is_no_pair_is_a_usage_error(texts):
    with pytest.raises(click.BadParameter):
        pairs(None, None, texts)


def test_output_stands_beside_the_input(tmp_path):
    assert beside(tmp_path / "my.table.fits").name == "my.table_agnsf.fits"
