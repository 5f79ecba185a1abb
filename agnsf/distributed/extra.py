# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What comes with the extra ``hats``."""

import warnings

from agnsf.columns import AgnsfError

__all__ = ["import_lsdb"]


def import_lsdb():
    """
    Return the module `lsdb`.

    Raises
    ------
    AgnsfError
        If it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas options that it sets while it is imported
            import lsdb
    except ImportError as exc:
        raise AgnsfError(f"HATS catalogs need LSDB ({exc}); install it with: pip install 'agnsf[hats]'") from exc
    return lsdb
