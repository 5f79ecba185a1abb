# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf models``."""

import click

__all__ = ["command"]


@click.command("models", epilog="Example:  agnsf models")
def command():
    """List the models that ship, with the images they are for and how well they do."""
    from agnsf.models import describe_model, shipped_models

    for name in shipped_models():
        click.echo(describe_model(name))
