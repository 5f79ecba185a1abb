# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf fetch``."""

import click

__all__ = ["command"]


@click.command("fetch")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
