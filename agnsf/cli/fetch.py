# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""``agnsf fetch``."""

from dataclasses import replace
from pathlib import Path

import click

from agnsf.cli.options import beside, columns_option, id_option, image_options, quiet_option, table_argument

__all__ = ["command"]

_folder = click.Path(file_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, path_type=Path)


@click.command("fetch", epilog="Example:  agnsf fetch galaxies.fits --contact-sheet sheet.png")
@table_argument
@image_options
@columns_option
@id_option
@quiet_option
@click.option("--export", type=_folder, metavar="FOLDER", help="Link the files of the cutouts to ID.jpeg in FOLDER.")
@click.option("--pack", type=_folder, metavar="FOLDER", help="Decode the cutouts into one array in FOLDER.")
@click.option("--contact-sheet", "sheet", type=_file, metavar="PNG", help="Draw the first 64 cutouts.")
@click.option("-o", "--output", type=_file, help="File to write; default: TABLE with _agnsf before the suffix.")
def command(table, images, columns, id_column, quiet, export, pack, sheet, output):
    """Fetch the cutout of each galaxy in TABLE into the cutout cache, and write how it went."""
    from agnsf import catalogs, cutouts, fetch
    from agnsf.files import replacing

    if export and pack:
        raise click.UsageError("--export and --pack exclude each other: what is packed has no files")
    columns = {**columns, "id": id_column} if id_column else columns
    source, framing, access = images.source(), images.framing(), images.access()
    galaxies = catalogs.read_table(table)
    view = catalogs.translate(galaxies, framing.wanted_columns(source), columns=columns, radius_kind=images.radius_kind)
    source = source.prepare(view)
    options = {"columns": columns, "radius_kind": images.radius_kind, "pack": pack, "progress": not quiet}
    fetched = fetch(galaxies, images=source, framing=framing, access=access, **options)
    catalogs.write_table(fetched, output or beside(table))
    names = view["id"] if "id" in view.colnames else None
    if not quiet:
        summary = cutouts.summarize(fetched["image_status"], names=names, messages=fetched["image_message"])
        click.echo(summary, err=True)
    if sheet:
        once = replace(access, refresh=False)
        drawing = cutouts.draw_sheet(view, source, fetched=fetched, names=names, framing=framing, access=once)
        with replacing(sheet) as temporary:
            drawing.save(temporary, "png")
    cutouts.require_images(fetched["image_status"], messages=fetched["image_message"])
    if export:
        if names is None:
            raise click.UsageError("--export names files by the column id; say by --id which one that is")
        cutouts.export_files(fetched["image_path"], names, export)
