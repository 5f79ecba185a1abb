# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""From probability to AGN or SF: the threshold in use, and the population it is used on."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.table import Table

from agnsf.columns import AgnsfError
from agnsf.evaluation import EvaluationError, choose_threshold, estimate, shift_prior
from agnsf.models import Model, load_model, shipped_models

__all__ = ["Decision", "choose_decision"]


@dataclass(frozen=True)
class Decision:
    """
    How ``p_agn`` is moved to another population and turned into ``predicted``.

    Parameters
    ----------
    threshold : float
        Galaxies whose ``p_agn`` reaches it are predicted AGN, the others SF.
    base_rate : float or None, optional
        Share of AGN at which the model is calibrated.
    prior : float or None, optional
        Share of AGN in the population at hand, where it is another.
    with_lines : bool, optional
        Whether the threshold is one of ``p_lines`` times ``p_agn``: the probability that a galaxy is AGN
        *and* has the lines by which that can be told.
    drop_unfamiliar : bool, optional
        Whether ``p_agn`` and ``predicted`` are masked where the model says that it does not apply.
    expected : dict, optional
        ``purity`` and ``completeness`` to be expected ``of`` one class, where they are known, each
        with its interval of 95 % (``purity_interval``, ``completeness_interval``).

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.inference import Decision
    >>> columns = Decision(0.5).apply({'p_agn': np.ma.array([0.9, 0.2, 0.0], mask=[False, False, True])})
    >>> columns['predicted'].tolist()
    ['AGN', 'SF', None]
    """

    threshold: float
    base_rate: float | None = None
    prior: float | None = None
    with_lines: bool = False
    drop_unfamiliar: bool = False
    expected: dict[str, str | float | list[float]] = field(default_factory=dict)

    def apply(self, columns):
        """
        Return the columns with ``p_agn`` at the prior, and with ``predicted``.

        Parameters
        ----------
        columns : dict of str to array-like
            With ``p_agn``, masked where there is no image.

        Returns
        -------
        columns : dict of str to array-like
            A new one; ``predicted`` is masked where ``p_agn`` is.

        Raises
        ------
        AgnsfError
            If the threshold is one of ``p_lines`` times ``p_agn``, and there is no ``p_lines``; if unfamiliar galaxies
            are to be dropped, and the model does not tell them.
        """
        p_agn = np.ma.masked_invalid(columns["p_agn"])
        if self.drop_unfamiliar and p_agn.count():
            if "unfamiliar" not in columns:
                raise AgnsfError("The model does not tell which galaxies are unfamiliar to it; leave them in")
            p_agn = np.ma.masked_where(np.ma.filled(columns["unfamiliar"], 0) == 1, p_agn)
        if self.prior is not None:
            shifted = shift_prior(p_agn.filled(np.nan), base_rate=self.base_rate, prior=self.prior)
            p_agn = np.ma.array(shifted, mask=np.ma.getmaskarray(p_agn))
        chance = p_agn.filled(0)
        if self.with_lines and p_agn.count():  # without any image there is no p_lines
            if "p_lines" not in columns:
                raise AgnsfError(
                    "The threshold was chosen for p_lines times p_agn, by the population.ecsv beside the model, but "
                    "its classifier gives no p_lines; give --threshold, or remove that file to choose by p_agn alone"
                )
            chance = chance * np.ma.masked_invalid(columns["p_lines"]).filled(0)
        called = np.where(chance >= self.threshold, "AGN", "SF")
        predicted = np.ma.array(called, mask=np.ma.getmaskarray(p_agn))
        ordered = {}
        for name, values in columns.items():
            ordered |= {"p_agn": p_agn, "predicted": predicted} if name == "p_agn" else {name: values}
        return ordered

    def record(self):
        """Return what the provenance is to tell of it."""
        known = {"threshold": self.threshold, "base_rate": self.base_rate, "prior": self.prior}
        known |= {"threshold_of": "p_lines * p_agn" if self.with_lines else None, "expected": self.expected or None}
        known |= {"drop_unfamiliar": self.drop_unfamiliar or None}
        return {name: value for name, value in known.items() if value is not None}


