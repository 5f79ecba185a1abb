# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Fetch: a cutout of each galaxy, kept in the cutout cache."""

__all__ = ["fetch"]


def fetch(
    table,
    *,
    images="legacysurvey",
    framing=None,
    access=None,
    columns=None,
    radius_kind=None,
    pack=None,
    progress=False,
):
    """
    Ask for the cutout of each galaxy, keep it in the cutout cache, and tell how it went.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns that the image source needs.
    images : str or `~agnsf.ImageSource`, optional
        Where the cutouts come from.
    framing : `~agnsf.cutouts.Framing`, optional
        How they are framed.
    access : `~agnsf.cutouts.Access`, optional
        How they are asked for.
    columns : dict of str to str, optional
        Names in the table of columns of ours: ``{"ra": "ALPHA_J2000"}``.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.
    pack : path-like, optional
        Decode the cutouts into a pack in this folder (`agnsf.datasets.pack`), for the image
        source ``pack``.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    table : `~astropy.table.Table`
        A new table with the columns ``image_status``, ``image_message`` (why the status is not
        ``ok``; masked where it is), and ``image_path`` (the file that holds the cutout as it
        came; masked where there is none) or, for a pack, ``pack_row``.

    Raises
    ------
    ColumnError
        If the table lacks a column that the image source needs.

    Examples
    --------
    >>> from astropy.table import Table
    >>> import agnsf
    >>> agnsf.fetch(Table({'id': ['M 31']}), images='folder')['image_status'].tolist()
    ['missing']
    """
    from agnsf import catalogs, cutouts, datasets
    from agnsf.plugins import load_image_source

    source = load_image_source(images) if isinstance(images, str) else images
    framing = framing or cutouts.Framing()
    view = catalogs.translate(table, framing.wanted_columns(source), columns=columns, radius_kind=radius_kind)
    source = source.prepare(view)
    recipe = cutouts.image_recipe(source, framing, radius_kind=radius_kind)
    if pack is None:
        new = cutouts.fetch_all(view, source, framing=framing, access=access, progress=progress)
    else:
        packed = datasets.pack(
            view,
            source,
            input="rgb" if source.bands == "rgb" else "flux",
            size=framing.size,
            framing=framing,
            access=access,
            radius_kind=radius_kind,
            folder=pack,
            progress=progress,
        )
        new = {name: packed.table[name] for name in ("image_status", "image_message", "pack_row")}
    return catalogs.add_columns(table, new, stage={"stage": "fetch", "images": recipe})
