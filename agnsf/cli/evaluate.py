# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf evaluate``."""

import click

__all__ = ["command"]


@click.command("evaluate")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
