# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The contract of labelers."""

from abc import abstractmethod
from typing import ClassVar

from agnsf.roles._plugin import Plugin

__all__ = ["Labeler"]


class Labeler(Plugin):
    """
    Base class of the rules that assign a class from measurements.

    A labeler is a frozen dataclass: its fields, each with a default, are its options.

    Attributes
    ----------
    name : str
        The name by which users choose it.
    requires : tuple of str
        Columns of ours without which it cannot work. A column ``…_err`` beside a required one is
        used where it exists.
    optional : tuple of str
        Columns of ours that it uses where they exist.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import agnsf
    >>> @dataclass(frozen=True)
    ... class StrongOxygen(agnsf.Labeler):
    ...     '''Call AGN what is bright in [O III].'''
    ...     cut: float = 3.0
    ...     name = 'strong-oxygen'
    ...     requires = ('oiii_5007_flux', 'h_beta_flux')
    ...     def label(self, table):
    ...         ratio = table['oiii_5007_flux'] / table['h_beta_flux']
    ...         return {'label': np.where(ratio > self.cut, 'AGN', 'SF')}
    """

    requires: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def label(self, table):
        """
        Return the class of every row.

        Parameters
        ----------
        table : `~astropy.table.Table`
            With the columns of ``requires``, and whatever else the user's table has.
            It must not be changed.

        Returns
        -------
        columns : dict of str to array-like, each of shape (n,)
            ``"label"`` is required: strings, masked where the class is not known. ``"subclass"``
            and ``"label_flag"`` (`agnsf.columns.LabelFlag`) are understood; other names become
            columns as they are.
        """
