# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf plot``."""

import click

__all__ = ["command"]


@click.command("plot")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
