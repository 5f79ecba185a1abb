# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""HTTP requests that are polite to the server and suspicious of its answers."""

from agnsf.downloads._once import MAX_BYTES, Answer
from agnsf.downloads._retries import Downloader
from agnsf.downloads._settings import conf

__all__ = ["MAX_BYTES", "Answer", "Downloader", "conf"]
