# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf train``."""

import click

__all__ = ["command"]


@click.command("train")
def command():
    """Be written soon."""
    raise click.ClickException("not yet")
