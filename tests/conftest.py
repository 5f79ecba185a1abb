# Licensed under a 3-clause BSD style license - see LICENSE.rst
import os
import signal
import sys
from pathlib import Path

import pytest

# Only test modules hold tests; the other files are their helpers, some of them broken on purpose.
collect_ignore = [path.name for path in Path(__file__).parent.iterdir() if not path.name.startswith("test_")]

os.environ["AGNSF_DISABLE_PLUGINS"] = "all"
# A shell starts what it puts into the background deaf to Ctrl-C, which tests send to processes of their own.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, str(Path(__file__).parent))  # for the helpers beside the tests


@pytest.fixture(scope="session")
def real_data():
    """Return the folder of real galaxies beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there are no real galaxies in {folder}")
    return folder


@pytest.fixture(scope="session")
def _image_server(tmp_path_factory):
    from server import ImageServer

    with ImageServer(folder=tmp_path_factory.mktemp("served")) as images:
        yield images


@pytest.fixture
def image_server(_image_server):
    """Return an image server on this machine that misbehaves on request, with its counts at zero."""
    _image_server.forget()
    return _image_server
