# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What all commands have in common: help, lazy imports, exit statuses, one-line errors."""

import json
import shlex
import subprocess
import sys

import click
import pytest
from astropy.table import Table
from click.testing import CliRunner

import agnsf
from agnsf.cli import main

COMMANDS = main.list_commands(None)
FLUXES = {"h_alpha_flux": [3.0], "h_beta_flux": [1.0], "oiii_5007_flux": [1.0], "nii_6584_flux": [2.0]}


def run(*arguments):
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "agnsf", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


def loaded(*arguments):
    """Return the packages that a process has imported at the end of a command, and its exit status."""
    script = (
        "import json, sys\n"
        "from agnsf.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    packages = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "    sys.stderr.write('\\n' + json.dumps([end.code, packages]))\n"
    )
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    status, packages = json.loads(done.stderr.splitlines()[-1])
    return status, set(packages)


def leaves(group, path=()):
    """Return every command below a group by its path."""
    found = {}
    for name in group.list_commands(None):
        command = group.get_command(click.Context(group), name)
        found |= leaves(command, (*path, name)) if isinstance(command, click.Group) else {(*path, name): command}
    return found


LEAVES = leaves(main)


def help_of(path, width=100):
    return CliRunner().invoke(main, [*path, "--help"], prog_name="agnsf", terminal_width=width).output


@pytest.fixture
def galaxies(tmp_path):
    path = tmp_path / "galaxies.ecsv"
    Table(FLUXES).write(path)
    return path


def test_help_loads_neither_torch_nor_astropy_nor_numpy():
    status, packages = loaded("--help")
    assert status == 0
    assert "agnsf" in packages
    assert packages.isdisjoint({"torch", "astropy", "numpy", "sklearn", "matplotlib", "pluggy"})


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_loads_no_torch(command):
    status, packages = loaded(command, "--help")
    assert status == 0
    assert packages.isdisjoint({"torch", "timm", "matplotlib", "sklearn", "photutils"})


def test_label_loads_no_torch(galaxies, tmp_path):
    status, packages = loaded("label", galaxies, "--labeler", "kauffmann2003", "-o", tmp_path / "out.ecsv")
    assert status == 0
    assert packages.isdisjoint({"torch", "timm", "sklearn", "photutils"})
    assert Table.read(tmp_path / "out.ecsv")["label"].tolist() == ["AGN"]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_help_says_what_the_command_does_and_gives_an_example(path):
    text = " ".join(help_of(path).split())
    assert text.startswith(f"Usage: agnsf {' '.join(path)} ")
    assert f"Example: agnsf {' '.join(path)}" in text
    assert LEAVES[path].help.strip().endswith(".")
    options = [one for one in LEAVES[path].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_example_of_the_help_is_understood(path):
    arguments = shlex.split(LEAVES[path].epilog.partition("Example:")[2])[1 + len(path) :]
    assert LEAVES[path].make_context(" ".join(path), arguments)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_help_fits_into_a_terminal(path):
    assert max(map(len, help_of(path, width=80).splitlines())) <= 80


def test_version_is_that_of_the_package():
    assert run("--version").stdout == f"agnsf {agnsf.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["label"], ["label", "x.fits", "--nonsense"], ["label", "x.fits", "-L", "snr"]],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(arguments):
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "Error: " in done.output


def test_unknown_option_of_a_plugin_is_status_2_and_lists_those_there_are(galaxies):
    done = run("label", galaxies, "--labeler", "kauffmann2003", "-L", "nope=1")
    assert done.returncode == 2
    assert "snr" in done.stderr


@pytest.mark.parametrize("command", ["label", "classify", "fetch"])
def test_missing_table_is_status_1_and_one_line(command, tmp_path):
    done = run(command, tmp_path / "nothing.fits")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert "nothing.fits" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_missing_column_is_status_1_and_names_those_there_are(tmp_path):
    Table({"a": [1.0], "b": [2.0]}).write(tmp_path / "odd.ecsv")
    done = run("label", tmp_path / "odd.ecsv")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "a, b" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_name_is_status_1_and_lists_the_names_there_are(galaxies):
    done = run("label", galaxies, "--labeler", "nope")
    assert done.returncode == 1
    assert "Error: No labeler named 'nope'; available: " in done.stderr
    assert "kauffmann2003" in done.stderr


def test_label_writes_beside_the_table_and_nothing_to_standard_output(galaxies):
    done = run("label", galaxies, "--labeler", "kauffmann2003")
    assert done.returncode == 0
    assert done.stdout == ""
    assert (galaxies.parent / "galaxies_agnsf.ecsv").exists()


def test_quiet_is_quiet(galaxies):
    done = run("label", galaxies, "--labeler", "kauffmann2003", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_missing_extra_is_one_line_that_says_how_to_install_it(galaxies, tmp_path):
    script = (
        "import sys\n"
        "sys.modules['lsdb'] = sys.modules['pandas'] = None\n"  # as if neither were installed
        "from agnsf.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", script, "hats", galaxies, "-o", tmp_path / "galaxies.hats"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "pip install 'agnsf[hats]'" in done.stderr


def test_debug_shows_the_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("AGNSF_DEBUG", "1")
    assert "Traceback" in run("label", tmp_path / "nothing.fits").stderr


def test_interrupted_command_leaves_no_file(galaxies, monkeypatch, tmp_path):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("agnsf.label", interrupted)
    before = set(tmp_path.iterdir())
    done = CliRunner().invoke(main, ["label", str(galaxies), "--labeler", "kauffmann2003"])
    assert done.exit_code == 1
    assert "Aborted" in done.output
    assert set(tmp_path.iterdir()) == before
