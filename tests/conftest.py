# Licensed under a 3-clause BSD style license - see LICENSE.rst
import os
from pathlib import Path

import pytest

os.environ["AGNSF_DISABLE_PLUGINS"] = "all"


@pytest.fixture(scope="session")
def real_data():
    """Return the folder of real galaxies beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there are no real galaxies in {folder}")
    return folder
