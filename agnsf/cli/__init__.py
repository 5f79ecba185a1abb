# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The command line: one short file for each command, found by its name."""

import os
import warnings
from contextlib import contextmanager
from importlib import import_module

import click

__all__ = ["main"]

_COMMANDS = (
    "label",
    "fetch",
    "measure",
    "train",
    "classify",
    "evaluate",
    "plot",
    "simulate",
    "hats",
    "cache",
    "models",
    "plugins",
)


def _one_line(exc):
    """Return what the user is to read of an exception."""
    from agnsf.columns import AgnsfError

    text = " ".join([str(exc), *(f"({note})" for note in getattr(exc, "__notes__", ()))])
    expected = isinstance(exc, (AgnsfError, OSError))
    return " ".join((text if expected else f"{type(exc).__name__}: {text}").split())


@contextmanager
def _warnings_as_lines(arguments):
    """Show each warning as one line."""
    if not {"-h", "--help"} & set(arguments):  # help is to load nothing
        import astropy  # noqa: F401  -- now, because its logger takes the warnings over when it is imported
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        yield


class _Commands(click.Group):
    """Import a command when it is named, and turn every error into one line."""

    def list_commands(self, ctx):
        return list(_COMMANDS)

    def get_command(self, ctx, name):
        return import_module(f"agnsf.cli.{name}").command if name in _COMMANDS else None

    def invoke(self, ctx):
        with _warnings_as_lines(ctx.args):
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.Abort, click.exceptions.Exit):
                raise
            except Exception as exc:
                if os.environ.get("AGNSF_DEBUG"):
                    raise
                raise click.ClickException(_one_line(exc)) from exc


def _show_warning(message, category, filename, lineno, file=None, line=None):
    click.echo(f"Warning: {' '.join(str(message).split())}", err=True)


def _print_version(ctx, param, value):
    if value:
        import agnsf

        click.echo(f"agnsf {agnsf.__version__}")
        ctx.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
    epilog="Example:  agnsf classify galaxies.fits --images legacysurvey",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Show the version."
)
def main():
    """Tell galaxies with an active nucleus (AGN) from star-forming galaxies (SF) by their images."""
