# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf label``."""

import click

__all__ = ["command"]


@click.command("label")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
