# Licensed under a 3-clause BSD style license - see LICENSE.rst
import re
from pathlib import Path

import pytest
from astropy.table import Table

from agnsf import catalogs
from agnsf.columns import COLUMNS, IMAGE_STATUSES, LABELS, LINE_FLUXES, SPLITS

DOCS = Path(__file__).parents[1] / "docs"
LINES = [*LINE_FLUXES, *(f"{name}_err" for name in LINE_FLUXES), "h_alpha_ew"]


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_column_of_ours_is_documented():
    text = page("columns.rst")
    short = {name for name in COLUMNS if name.endswith("_err")}  # stand as "and so on"
    assert [name for name in COLUMNS if f"``{name}``" not in text and name not in short] == []


@pytest.mark.parametrize("word", [*LABELS, *SPLITS, *IMAGE_STATUSES])
def test_every_value_of_a_column_of_ours_is_documented(word):
    assert f"``{word}``" in page("columns.rst")


@pytest.mark.parametrize("one", catalogs.CATALOGS.values(), ids=lambda one: one.name)
def test_every_catalog_is_documented_with_its_citations(one):
    text = page("catalogs.rst")
    assert f"``{one.name}``" in text
    assert all(code in text for code in one.citations)


def queries():
    blocks = re.findall(r"code-block:: sql\n\n((?:    .*\n)+)", page("catalogs.rst"))
    return [re.search(r"SELECT(.*?)FROM", block, re.DOTALL)[1] for block in blocks]


@pytest.mark.parametrize(
    "selected, name", list(zip(queries(), ["mpa-jhu", "portsmouth"], strict=True)), ids=["mpa-jhu", "portsmouth"]
)
def test_query_of_the_documentation_gives_all_that_labelers_use(selected, name):
    columns = [re.split(r"\.|\s+AS\s+", item.strip())[-1] for item in selected.split(",")]
    table = Table({column: [0.05 if column == "redshift" else 20.0] for column in columns})
    assert catalogs.recognize(table).name == name
    wanted = [*LINES, "id", "ra", "dec", "z", "radius", "aperture"]
    found = catalogs.translate(table, wanted)
    assert [one for one in wanted if one not in found.colnames or found[one].tolist() == [None]] == []
