# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf simulate``."""

import click

__all__ = ["command"]


@click.command("simulate")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
