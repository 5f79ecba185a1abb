# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf measure``."""

import click

__all__ = ["command"]


@click.command("measure")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
