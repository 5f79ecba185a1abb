# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""What a class must keep to be registered in a role."""

import dataclasses
import inspect
import re
import typing

from agnsf.columns import AgnsfError, AgnsfWarning
from agnsf.roles import Classifier, ImageSource, Labeler

__all__ = ["ROLES", "PluginError", "PluginWarning", "check_class", "default_of", "option_fields", "role_name"]

ROLES = {
    "register_labelers": Labeler,
    "register_image_sources": ImageSource,
    "register_classifiers": Classifier,
}


class PluginError(AgnsfError):
    """A plugin does not keep its contract, or none has the name asked for."""


class PluginWarning(AgnsfWarning):
    """An installed plugin was left out."""


def role_name(role):
    """Return what a role is called in a sentence."""
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
    ['snr', 'ties', 'everywhere', 'limits']
    """
    if not dataclasses.is_dataclass(cls):
        return {}
    return {field.name: field for field in dataclasses.fields(cls) if field.init}


def default_of(field):
    """Return the default of an option."""
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


def check_class(cls, role, hook):
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
