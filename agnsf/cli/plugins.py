# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf plugins``."""

import click

__all__ = ["command"]


@click.command("plugins", epilog="Example:  agnsf plugins")
def command():
    """List the labelers, image sources and classifiers that are installed, with their options."""
    from agnsf.plugins import describe, provided

    for one in provided():
        click.echo(describe(one))
