# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Sphinx's configuration: what sphinx-astropy has not set already."""

import builtins
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import metadata
from pathlib import Path
from urllib.request import urlopen

from sphinx_astropy.conf.v3 import *  # noqa: F403
from sphinx_astropy.conf.v3 import exclude_patterns, extensions

# The documentation describes what agnsf brings, not the plugins that happen to be installed.
os.environ["AGNSF_DISABLE_PLUGINS"] = "all"

project = "agnsf"
author = metadata("agnsf")["Author"]
copyright = author
release = metadata("agnsf")["Version"]
version = release.split("+")[0]

extensions += ["sphinx_click", "sphinx_design", "sphinxcontrib.towncrier.ext"]
exclude_patterns += ["changes/*"]  # fragments; towncrier gathers them in CHANGES.rst
smartquotes = False  # they make a dash of the -- of an option
nitpicky = True
nitpick_ignore = [
    ("py:class", "agnsf.roles._plugin.Plugin"),  # what the roles share; private
    ("py:class", "dict[str"),  # a signature with a default factory, which Sphinx parses wrongly
]
towncrier_draft_working_directory = Path(__file__).parents[1]
towncrier_draft_include_empty = False
plot_formats = [("png", 150)]
plot_html_show_source_link = False
plot_html_show_formats = False

html_title = f"agnsf {version}"
html_static_path = ["_static"]
html_css_files = ["agnsf.css"]
html_show_sourcelink = False

_NEIGHBORS = {
    "python": "https://docs.python.org/3/",
    "numpy": "https://numpy.org/doc/stable/",
    "astropy": "https://docs.astropy.org/en/stable/",
    "matplotlib": "https://matplotlib.org/stable/",
    "sklearn": "https://scikit-learn.org/stable/",
    "PIL": "https://pillow.readthedocs.io/en/stable/",
    "reproject": "https://reproject.readthedocs.io/en/stable/",
    "photutils": "https://photutils.readthedocs.io/en/stable/",
    "torch": "https://docs.pytorch.org/docs/stable/",
    "pyarrow": "https://arrow.apache.org/docs/",
    "pluggy": "https://pluggy.readthedocs.io/en/stable/",
    "click": "https://click.palletsprojects.com/en/stable/",
}


def _answers(url):
    try:
        with urlopen(f"{url}objects.inv", timeout=10):
            return True
    except OSError:
        return False


# Without a network the pages are built all the same: the references to the packages whose inventory
# cannot be fetched stay plain text, and all others are still checked.
with ThreadPoolExecutor() as _pool:
    _reachable = dict(zip(_NEIGHBORS, _pool.map(_answers, _NEIGHBORS.values()), strict=True))
intersphinx_mapping = {name: (url, None) for name, url in _NEIGHBORS.items() if _reachable[name]}
nitpick_ignore_regex = [(r"py:.*", rf"{name}(\..*)?") for name in _NEIGHBORS if not _reachable[name]]
if not _reachable["python"]:
    _own = "|".join([*dir(builtins), *(rf"{name}(\..*)?" for name in sorted(sys.stdlib_module_names))])
    nitpick_ignore_regex.append((r"py:.*", _own))


def _example_as_code(app, context, lines):
    example = " ".join(lines).partition("Example:")[2].strip()
    lines[:] = [".. rubric:: Example", "", ".. code-block:: console", "", f"    $ {example}"] if example else lines


def setup(app):
    """Show the example at the end of a command's help as code."""
    app.connect("sphinx-click-process-epilog", _example_as_code)
