# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How fast it goes, and which stage holds it up."""

import time
from contextlib import contextmanager

from tqdm import tqdm

__all__ = ["STAGES", "Meter"]

#: What the thread that leads the work may have to wait for.
STAGES = ("table", "images", "network", "writing")

_REFRESH = 0.5  # seconds between two looks at the bottleneck


class Meter:
    """
    Time the stages, and show the progress.

    The stage that the others wait for most is the bottleneck.

    Parameters
    ----------
    total : int or None, optional
        How many galaxies there are.
    done : int, optional
        How many an earlier run has done.
    progress : bool, optional
        Whether to show a line on standard error, where that is a terminal.

    Attributes
    ----------
    seconds : dict of str to float
        For each of ``STAGES``: how long it was waited for.
    galaxies : int
        How many cutouts came in.

    Examples
    --------
    >>> from agnsf.inference import Meter
    >>> with Meter(total=2) as meter:
    ...     for row in meter.waiting('images', range(2)):
    ...         meter.count()
    >>> meter.galaxies, meter.bottleneck
    (2, 'images')
    """

    def __init__(self, *, total=None, done=0, progress=False):
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.galaxies = 0
        self._began = self._looked = time.perf_counter()
        self._ended = None
        self._bar = tqdm(total=total, initial=done, unit=" galaxies", smoothing=0.1, disable=None if progress else True)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self._ended = time.perf_counter()
        self._bar.close()

    @contextmanager
    def wait(self, stage):
        """Count the time that the block takes as waiting for a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began

    def waiting(self, stage, iterable):
        """Yield what an iterable gives, and count the time until it comes as waiting for a stage."""
        iterator = iter(iterable)
        while True:
            began = time.perf_counter()
            try:
                item = next(iterator)
            except StopIteration:
                return
            finally:
                self.seconds[stage] += time.perf_counter() - began
            yield item

    def count(self, number=1):
        """Note that the cutouts of some galaxies, or the reasons why there are none, have come."""
        self.galaxies += number
        self._bar.update(number)
        now = time.perf_counter()
        if now - self._looked > _REFRESH:
            self._looked = now
            share = self.seconds[self.bottleneck] / max(now - self._began, 1e-9)
            self._bar.set_postfix_str(f"{share:.0%} of the time waiting for the {self.bottleneck}", refresh=False)

    @property
    def bottleneck(self):
        """The stage that was waited for longest."""
        return max(STAGES, key=self.seconds.get)

    @property
    def elapsed(self):
        """Seconds since the beginning."""
        return (self._ended or time.perf_counter()) - self._began

    def describe(self):
        """
        Return rate and time per stage as a line of text.

        Returns
        -------
        text : str
            Such as ``"31.2 s, 640 galaxies/s; waited for the table 0.1 s, ..."``.
        """
        rate = self.galaxies / max(self.elapsed, 1e-9)
        waits = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in self.seconds.items() if seconds)
        return f"{self.elapsed:.1f} s, {rate:,.0f} galaxies/s" + (f"; waited for: {waits}" if waits else "")
