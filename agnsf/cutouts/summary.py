# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How a fetch ended, in a few lines."""

from collections import Counter

from agnsf.columns import IMAGE_STATUSES, USABLE_STATUSES, AgnsfError

__all__ = ["require_images", "summarize"]

_SHOWN = 3


def summarize(statuses, *, names=None, messages=None):
    """
    Return how many cutouts ended in each way, with the first few that failed.

    Parameters
    ----------
    statuses : sequence of str
        The column ``image_status``.
    names : sequence or None, optional
        What to call each galaxy; by default the number of its row, the first being 0.
    messages : sequence of str or None, optional
        Why each status is not ``ok``.

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
    statuses = [str(status) for status in statuses]
    names = range(len(statuses)) if names is None else names
    counts = Counter(statuses)
    order = [status for status in IMAGE_STATUSES if counts[status]]
    parts = ", ".join(f"{counts[status]} {status}" for status in order)
    lines = [f"{len(statuses)} galaxies: {parts}" if order else "no galaxies"]
    for status in order:
        if status != "ok":
            rows = (row for row, one in enumerate(statuses) if one == status)
            first = [row for row, _ in zip(rows, range(_SHOWN), strict=False)]
            listed = ", ".join(str(names[row]) for row in first)
            more = ", ..." if counts[status] > _SHOWN else ""
            why = f" ({messages[first[0]]})" if messages is not None and messages[first[0]] else ""
            lines.append(f"  {status}: {listed}{more}{why}")
    return "\n".join(lines)


def require_images(statuses, *, messages=None):
    """
    Raise `AgnsfError` if there are galaxies and not one of them got an image.

    Parameters
    ----------
    statuses : sequence of str
        The column ``image_status``.
    messages : sequence of str or None, optional
        Why each status is not ``ok``.

    Raises
    ------
    AgnsfError
        With the counts of the statuses, and the first message.

    Examples
    --------
    >>> from agnsf.cutouts import require_images
    >>> require_images(['missing', 'missing'])
    Traceback (most recent call last):
        ...
    agnsf.columns.AgnsfError: No galaxy got an image: 2 missing
    """
    statuses = [str(status) for status in statuses]
    if statuses and not set(statuses) & set(USABLE_STATUSES):
        counts = ", ".join(f"{number} {status}" for status, number in Counter(statuses).most_common())
        why = f" ({messages[0]})" if messages is not None and messages[0] else ""
        raise AgnsfError(f"No galaxy got an image: {counts}{why}")
