# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Frame a galaxy without a radius by the one that is measured on a first cutout."""

from agnsf.columns import USABLE_STATUSES
from agnsf.measure import MeasureError, measure_cutout

__all__ = ["SizingAsker"]


class SizingAsker:
    """
    Ask twice for a galaxy without a radius: at the fixed scale, then framed by what was measured.

    Parameters
    ----------
    ask : callable
        What `agnsf.cutouts.asking.asker` returned.
    framing : Framing
        By whose field of view the second cutout is framed.
    color : str
        Color recipe of pictures that do not name their own.
    """

    def __init__(self, ask, framing, color):
        self._ask, self._framing, self._color = ask, framing, color
        self.threads, self.stop, self.close = ask.threads, ask.stop, ask.close

    def __call__(self, row, pixel_scale):
        """Return the cutout of one row; see `agnsf.cutouts.asking.asker`."""
        cutout = self._ask(row, pixel_scale)
        if row.get("radius") is not None or cutout.status not in USABLE_STATUSES:
            return cutout
        try:
            radius = measure_cutout(cutout, color=self._color)["measured_radius"]
        except MeasureError:
            return cutout  # nothing to go by: the fixed scale stands
        if not radius > 0:
            return cutout
        return self._ask(row, radius * self._framing.field_of_view / self._framing.size)
