# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How a fetch ended, in a few lines."""

from collections import Counter, defaultdict

import numpy as np

from agnsf.columns import IMAGE_STATUSES, USABLE_STATUSES, AgnsfError, is_masked

__all__ = ["Tally", "require_images", "summarize"]

_SHOWN = 3


class Tally:
    """
    How many cutouts ended in each way, counted a part of the table at a time.

    Attributes
    ----------
    counts : `collections.Counter`
        Number of galaxies by status.

    Examples
    --------
    >>> from agnsf.cutouts import Tally
    >>> tally = Tally()
    >>> tally.add(['ok', 'missing'])
    >>> tally.add(['missing'])
    >>> print(tally)
    3 galaxies: 1 ok, 2 missing
      missing: 1, 2
    """

    def __init__(self):
        self.counts = Counter()
        self._first = defaultdict(list)
        self._reasons = {}

    def add(self, statuses, *, names=None, messages=None):
        """
        Count some more galaxies.

        Parameters
        ----------
        statuses : sequence of str
            The column ``image_status``.
        names : sequence or None, optional
            What to call each galaxy; by default the number of its row, the first being 0.
        messages : sequence of str or None, optional
            Why each status is not ``ok``; None or masked where there is no reason.
        """
        statuses, start = np.asarray(statuses, dtype=str), self.counts.total()
        found, counts = np.unique(statuses, return_counts=True)
        self.counts.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        for status in found.tolist():
            wanted = 0 if status == "ok" else _SHOWN - len(self._first[status])
            for row in np.flatnonzero(statuses == status)[:wanted].tolist():
                self._first[status].append(str(start + row if names is None else names[row]))
                reason = None if messages is None or is_masked(messages)[row] else messages[row]
                self._reasons.setdefault(status, reason)

    def __str__(self):
        order = [status for status in IMAGE_STATUSES if self.counts[status]]
        parts = ", ".join(f"{self.counts[status]} {status}" for status in order)
        lines = [f"{self.counts.total()} galaxies: {parts}" if order else "no galaxies"]
        for status in order:
            if status != "ok":
                more = ", ..." if self.counts[status] > _SHOWN else ""
                reason = f" ({self._reasons[status]})" if self._reasons[status] else ""
                lines.append(f"  {status}: {', '.join(self._first[status])}{more}{reason}")
        return "\n".join(lines)

    def require_images(self):
        """
        Raise `~agnsf.columns.AgnsfError` if there are galaxies and not one of them got an image.

        Raises
        ------
        AgnsfError
            With the counts of the statuses, and a reason of the most frequent one.
        """
        if self.counts and not set(self.counts) & set(USABLE_STATUSES):
            order = self.counts.most_common()
            counts = ", ".join(f"{number} {status}" for status, number in order)
            reason = self._reasons[order[0][0]]
            raise AgnsfError(f"No galaxy got an image: {counts}" + (f" ({reason})" if reason else ""))


def summarize(statuses, *, names=None, messages=None):
    """
    Return how many cutouts ended in each way, with the first few that failed.

    Parameters
    ----------
    statuses, names, messages
        As in `Tally.add`.

    Returns
    -------
    text : str
        A first line with the counts, then a line for each status other than ``ok``.

    Examples
    --------
    >>> from agnsf.cutouts import summarize
    >>> print(summarize(['ok', 'missing', 'ok'], names=['a', 'b', 'c']))
    3 galaxies: 2 ok, 1 missing
      missing: b
    """
    tally = Tally()
    tally.add(statuses, names=names, messages=messages)
    return str(tally)


def require_images(statuses, *, messages=None):
    """
    Raise `~agnsf.columns.AgnsfError` if there are galaxies and not one of them got an image.

    Parameters
    ----------
    statuses, messages
        As in `Tally.add`.

    Raises
    ------
    AgnsfError
        With the counts of the statuses, and a message of the most frequent one.

    Examples
    --------
    >>> from agnsf.cutouts import require_images
    >>> require_images(['missing', 'missing'])
    Traceback (most recent call last):
        ...
    agnsf.columns.AgnsfError: No galaxy got an image: 2 missing
    """
    tally = Tally()
    tally.add(statuses, messages=messages)
    tally.require_images()
