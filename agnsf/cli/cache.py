# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf cache``."""

import click

__all__ = ["command"]


@click.command("cache")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
