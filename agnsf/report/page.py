# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Put a page together: one file that loads nothing else."""

import base64
import hashlib
import json
import math
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agnsf.files import replacing

__all__ = ["pretty", "render", "versions", "write_page"]

_PACKAGES = ("agnsf", "astropy", "numpy", "scikit-learn", "matplotlib")


def versions():
    """Return the versions of what a report is made with."""
    return {name: version(name) for name in _PACKAGES}


def _number(value, digits=3):
    """Write a number for a reader; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}"


def _interval(estimate, digits=3):
    """Write the ends of an interval."""
    if not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return "no interval"
    return f"{estimate.low:.{digits}f} to {estimate.high:.{digits}f}"


@cache
def _environment():
    # Everything that comes from a table is escaped; only our own drawings and files are marked as safe.
    environment = Environment(
        loader=PackageLoader("agnsf"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _number, "interval": _interval}
    return environment


def _source(name):
    environment = _environment()
    return environment.loader.get_source(environment, name)[0]


def render(template, context):
    """
    Return a page as text.

    Parameters
    ----------
    template : str
        Name of a file in ``agnsf/templates``.
    context : dict
        What the template shows.

    Returns
    -------
    html : str
        It names no other file. Its content security policy lets no script but its own run, and
        nothing be loaded.
    """
    script = _source("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        _environment()
        .get_template(template)
        .render(
            **context,
            script=Markup(script),
            style=Markup(_source("report.css")),
            policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        )
    )


def write_page(path, template, context):
    """
    Write a page as a whole or not at all.

    Parameters
    ----------
    path : path-like
        The HTML file.
    template : str
        Name of a file in ``agnsf/templates``.
    context : dict
        What the template shows.
    """
    html = render(template, context)
    with replacing(path) as scratch:
        scratch.write_text(html, encoding="utf-8")


def pretty(content):
    """Return what JSON has as lines to read."""
    return json.dumps(content, indent=1, ensure_ascii=False, default=str)
