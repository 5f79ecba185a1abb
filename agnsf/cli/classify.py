# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf classify``."""

import click

__all__ = ["command"]


@click.command("classify")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
