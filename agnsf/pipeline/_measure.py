# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Measure: sizes, magnitudes and shapes of galaxies on their cutouts."""

__all__ = ["measure"]


def measure(
    table,
    *,
    images="legacysurvey",
    framing=None,
    access=None,
    columns=None,
    radius_kind=None,
    fwhm=1.3,
    progress=False,
):
    """
    Measure each galaxy on its cutout: size, magnitudes, color profile, concentration, shape.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns that the image source needs. Where a column ``ebv`` stands, magnitudes and
        colors are corrected for Galactic extinction, else they are not.
    images : str or `~agnsf.ImageSource`, optional
        Where the cutouts come from.
    framing : `~agnsf.cutouts.Framing`, optional
        How they are framed; by default six radii wide, so that there is sky around the galaxy.
    access : `~agnsf.cutouts.Access`, optional
        How they are asked for.
    columns : dict of str to str, optional
        Names in the table of columns of ours: ``{"ra": "ALPHA_J2000"}``.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.
    fwhm : float, optional
        Full width at half maximum of the point-spread function, in arcsec.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    table : `~astropy.table.Table`
        A new table with the columns of `agnsf.measure.measurement_names` in their units, masked
        where they could not be measured, ``image_status``, and ``measure_message``, which says
        why a galaxy could not be measured (masked where it could).

    Raises
    ------
    ColumnError
        If the table lacks a column that the image source needs.

    Examples
    --------
    >>> import agnsf.pipeline
    >>> from agnsf.simulate import simulate
    >>> measured = agnsf.pipeline.measure(simulate(1, seed=4), images='simulated')
    >>> measured['half_light_radius'].unit
    Unit("arcsec")
    """
    from agnsf import catalogs, cutouts
    from agnsf.cutouts.measuring import measure_all
    from agnsf.plugins import load_image_source

    source = load_image_source(images) if isinstance(images, str) else images
    framing = framing or cutouts.Framing(field_of_view=6.0)
    wanted = (*framing.wanted_columns(source), "ebv")
    view = catalogs.translate(table, wanted, columns=columns, radius_kind=radius_kind)
    source = source.prepare(view)
    new = measure_all(view, source, framing=framing, access=access, fwhm=fwhm, progress=progress)
    recipe = cutouts.image_recipe(source, framing, radius_kind=radius_kind)
    stage = {"stage": "measure", "images": recipe, "fwhm": fwhm, "extinction_corrected": "ebv" in view.colnames}
    return catalogs.add_columns(table, new, stage=stage)
