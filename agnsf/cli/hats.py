# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf hats``."""

import click

__all__ = ["command"]


@click.command("hats")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
