# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What is to be done to every chunk of a table: settled once, on its first rows."""

import re
import warnings
from dataclasses import dataclass, field

from astropy.table import MaskedColumn

from agnsf import catalogs
from agnsf.columns import AgnsfWarning, require_columns
from agnsf.cutouts import Access, Framing, image_recipe, iter_cutouts, recipe_differences
from agnsf.inference.decision import Decision, choose_decision
from agnsf.inference.meaning import meaning
from agnsf.models import Model, default_model, load_model
from agnsf.plugins import load_image_source
from agnsf.roles import ImageSource

__all__ = ["Task", "make_task"]


@dataclass(frozen=True)
class Task:
    """
    How the galaxies of one table are classified.

    Parameters
    ----------
    name : str
        The model's name or folder.
    model : `~agnsf.models.Model`
        The model.
    source : ImageSource
        Where the cutouts come from, prepared.
    framing : `~agnsf.cutouts.Framing`
        How they are framed.
    access : `~agnsf.cutouts.Access`
        How they are asked for.
    decision : Decision
        What is called AGN.
    columns : dict of str to str
        Names in the table of columns of ours.
    radius_kind : str or None
        Kind of radius that frames the galaxies.
    """

    name: str
    model: Model
    source: ImageSource
    framing: Framing
    access: Access
    decision: Decision
    columns: dict[str, str] = field(default_factory=dict)
    radius_kind: str | None = None
    _warned: set = field(default_factory=set, repr=False, compare=False)

    @property
    def recipe(self):
        """The image recipe of this run."""
        return image_recipe(self.source, self.framing, radius_kind=self.radius_kind)

    def view(self, table):
        """
        Return a table by our column names and units; what it warns of, it warns of once.

        Parameters
        ----------
        table : `~astropy.table.Table`
            Rows of the user's table.

        Returns
        -------
        view : `~astropy.table.Table`
            Of the same rows (`agnsf.catalogs.translate`).
        """
        wanted = (*self.framing.wanted_columns(self.source), *self.model.classifier.columns)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            view = catalogs.translate(
                table, wanted, optional=self.model.ranges, columns=self.columns, radius_kind=self.radius_kind
            )
        for one in caught:
            kind = (one.category, re.sub(r"\d+", "N", str(one.message)))
            if kind not in self._warned:
                self._warned.add(kind)
                warnings.warn(one.message, one.category, stacklevel=3)
        who = f"Classifier {self.model.classifier.name!r}"
        require_columns(view, self.model.classifier.columns, who=who)
        return view

    def cutouts(self, view, finish):
        """Return `agnsf.cutouts.iter_cutouts` of the rows of a view."""
        return iter_cutouts(view, self.source, framing=self.framing, access=self.access, finish=finish)

    def finished(self, columns):
        """
        Return the columns as they come into the table.

        Parameters
        ----------
        columns : dict of str to array-like
            Of `classify_chunk`.

        Returns
        -------
        columns : dict of str to array-like
            With ``predicted``, without ``image_message``, and with the meaning of ``p_agn`` as its description.
        """
        done = self.decision.apply(columns)
        done.pop("image_message", None)
        about = meaning(self.model.info.get("labels", {}), prior=self.decision.prior)
        done["p_agn"] = MaskedColumn(done["p_agn"], description=about)
        return done

    def stage(self, **about):
        """
        Return what the provenance tells of this stage.

        Parameters
        ----------
        **about
            What the caller adds.

        Returns
        -------
        stage : dict
            For `agnsf.catalogs.add_columns`.
        """
        labels = self.model.info.get("labels", {})
        return {
            "stage": "classify",
            "model": self.name,
            "classifier": self.model.classifier.name,
            "labels": labels,
            "images": self.recipe,
            **self.decision.record(),
            **about,
        }


def _framing_of(recipe):
    known = {name: recipe.get(name) for name in ("size", "field_of_view", "pixel_scale", "radius")}
    return Framing(**{name: value for name, value in known.items() if value is not None})


def _warn_of_differences(model, recipe):
    differences = recipe_differences(model.recipe, recipe)
    if differences:
        warnings.warn(
            "THE IMAGES ARE NOT LIKE THOSE THAT THE MODEL WAS TRAINED ON, and p_agn may be worth nothing. "
            f"The model's and yours: {'; '.join(differences)}",
            AgnsfWarning,
            stacklevel=4,
        )


def make_task(
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
    columns=None,
    radius_kind=None,
):
    """
    Settle how a table is to be classified.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The user's table, or its first rows.
    images : str, ImageSource or None, optional
        Where the cutouts come from; by default where the model's came from, else ``legacysurvey``.
    classifier : str, path-like, `~agnsf.models.Model` or None, optional
        The model; by default the one that ships for the color of the images.
    framing : `~agnsf.cutouts.Framing`, callable or None, optional
        How cutouts are framed; by default as the model's were. A callable gets the model's image
        recipe.
    access : `~agnsf.cutouts.Access` or None, optional
        How they are asked for.
    threshold, purity, completeness, of, prior, drop_unfamiliar
        As in `choose_decision`.
    columns, radius_kind
        As in `agnsf.catalogs.translate`.

    Returns
    -------
    task : Task
        What to do.

    Raises
    ------
    AgnsfError
        If the parts do not fit each other or the table.

    Warns
    -----
    AgnsfWarning
        If the images differ from those that the model was trained on.
    """
    model = None if classifier is None else classifier if isinstance(classifier, Model) else load_model(classifier)
    source = images or (model.recipe.get("source") if model else None) or "legacysurvey"
    source = load_image_source(source) if isinstance(source, str) else source
    columns = dict(columns or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgnsfWarning)  # of the table: it is looked at again, below
        wanted = Framing().wanted_columns(source)
        view = catalogs.translate(table, wanted, columns=columns, radius_kind=radius_kind)
    require_columns(view, source.needs, who=f"Image source {source.name!r}")
    source = source.prepare(view)
    if model is None:
        classifier = default_model(source.color)
        model = load_model(classifier)
    if not isinstance(framing, Framing):
        framing = (framing or _framing_of)(model.recipe)
    decision = choose_decision(
        classifier,
        threshold=threshold,
        purity=purity,
        completeness=completeness,
        of=of,
        prior=prior,
        drop_unfamiliar=drop_unfamiliar,
    )
    name = "given" if isinstance(classifier, Model) else str(classifier)
    task = Task(name, model, source, framing, access or Access(), decision, columns, radius_kind)
    _warn_of_differences(model, task.recipe)
    return task
