# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf cache``."""

import click

__all__ = ["command"]


def _describe(info):
    return f"{info.files} cutouts, {info.outside} places known to be outside a footprint, {info.size / 2**20:.1f} MiB"


@click.group("cache", epilog="Example:  agnsf cache info")
def command():
    """Show or empty the cutout cache."""


@command.command("info", epilog="Example:  agnsf cache info")
def info():
    """Print where the cutout cache lies and how large it is."""
    from agnsf.cache import CutoutCache

    found = CutoutCache().info()
    click.echo(f"{found.folder}: {_describe(found)}")


@command.command("clear", epilog="Example:  agnsf cache clear")
def clear():
    """Remove everything from the cutout cache."""
    from agnsf.cache import CutoutCache

    found = CutoutCache().clear()
    click.echo(f"Removed from {found.folder}: {_describe(found)}")
