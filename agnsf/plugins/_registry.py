# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Find the installed plugins, and keep what they provide by role and name."""

import os
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import pluggy

from agnsf import hookspecs
from agnsf.plugins._contract import ROLES, PluginError, PluginWarning, check_class, role_name

__all__ = ["Provided", "create_registry", "plugin_class", "provided"]

_BUILT_IN = (
    "agnsf.labelers.bpt",
    "agnsf.labelers.kewley2006",
    "agnsf.labelers.schawinski2007",
    "agnsf.labelers.cidfernandes2010",
    "agnsf.labelers.stasinska2006",
    "agnsf.labelers.kewley2013",
    "agnsf.labelers.whan",
    "agnsf.labelers.mex",
    "agnsf.labelers.sdss_subclass",
    "agnsf.labelers.stern2012",
    "agnsf.labelers.assef2018",
    "agnsf.labelers.jarrett2011",
    "agnsf.labelers.published",
    "agnsf.image_sources.folder",
    "agnsf.image_sources.legacysurvey",
    "agnsf.image_sources.sdss",
    "agnsf.image_sources.bricks",
    "agnsf.image_sources.hips",
    "agnsf.image_sources.pack",
    "agnsf.classifiers.backbone",
    "agnsf.image_sources.simulated",
    "agnsf.classifiers.photometric",
    "agnsf.classifiers.cnn",
    "agnsf.models.ensemble",
)


@dataclass(frozen=True)
class Provided:
    """
    One labeler, image source or classifier, and where it comes from.

    Parameters
    ----------
    role : type
        `~agnsf.Labeler`, `~agnsf.ImageSource` or `~agnsf.Classifier`.
    cls : type
        The class itself.
    distribution : str
        Name and version of the installed distribution that brings it.
    """

    role: type
    cls: type
    distribution: str

    @property
    def path(self):
        """Dotted name of the class."""
        return f"{self.cls.__module__}.{self.cls.__qualname__}"


class _Registry:
    """The plugins of one manager, and what they provide by role and name."""

    def __init__(self):
        self.manager = pluggy.PluginManager("agnsf")
        self.manager.add_hookspecs(hookspecs)
        self.provided = []

    def register(self, plugin, name, distribution):
        """Add a plugin whole, or raise and add nothing of it."""
        if self.manager.register(plugin, name=name) is None:
            raise PluginError("it is blocked")
        try:
            self.manager.check_pending()
            self.provided += self._collect(plugin, distribution)
        except BaseException:
            self.manager.unregister(plugin)
            raise

    def _collect(self, plugin, distribution):
        found = []
        for caller in self.manager.get_hookcallers(plugin):
            role = ROLES[caller.name]
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    classes = implementation.function()
                    if not isinstance(classes, (list, tuple)):
                        raise PluginError(
                            f"{caller.name} must return a list of {role.__name__} subclasses, not {classes!r}"
                        )
                    for cls in classes:
                        check_class(cls, role, caller.name)
                    found += [Provided(role, cls, distribution) for cls in classes]
        return found

    def find(self, role, name):
        """Return the one class of a role that has the name."""
        mine = [one for one in self.provided if one.role is role]
        matches = [one for one in mine if one.cls.name == name]
        if not matches:
            available = ", ".join(sorted({one.cls.name for one in mine}))
            raise PluginError(f"No {role_name(role)} named {name!r}; available: {available}")
        if len(matches) > 1:
            both = " and ".join(one.path for one in reversed(matches))
            raise PluginError(f"{role_name(role).capitalize()} {name!r} is provided by both {both}")
        return matches[0].cls


def _external(registry):
    """Register the installed plugins; one that does not work becomes a warning."""
    disabled = {name.strip() for name in os.environ.get("AGNSF_DISABLE_PLUGINS", "").split(",")}
    if "all" in disabled:
        return
    for entry in sorted(entry_points(group="agnsf"), key=lambda entry: (entry.dist.name, entry.name)):
        if {entry.name, entry.dist.name} & disabled:
            continue
        distribution = f"{entry.dist.name} {entry.dist.version}"
        try:
            registry.register(entry.load(), f"{entry.dist.name}:{entry.name}", distribution)
        except Exception as exc:
            warnings.warn(
                f"Plugin {entry.name!r} of {distribution} was not loaded: {type(exc).__name__}: {exc}",
                PluginWarning,
                stacklevel=2,
            )


def create_registry(*, external=True):
    """
    Return a fresh registry of what agnsf and the installed plugins provide.

    Parameters
    ----------
    external : bool, optional
        Whether to load plugins of other distributions: those with an entry point in the group
        ``agnsf``, except the ones that the environment variable ``AGNSF_DISABLE_PLUGINS`` names
        (entry points or distributions, separated by commas, or ``all``).

    Returns
    -------
    registry : object
        Has ``register(plugin, name, distribution)``, ``find(role, name)`` and the list ``provided``.

    Warns
    -----
    PluginWarning
        For each installed plugin that is broken; the others are loaded.
    """
    from agnsf import __version__

    registry = _Registry()
    for name in _BUILT_IN:
        registry.register(import_module(name), name, f"agnsf {__version__}")
    if external:
        _external(registry)
    return registry


_registry = cache(create_registry)


def provided():
    """
    Return everything that agnsf and the installed plugins provide.

    Returns
    -------
    provided : list of Provided
        Labelers, image sources and classifiers.

    Examples
    --------
    >>> from agnsf.plugins import provided
    >>> 'kauffmann2003' in [one.cls.name for one in provided()]
    True
    """
    return list(_registry().provided)


def plugin_class(role, name):
    """
    Return the class of a role that has a name.

    Parameters
    ----------
    role : type
        `~agnsf.Labeler`, `~agnsf.ImageSource` or `~agnsf.Classifier`.
    name : str
        The name that the class gives itself.

    Returns
    -------
    cls : type
        The class.

    Raises
    ------
    PluginError
        If there is none of the name, or more than one.
    """
    return _registry().find(role, name)
