# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf simulate``."""

from pathlib import Path

import click

__all__ = ["command"]


@click.command("simulate", epilog="Example:  agnsf simulate 2000 --seed 1 -o simulated.fits")
@click.argument("n", type=click.IntRange(min=1))
@click.option("--seed", type=click.IntRange(min=0), default=0, help="The same seed gives the same galaxies.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Table to write.")
def command(n, seed, output):
    """Write a table of N simulated galaxies, whose images '--images simulated' renders.

    Nothing that is measured on simulated galaxies is evidence about nature.
    """
    from agnsf import catalogs
    from agnsf.simulate import simulate

    catalogs.write_table(simulate(n, seed=seed), output)
