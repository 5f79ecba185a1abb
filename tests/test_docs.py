# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The documentation says what the code does."""

import contextlib
import inspect
import itertools
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

import agnsf
from agnsf import hookspecs, plugins, roles
from agnsf.cli import main
from agnsf.columns import COLUMNS, IMAGE_STATUSES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.rst"))
TEXTS = [ROOT / "README.md", *PAGES, *sorted((ROOT / "examples").rglob("*.md")), ROOT / "benchmarks" / "README.md"]


def headings(page):
    lines = (DOCS / page).read_text().replace("\\*", "*").splitlines()
    pairs = itertools.pairwise(lines)
    return {title for title, rule in pairs if title and re.fullmatch(r"([=\-^~*])\1{2,}", rule)}


def command_lines():
    """Return every ``$ agnsf …`` of the documentation, with the page that it stands on."""
    found = []
    for path in TEXTS:
        text = re.sub(r"\\\n\s*", "", path.read_text())
        found += [(path.name, line) for line in re.findall(r"^\s*\$ (?:.*&& )?(agnsf(?: .*)?)$", text, re.MULTILINE)]
    return found


@pytest.mark.parametrize("hook", [name for name in hookspecs.__all__ if name.startswith("register_")])
def test_each_hook_has_its_signature_as_a_heading(hook):
    signature = inspect.signature(getattr(hookspecs, hook))
    assert f"{hook}{signature}" in headings("hooks.rst")


@pytest.mark.parametrize("role", [name for name in roles.__all__ if name not in ("Cutout", "CutoutError")])
def test_each_method_of_a_role_has_its_signature_as_a_heading(role):
    cls = getattr(roles, role)
    internal = {"accelerated", "with_module"}  # called by the core, and inherited by all that ship
    inherited = {name for base in cls.__mro__[1:] for name in vars(base)}
    own = {name for name, value in vars(cls).items() if inspect.isfunction(value) and not name.startswith("_")}
    for name in own - inherited - internal:
        parameters = [*inspect.signature(getattr(cls, name)).parameters.values()][1:]
        assert f"{name}{inspect.Signature(parameters)}" in headings("roles.rst")


def test_every_page_stands_in_a_table_of_contents():
    entries = set(re.findall(r"^    (\w+)$", (DOCS / "index.rst").read_text(), re.MULTILINE))
    assert entries == {path.stem for path in PAGES} - {"index"}


@pytest.mark.parametrize(("page", "line"), command_lines(), ids=lambda value: value[:60])
def test_every_command_line_of_the_documentation_is_understood(page, line):
    command, arguments = main, shlex.split(line, comments=True)[1:]
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"{page}: agnsf has no command {name}"
    with contextlib.suppress(click.exceptions.Exit):  # --help and --version end here
        assert command.make_context(line, arguments)


@pytest.mark.parametrize("name", sorted({one.cls.name for one in plugins.provided()}))
def test_every_builtin_is_in_the_user_guide(name):
    guide = "".join(path.read_text() for path in PAGES if path.stem != "roles")
    assert f"``{name}``" in guide


def test_every_column_and_image_status_is_documented():
    page = (DOCS / "columns.rst").read_text()
    errors = {name for name in COLUMNS if name.endswith("_err")}
    missing = [name for name in {*COLUMNS, *IMAGE_STATUSES} - errors if f"``{name}``" not in page]
    assert missing == []


def test_every_public_module_and_every_builtin_is_in_the_api_reference():
    page = (DOCS / "api.rst").read_text()
    documented = set(re.findall(r"^\.\. auto(?:modapi|class):: (agnsf[\w.]*)$", page, re.MULTILINE))
    package = Path(agnsf.__file__).parent
    modules = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    internal = {"__init__", "__main__", "_version", "cli", "hookspecs", "pipeline", "roles"}
    folders = {"labelers", "image_sources", "classifiers"}
    assert {f"agnsf.{name}" for name in modules - internal - folders} <= documented
    assert {one.path for one in plugins.provided()} <= documented


def test_changelog_fragments_have_a_type_that_towncrier_knows():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    types = {kind["directory"] for kind in settings["type"]}
    fragments = list((ROOT / settings["directory"]).glob("*.rst"))
    assert {path.name.split(".")[-2] for path in fragments} <= types
    for path in fragments:
        assert re.search(r"(?<!`)`(?!`)[^`]+`(?!`)", path.read_text()) is None, f"{path.name}: use double backticks"


def test_the_readme_shows_the_two_commands():
    text = (ROOT / "README.md").read_text()
    assert "pip install . && agnsf classify examples/galaxies.fits --images simulated" in text
    assert "pip install tox && tox -e test" in text
