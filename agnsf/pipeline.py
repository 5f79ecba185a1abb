# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The stages: label, fetch, measure, train, evaluate, classify; table in, new table out."""

__all__ = ["classify", "evaluate", "fetch", "label", "measure", "train"]


def label(table, *, labeler="kewley2001-cut", columns=None, catalog=None, monte_carlo=0, seed=0):
    """
    Add the class of each galaxy, from its emission lines.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns that the labeler requires, under our names, those of a catalog that agnsf
        knows, or those that ``columns`` gives.
    labeler : str, `~agnsf.Labeler`, or sequence of them, optional
        The rule, or several.
    columns : dict of str to str, optional
        Names in the table of columns of ours: ``{"h_alpha_flux": "HA"}``.
    catalog : str, optional
        The published catalog whose columns these are; by default it is recognized by them.
    monte_carlo : int, optional
        How often to draw the measurements from their errors, for the columns ``p_label_agn`` and so
        on: the share of the draws with each label.
    seed : int, optional
        Of the random draws.

    Returns
    -------
    table : `~astropy.table.Table`
        A new table with the columns ``label`` (masked where it cannot be told), ``label_flag`` (why),
        ``subclass`` where the labeler has one, and the line ratios that it used. Several labelers
        write ``label_NAME`` and so on; ``label`` is the first one's.

    Raises
    ------
    ColumnError
        If the table lacks a column that a labeler requires.

    Examples
    --------
    >>> from astropy.table import Table
    >>> import agnsf
    >>> table = Table({'h_alpha_flux': [100.0, 100.0], 'nii_6584_flux': [25.0, 80.0],
    ...                'h_beta_flux': [30.0, 30.0], 'oiii_5007_flux': [30.0, 90.0]})
    >>> agnsf.label(table, labeler='kauffmann2003')['label'].tolist()
    ['SF', 'AGN']
    """
    from agnsf import catalogs
    from agnsf.labelers.combine import check_errors, combine, describe, wanted_columns
    from agnsf.labelers.monte_carlo import label_probabilities
    from agnsf.plugins import blame, load_labeler
    from agnsf.roles import Labeler

    several = [labeler] if isinstance(labeler, (str, Labeler)) else list(labeler)
    labelers = [load_labeler(one) if isinstance(one, str) else one for one in several]
    view = catalogs.translate(table, wanted_columns(labelers), columns=columns, catalog=catalog)
    known = catalogs.recognize(table, catalog=catalog)
    found = []
    for one in labelers:
        catalogs.require(view, one.requires, who=f"Labeler {one.name!r}")
        check_errors(one, view, known)
        with blame(one):
            found.append(dict(one.label(view)))
            if monte_carlo:
                found[-1] |= label_probabilities(one, view, draws=monte_carlo, seed=seed)
    stage = {"stage": "label", **describe(labelers, table, catalog=catalog)}
    if monte_carlo:
        stage |= {"monte_carlo": monte_carlo, "seed": seed}
    return catalogs.add_columns(table, combine(labelers, found, length=len(table)), stage=stage)


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


def train(
    table,
    *,
    output,
    images="legacysurvey",
    classifier="cnn",
    framing=None,
    access=None,
    columns=None,
    radius_kind=None,
    sampling=None,
    options=None,
    calibration="temperature",
    seed=0,
    device="auto",
    resume=False,
    progress=False,
):
    """
    Train a classifier on the labeled galaxies, and write a model folder.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the column ``label``, and those that the image source and the classifier need.
    output : path-like
        The model folder to write.
    images : str or `~agnsf.ImageSource`, optional
        Where the images come from.
    classifier : str or `~agnsf.Classifier`, optional
        What learns. One that holds a trained network (`agnsf.models.load_model`) goes on from it.
    framing : `~agnsf.cutouts.Framing`, optional
        How the images are framed.
    access : `~agnsf.cutouts.Access`, optional
        How they are asked for.
    columns : dict of str to str, optional
        Names in the table of columns of ours.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.
    sampling : `~agnsf.training.Sampling`, optional
        Which galaxies are for training, validation and test, and what composites count as.
    options : `~agnsf.training.TrainingOptions`, optional
        How a network is trained.
    calibration : str, optional
        How the output is turned into probabilities: one of `agnsf.evaluation.CALIBRATION_METHODS`.
    seed : int, optional
        Of everything that is drawn.
    device : str, optional
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    resume : bool, optional
        Go on with the training that was begun in the folder; one that is finished is left alone.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    table : `~astropy.table.Table`
        A new table with the column ``split``: train, validation or test, or masked where a
        given one is.

    Raises
    ------
    ColumnError
        If the table lacks a column, or ``label`` holds a value that is no class.
    TrainingError
        If the folder holds something else, or there is nothing to learn from.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import agnsf
    >>> from agnsf.cutouts import Framing
    >>> from agnsf.simulate import simulate
    >>> from agnsf.training import TrainingOptions
    >>> table = agnsf.label(simulate(60, seed=1))
    >>> with TemporaryDirectory() as folder:
    ...     trained = agnsf.train(table, images='simulated', framing=Framing(size=32), output=f'{folder}/model',
    ...                           options=TrainingOptions(epochs=1))
    >>> trained['split'].tolist().count('train')
    45
    """
    import numpy as np

    from agnsf import catalogs
    from agnsf.cutouts import Framing
    from agnsf.datasets import strings
    from agnsf.plugins import load_classifier, load_image_source
    from agnsf.training import make_model

    source = load_image_source(images) if isinstance(images, str) else images
    learner = load_classifier(classifier) if isinstance(classifier, str) else classifier
    framing = framing or Framing()
    ours = ("id", "ra", "dec", "label", "subclass", "split", "aperture")
    wanted = dict.fromkeys((*ours, *framing.wanted_columns(source), *learner.columns))
    view = catalogs.translate(table, list(wanted), columns=columns, radius_kind=radius_kind)
    _, parts = make_model(
        view,
        learner,
        source,
        folder=output,
        framing=framing,
        access=access,
        radius_kind=radius_kind,
        sampling=sampling,
        options=options,
        calibration=calibration,
        seed=seed,
        device=device,
        resume=resume,
        progress=progress,
    )
    given = "split" in table.colnames and np.array_equal(strings(table["split"]), parts)
    new = {} if given else {"split": np.ma.masked_equal(parts, "")}
    return catalogs.add_columns(table, new, stage={"stage": "train", "model": str(output), "seed": seed})


