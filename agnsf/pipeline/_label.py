# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Label: a class for each galaxy, from its emission lines."""

__all__ = ["label"]


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
