# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Use the plugin in tests/quick: an image source and a classifier that cost next to nothing."""

import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
from astropy.table import Table

FOLDER = Path(__file__).parent / "quick"


def environment():
    """Return the environment of a process in which this plugin, and no other, is installed."""
    others = {entry.name for entry in entry_points(group="agnsf")} - {"quick"}
    path = os.pathsep.join(filter(None, [str(FOLDER), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "AGNSF_DISABLE_PLUGINS": ",".join(others), "OMP_NUM_THREADS": "1"}


def run(arguments):
    """Run Python in such a process; return what it printed."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def installed():
    """Install the plugin in this process."""
    from agnsf.plugins import _registry

    before = os.environ["AGNSF_DISABLE_PLUGINS"]
    sys.path.insert(0, str(FOLDER))
    os.environ["AGNSF_DISABLE_PLUGINS"] = environment()["AGNSF_DISABLE_PLUGINS"]
    _registry._registry.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(FOLDER))
        os.environ["AGNSF_DISABLE_PLUGINS"] = before
        _registry._registry.cache_clear()


def make_model(folder, **info):
    """Write the plugin's model; return its folder."""
    from agnsf.models import Model, save_model
    from agnsf.plugins import load_classifier

    recipe = {"source": "quick", "color": "unknown"}
    save_model(Model(load_classifier("quick"), {"recipe": recipe, "threshold": 0.5, "base_rate": 0.4, **info}), folder)
    return folder


def make_table(rows):
    """Return a table whose column ``row`` is the row number."""
    return Table({"row": np.arange(rows), "name": [f"galaxy {row % 7}" for row in range(rows)]})


def expected(rows, *, missing=0):
    """Return image_status and p_agn of such a table, computed row by row."""
    from agnsf_quick import Quick, QuickClassifier

    numbers = np.arange(rows)
    gone = (numbers % missing == 0) if missing else np.zeros(rows, dtype=bool)
    p_agn = np.ma.masked_all(rows)
    for number in numbers[~gone]:
        pixels = Quick().cutout({"row": int(number)}, size=8, pixel_scale=1.0).pixels
        p_agn[number] = QuickClassifier().predict(pixels[None], None)[0]
    return np.where(gone, "missing", "ok"), p_agn
