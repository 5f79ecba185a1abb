# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Find the plugins, load them, and look up what they provide by name."""

import dataclasses
import inspect
import os
import re
import typing
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import pluggy

from agnsf import hookspecs
from agnsf.columns import AgnsfError, AgnsfWarning
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

_ROLES = {
    "register_labelers": Labeler,
    "register_image_sources": ImageSource,
    "register_classifiers": Classifier,
}

_BUILT_IN = (
    "agnsf.labelers.bpt",
    "agnsf.image_sources.folder",
    "agnsf.image_sources.simulated",
    "agnsf.classifiers.cnn",
    "agnsf.classifiers.photometric",
)


class PluginError(AgnsfError):
    """A plugin does not keep its contract, or none has the name asked for."""


class PluginWarning(AgnsfWarning):
    """An installed plugin was left out."""


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


def _role_name(role):
    return re.sub(r"(?<!^)(?=[A-Z])", " ", role.__name__).lower()


def option_fields(cls):
    """
    Return the options of a labeler, image source or classifier.

    Parameters
    ----------
    cls : type
        The class that a plugin provides.

    Returns
    -------
    fields : dict of str to `dataclasses.Field`
        By name, in the order of their definition.

    Examples
    --------
    >>> from agnsf.plugins import option_fields, plugin_class
    >>> from agnsf import Labeler
    >>> list(option_fields(plugin_class(Labeler, 'kewley2001')))
    ['snr', 'ties', 'everywhere']
    """
    if not dataclasses.is_dataclass(cls):
        return {}
    return {field.name: field for field in dataclasses.fields(cls) if field.init}


def _default(field):
    return field.default_factory() if field.default is dataclasses.MISSING else field.default


def _own_annotations(cls):
    """Return the names that a class annotates itself, class variables left out."""
    found = inspect.get_annotations(cls)
    return {
        name
        for name, kind in found.items()
        if typing.get_origin(kind) is not typing.ClassVar and "ClassVar" not in str(kind)
    }


def _check_options(cls):
    """Refuse options that would be missing or would silently have no effect."""
    for name, field in option_fields(cls).items():
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise PluginError(f"the option {name!r} of {cls.__qualname__} needs a default")
    for part in cls.__mro__:
        annotated = _own_annotations(part)
        if annotated and "__dataclass_fields__" not in vars(part) and not part.__module__.startswith("agnsf.roles."):
            raise PluginError(
                f"{part.__qualname__} declares {', '.join(sorted(annotated))} but is no dataclass; "
                "decorate it with @dataclass(frozen=True)"
            )
        inherited = {name for base in part.__mro__[1:] for name in option_fields(base)}
        shadows = sorted(inherited & set(vars(part)) - annotated)
        if shadows:
            raise PluginError(
                f"{part.__qualname__} sets the inherited option {shadows[0]!r} without an annotation, which has "
                f"no effect; write '{shadows[0]}: TYPE = ...' in a @dataclass(frozen=True)"
            )
    if dataclasses.is_dataclass(cls) and not cls.__dataclass_params__.frozen:
        raise PluginError(f"{cls.__qualname__} must be frozen: @dataclass(frozen=True)")


def _check_class(cls, role, hook):
    """Refuse what is no usable class of the role."""
    named = inspect.isclass(cls) and issubclass(cls, role) and isinstance(getattr(cls, "name", None), str)
    if not named:
        raise PluginError(f"{hook} must return named {role.__name__} subclasses, not {cls!r}")
    if inspect.isabstract(cls):
        left = ", ".join(sorted(cls.__abstractmethods__))
        raise PluginError(f"{cls.__qualname__} does not define {left}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", cls.name):
        raise PluginError(
            f"{cls.__qualname__} has the name {cls.name!r}; use lower-case letters, digits, '-', '_' and '.' only"
        )
    _check_options(cls)


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
            role = _ROLES[caller.name]
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    classes = implementation.function()
                    if not isinstance(classes, (list, tuple)):
                        raise PluginError(
                            f"{caller.name} must return a list of {role.__name__} subclasses, not {classes!r}"
                        )
                    for cls in classes:
                        _check_class(cls, role, caller.name)
                    found += [Provided(role, cls, distribution) for cls in classes]
        return found

    def find(self, role, name):
        """Return the one class of a role that has the name."""
        mine = [one for one in self.provided if one.role is role]
        matches = [one for one in mine if one.cls.name == name]
        if not matches:
            available = ", ".join(sorted({one.cls.name for one in mine}))
            raise PluginError(f"No {_role_name(role)} named {name!r}; available: {available}")
        if len(matches) > 1:
            both = " and ".join(one.path for one in reversed(matches))
            raise PluginError(f"{_role_name(role).capitalize()} {name!r} is provided by both {both}")
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


def _load(role, name, options):
    cls = plugin_class(role, name)
    known = option_fields(cls)
    unknown = sorted(set(options) - set(known))
    if unknown:
        has = ", ".join(f"{key}={_default(field)!r}" for key, field in known.items()) or "none"
        raise PluginError(f"{_role_name(role).capitalize()} {name!r} has no option {unknown[0]!r}; its options: {has}")
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
    Kewley2001(snr=5.0, ties='AGN', everywhere=False)
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
    head = f"{_role_name(one.role)} {one.cls.name} ({one.distribution}): {summary}"
    options = (f"    {name} = {_default(field)!r}" for name, field in option_fields(one.cls).items())
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
        role = next(role for role in _ROLES.values() if isinstance(plugin, role))
        path = f"{type(plugin).__module__}.{type(plugin).__qualname__}"
        exc.add_note(f"raised by {_role_name(role)} {plugin.name!r} ({path})")
        raise
