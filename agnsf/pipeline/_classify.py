# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classify: a probability for each galaxy, from its cutout."""

__all__ = ["classify"]


def classify(
    table,
    *,
    images=None,
    classifier=None,
    framing=None,
    access=None,
    threshold=None,
    purity=None,
    completeness=None,
    of="AGN",
    prior=None,
    drop_unfamiliar=False,
    device="auto",
    precision="auto",
    columns=None,
    radius_kind=None,
    progress=False,
):
    """
    Give each galaxy the probability that it is an AGN, by its image.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns that the image source needs.
    images : str or `~agnsf.ImageSource`, optional
        Where the cutouts come from; by default where the model's came from, else ``legacysurvey``.
    classifier : str, path-like or `~agnsf.models.Model`, optional
        A model folder, or the name of a model that ships; by default the one that ships for the
        color of the images.
    framing : `~agnsf.cutouts.Framing`, optional
        How cutouts are framed; by default as those that the model was trained on.
    access : `~agnsf.cutouts.Access`, optional
        How they are asked for.
    threshold : float, optional
        Galaxies whose ``p_agn`` reaches it are predicted AGN; by default the model's own threshold.
    purity, completeness : float, optional
        Choose the threshold that reaches it on the model's validation galaxies.
    of : {'AGN', 'SF'}, optional
        The class whose purity or completeness that is.
    prior : float, optional
        Share of AGN in the population at hand, to which ``p_agn`` is moved.
    drop_unfamiliar : bool, optional
        Mask ``p_agn`` and ``predicted`` where the model says that it does not apply.
    device : str, optional
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    precision : {'auto', 'float32', 'bfloat16'}, optional
        Arithmetic of the network; ``auto`` is bfloat16 where the device has units for it.
    columns : dict of str to str, optional
        Names in the table of columns of ours: ``{"ra": "ALPHA_J2000"}``.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    table : `~astropy.table.Table`
        A new table of the same rows in the same order, with the columns ``image_status``, ``p_agn``
        and ``predicted``, and what else the model knows. All but the first are masked where there
        is no usable image.

    Raises
    ------
    AgnsfError
        If the table, the images and the model do not go together.

    Warns
    -----
    AgnsfWarning
        If the images differ from those that the model was trained on.

    Examples
    --------
    >>> import agnsf
    >>> from agnsf.simulate import simulate
    >>> agnsf.classify(simulate(2), images='simulated')['image_status'].tolist()
    ['ok', 'ok']
    """
    from agnsf import catalogs
    from agnsf.inference import Engine, Meter, classify_chunk, make_task

    task = make_task(
        table,
        images=images,
        classifier=classifier,
        framing=framing,
        access=access,
        threshold=threshold,
        purity=purity,
        completeness=completeness,
        of=of,
        prior=prior,
        drop_unfamiliar=drop_unfamiliar,
        columns=columns,
        radius_kind=radius_kind,
    )
    engine = Engine(task.model, device=device, precision=precision, rows=len(table))
    with Meter(total=len(table), progress=progress) as meter:
        found = classify_chunk(task.view(table), engine, task, meter=meter)
    return catalogs.add_columns(table, task.finished(found), stage=task.stage(**engine.record()))