def evaluate(
    table,
    *,
    others=None,
    name="p_agn",
    composites=None,
    weight=None,
    questions=None,
    bootstrap=None,
    keep=(),
    columns=None,
    radius_kind=None,
):
    """
    Compare ``p_agn`` with ``label``, where both are known.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With the columns ``label`` and ``p_agn``. Where it has ``split``, thresholds are chosen on its
        validation rows and the metrics are those of its test rows.
    others : dict of str to `~astropy.table.Table`, optional
        Tables of the same rows with the ``p_agn`` of other classifiers, to compare with, by name.
    name : str, optional
        What to call the table itself.
    composites : {'agn', 'sf', 'drop'} or None, optional
        What composites count as; by default what the labeler says, and AGN where it does not.
    weight : str, optional
        Column of weights.
    questions : `~agnsf.evaluation.Questions`, optional
        What to find out beside the metrics: groups, galaxies alike in some columns, baselines.
    bootstrap : `~agnsf.evaluation.Bootstrap`, optional
        Level, number of resamples and seed of the intervals.
    keep : sequence of str, optional
        Columns of ours that the pictures of a report need, beside those of every evaluation.
    columns : dict of str to str, optional
        Names in the tables of columns of ours: ``{"p_agn": "PROB"}``.
    radius_kind : str, optional
        Kind of radius to frame the galaxies by, where it is not to be the Petrosian one.

    Returns
    -------
    evaluation : `~agnsf.evaluation.Evaluation`
        Every metric with its interval. `agnsf.report.write_evaluation` writes its files.

    Raises
    ------
    ColumnError
        If a column is missing.
    EvaluationError
        If no row has both a class and a probability, or the other tables are of other galaxies.

    Examples
    --------
    >>> from astropy.table import Table
    >>> import agnsf
    >>> table = Table({'label': ['SF', 'SF', 'AGN', 'AGN'], 'p_agn': [0.1, 0.6, 0.4, 0.9]})
    >>> agnsf.evaluate(table).metrics['roc_auc'].value
    0.75
    """
    from agnsf.evaluation import Questions, evaluate_table
    from agnsf.evaluation.views import evaluation_view, threshold_in_use

    questions = questions or Questions()
    wanted = (*questions.wanted_columns(), *keep)
    return evaluate_table(
        evaluation_view(table, wanted, columns=columns, radius_kind=radius_kind),
        name=name,
        composites=composites,
        weight=weight,
        in_use=threshold_in_use(table, columns),
        questions=questions,
        others={
            key: (
                evaluation_view(other, wanted, columns=columns, radius_kind=radius_kind),
                threshold_in_use(other, columns),
            )
            for key, other in (others or {}).items()
        },
        bootstrap=bootstrap,
    )


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
    prior=None,
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
    prior : float, optional
        Share of AGN in the population at hand, to which ``p_agn`` is moved.
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
        prior=prior,
        columns=columns,
        radius_kind=radius_kind,
    )
    engine = Engine(task.model, device=device, precision=precision, rows=len(table))
    with Meter(total=len(table), progress=progress) as meter:
        found = classify_chunk(task.view(table), engine, task, meter=meter)
    return catalogs.add_columns(table, task.finished(found), stage=task.stage(**engine.record()))
