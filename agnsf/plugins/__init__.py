# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Find the plugins, load them, and look up what they provide by name."""

import inspect
from contextlib import contextmanager

from agnsf.columns import AgnsfError
from agnsf.plugins._contract import ROLES, PluginError, PluginWarning, default_of, option_fields, role_name
from agnsf.plugins._registry import Provided, create_registry, plugin_class, provided
from agnsf.roles import Classifier, ImageSource, Labeler

__all__ = [
    "PluginError",
    "PluginWarning",
    "Provided",
    "blame",
    "create_registry",
    "describe",
    "load_classifier",
    "load_image_source",
    "load_labeler",
    "option_fields",
    "plugin_class",
    "provided",
]


def _load(role, name, options):
    cls = plugin_class(role, name)
    known = option_fields(cls)
    unknown = sorted(set(options) - set(known))
    if unknown:
        has = ", ".join(f"{key}={default_of(field)!r}" for key, field in known.items()) or "none"
        raise PluginError(f"{role_name(role).capitalize()} {name!r} has no option {unknown[0]!r}; its options: {has}")
    return cls(**options)


def load_labeler(name, **options):
    """
    Return a labeler by its name.

    Parameters
    ----------
    name : str
        For example ``"kauffmann2003"``; ``agnsf plugins`` lists them.
    **options
        Its options.

    Returns
    -------
    labeler : Labeler
        Ready to use.

    Raises
    ------
    PluginError
        If the name or an option is not known.

    Examples
    --------
    >>> from agnsf.plugins import load_labeler
    >>> load_labeler('kewley2001', snr=5.0)
    Kewley2001(snr=5.0, ties='AGN', everywhere=False, limits=False)
    """
    return _load(Labeler, name, options)


def load_image_source(name, **options):
    """
    Return an image source by its name.

    Parameters
    ----------
    name : str
        For example ``"folder"``; ``agnsf plugins`` lists them.
    **options
        Its options.

    Returns
    -------
    source : ImageSource
        Ready to use.

    Raises
    ------
    PluginError
        If the name or an option is not known.
    """
    return _load(ImageSource, name, options)


def load_classifier(name, **options):
    """
    Return an untrained classifier by its name.

    Parameters
    ----------
    name : str
        For example ``"cnn"``; ``agnsf plugins`` lists them.
    **options
        Its options.

    Returns
    -------
    classifier : Classifier
        Not trained yet.

    Raises
    ------
    PluginError
        If the name or an option is not known.
    """
    return _load(Classifier, name, options)


def describe(one):
    """
    Return what ``agnsf plugins`` prints of one labeler, image source or classifier.

    Parameters
    ----------
    one : Provided
        What to describe.

    Returns
    -------
    text : str
        Role, name, distribution, the first line of its docstring, and a line for each option.
    """
    lines = (inspect.getdoc(one.cls) or "").splitlines()
    summary = next((line.strip() for line in lines if line.strip()), "")
    head = f"{role_name(one.role)} {one.cls.name} ({one.distribution}): {summary}"
    options = (f"    {name} = {default_of(field)!r}" for name, field in option_fields(one.cls).items())
    return "\n".join([head, *options])


@contextmanager
def blame(plugin):
    """
    Name the plugin in whatever it raises; type and traceback stay as they are.

    Parameters
    ----------
    plugin : Labeler, ImageSource or Classifier
        The one at work inside the ``with`` block.

    Examples
    --------
    >>> from agnsf.plugins import blame, load_labeler
    >>> with blame(load_labeler('kewley2001')):
    ...     answer = 6 * 7
    """
    try:
        yield
    except AgnsfError:
        raise
    except Exception as exc:
        role = next(role for role in ROLES.values() if isinstance(plugin, role))
        path = f"{type(plugin).__module__}.{type(plugin).__qualname__}"
        exc.add_note(f"raised by {role_name(role)} {plugin.name!r} ({path})")
        raise
