# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train: a model from the labeled galaxies and their cutouts."""

__all__ = ["train"]


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
