# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What the three roles share."""

from abc import ABC
from typing import ClassVar

__all__ = ["Plugin"]


class Plugin(ABC):
    """What the roles share: a name, and options that are the fields of a frozen dataclass."""

    name: ClassVar[str]
