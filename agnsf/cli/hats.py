# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf hats``."""

from pathlib import Path

import click

from agnsf.cli.options import columns_option, quiet_option, table_argument

__all__ = ["command"]


@click.command("hats", epilog="Example:  agnsf hats galaxies.parquet -o galaxies.hats")
@table_argument
@click.option("--partition-rows", type=click.IntRange(1), default=1_000_000, help="Rows of a partition at most.")
@columns_option
@quiet_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder to write.")
def command(table, partition_rows, columns, quiet, output):
    """Write TABLE as a HATS catalog, which agnsf classify --scheduler spreads over a cluster."""
    from agnsf import catalogs
    from agnsf.distributed import make_catalog

    galaxies = catalogs.read_table(table)
    make_catalog(galaxies, output, columns=columns, partition_rows=partition_rows)
    if not quiet:
        click.echo(f"Wrote {len(galaxies)} galaxies into {output}", err=True)
