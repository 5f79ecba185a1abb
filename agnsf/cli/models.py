# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf models``."""

import click

__all__ = ["command"]


@click.command("models")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