def _validation(name, *, population):
    """
    Return the galaxies that a model's thresholds are chosen on: ``is_agn``, ``p_agn``, ``p_lines`` and ``has_lines``.

    Where the model brings them, those of the whole ``population``, also the ones that have no class.
    """
    folder = shipped_models().get(str(name), Path(name)) if not isinstance(name, Model) else None
    if folder is None or not (folder / "validation.ecsv").is_file():
        raise AgnsfError(
            f"The model {'given' if folder is None else folder} brings no validation.ecsv, by which a threshold "
            "for a purity or completeness is chosen; give the threshold itself"
        )
    population = population and (folder / "population.ecsv").is_file()
    table = Table.read(folder / ("population.ecsv" if population else "validation.ecsv"), format="ascii.ecsv")
    is_agn, p_agn = np.asarray(table["is_agn"], dtype=bool), np.asarray(table["p_agn"], dtype=np.float64)
    if not population:
        return is_agn, p_agn, None, np.ones(len(table), dtype=bool)
    return is_agn, p_agn, np.asarray(table["p_lines"], dtype=np.float64), np.asarray(table["has_lines"], dtype=bool)


def _expected(is_agn, p_agn, *, threshold, of, weights):
    """Return purity and completeness of the validation galaxies that a threshold selects, with 95 % intervals."""
    suffix = f"_{of.lower()}"
    names = (f"purity{suffix}", f"completeness{suffix}")
    found = estimate(is_agn, p_agn, threshold=threshold, weights=weights, names=names)
    expected = {"of": of}
    for name, one in found.items():
        plain, short = one.as_dict(), name.removesuffix(suffix)
        expected |= {short: plain["value"], f"{short}_interval": [plain["low"], plain["high"]]}
    return expected


def choose_decision(
    name, *, threshold=None, purity=None, completeness=None, of="AGN", prior=None, drop_unfamiliar=False
):
    """
    Choose the threshold of a model.

    Parameters
    ----------
    name : str, path-like or `~agnsf.models.Model`
        The model. Only one that has a folder knows thresholds for a purity or completeness.
    threshold : float or None, optional
        The threshold itself; by default the model's own.
    purity : float or None, optional
        Take the most complete selection that is at least so pure. AGN are selected by ``p_lines`` times
        ``p_agn`` where the model knows both (``population.ecsv``): the purity is then that among all
        galaxies, also those without lines.
    completeness : float or None, optional
        Take the purest selection that is at least so complete.
    of : {'AGN', 'SF'}, optional
        The class whose purity or completeness that is.
    prior : float or None, optional
        Share of AGN in the population at hand; by default that of the model's validation galaxies.
    drop_unfamiliar : bool, optional
        Mask ``p_agn`` and ``predicted`` where the model says that it does not apply.

    Returns
    -------
    decision : Decision
        How to decide.

    Raises
    ------
    AgnsfError
        If more than one of the three is given, a value makes no sense, no threshold reaches it,
        or the model does not know.
    """
    if sum(one is not None for one in (threshold, purity, completeness)) > 1:
        raise AgnsfError("Give one of threshold, purity and completeness, not several")
    model = name if isinstance(name, Model) else load_model(name)
    base_rate = model.info.get("base_rate")
    if threshold is not None and not 0 <= threshold <= 1:
        raise AgnsfError(f"The threshold must lie between 0 and 1, not {threshold}")
    if prior is not None:
        if not 0 < prior < 1:
            raise AgnsfError(f"The prior must lie between 0 and 1, not {prior}")
        if not base_rate or not base_rate < 1:
            raise AgnsfError("The model does not record its base rate, from which the prior is to be moved")
    if purity is None and completeness is None:
        chosen = model.threshold if threshold is None else float(threshold)
        return Decision(chosen, base_rate=base_rate, prior=prior, drop_unfamiliar=drop_unfamiliar)
    is_agn, p_agn, p_lines, has_lines = _validation(name, population=purity is not None and of == "AGN")
    weights = None
    if prior is not None:
        p_agn = shift_prior(p_agn, base_rate=base_rate, prior=prior)
        share = is_agn[has_lines].mean()
        if 0 < share < 1:
            weights = np.where(has_lines, np.where(is_agn, prior / share, (1 - prior) / (1 - share)), 1.0)
    if p_lines is not None:
        p_agn = p_agn * p_lines
    try:
        threshold = choose_threshold(is_agn, p_agn, purity=purity, completeness=completeness, of=of, weights=weights)
    except EvaluationError as exc:
        if p_lines is None:
            raise
        raise AgnsfError(
            f"{exc}, among all galaxies with and without emission lines; for galaxies that are known to have "
            "them give --threshold for p_agn itself"
        ) from exc
    expected = _expected(is_agn, p_agn, threshold=threshold, of=of, weights=weights)
    with_lines = p_lines is not None
    return Decision(
        threshold, base_rate, prior, with_lines=with_lines, drop_unfamiliar=drop_unfamiliar, expected=expected
    )
