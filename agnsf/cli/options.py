# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Options that several commands share, and the parsing of KEY=VALUE."""

import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

__all__ = [
    "ImageChoice",
    "beside",
    "columns_option",
    "device_option",
    "id_option",
    "image_options",
    "pairs",
    "parse_options",
    "quiet_option",
    "seed_option",
    "table_argument",
]

# A folder of SDSS spectra is a table, too.
table_argument = click.argument("table", type=click.Path(path_type=Path))
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress and no summary.")


def pairs(ctx, param, values):
    """Turn the repeated KEY=VALUE of an option into a dict; a click callback."""
    found = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise click.BadParameter(f"expected KEY=VALUE, not {text!r}", ctx, param)
        if key in found:
            raise click.BadParameter(f"{key!r} is given twice", ctx, param)
        found[key] = value
    return found


columns_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    callback=pairs,
    help="Name of one of our columns in TABLE; may be repeated.",
)
device_option = click.option(
    "--device", default="auto", metavar="NAME", help="Where networks run: auto, cpu, cuda or cuda:N."
)
seed_option = click.option("--seed", default=0, type=click.IntRange(0), help="Of everything that is drawn at random.")
id_option = click.option("--id", "id_column", metavar="NAME", help="Column of TABLE that names the galaxies.")


def beside(table):
    """Return the output path for a table when none is given: ``_agnsf`` before the suffix, FITS for a folder."""
    plain = table.with_suffix("") if table.suffix == ".gz" else table
    return table.with_name(f"{plain.stem}_agnsf{'.fits' if table.is_dir() else plain.suffix}")


def _parse(text, kind):
    """Return a text as a value of an annotated type; raise ValueError if it is none."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if type(None) in inner and text.lower() == "none":
            return None
        for choice in sorted((one for one in inner if one is not type(None)), key=lambda one: one is str):
            try:
                return _parse(text, choice)
            except ValueError:
                continue
        raise ValueError(text)
    if origin is typing.Literal:
        by_text = {str(choice): choice for choice in inner}
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]
    if origin is tuple:
        items = [item.strip() for item in text.split(",") if item.strip()]
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_parse(item, inner[0]) for item in items)
        if len(items) != len(inner):
            raise ValueError(text)
        return tuple(_parse(item, one) for item, one in zip(items, inner, strict=True))
    if origin in (dict, Mapping):
        found = {}
        for item in filter(None, text.split(",")):
            key, equals, value = item.partition("=")
            if not equals:
                raise ValueError(text)
            found[key.strip()] = _parse(value.strip(), inner[1])
        return found
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    return kind(text)


def _describe(kind):
    """Return how to write a value of an annotated type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join("none" if one is type(None) else _describe(one) for one in inner)
    if origin is typing.Literal:
        return " or ".join(str(choice) for choice in inner)
    if origin is tuple:
        return "a,b,... of " + _describe(inner[0])
    if origin in (dict, Mapping):
        return "key=value,key=value of " + _describe(inner[1])
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text"}.get(kind, str(kind))


def parse_options(cls, texts, flag):
    """
    Return the options of a plugin class, parsed by the annotations of its fields.

    Parameters
    ----------
    cls : type
        A labeler, image source or classifier.
    texts : dict of str to str
        What stood on the command line.
    flag : str
        The command-line flag, for the message: ``"-L"``.

    Returns
    -------
    options : dict
        Keyword arguments for the class.

    Raises
    ------
    click.UsageError
        For an option that the class does not have, or a value of another type.
    """
    from agnsf.plugins import option_fields

    known = option_fields(cls)
    kinds = typing.get_type_hints(cls)
    options = {}
    for key, text in texts.items():
        if key not in known:
            has = ", ".join(known) or "none"
            raise click.UsageError(f"{flag} {key}: {cls.name!r} has no such option; it has {has}")
        try:
            options[key] = _parse(text, kinds[key])
        except ValueError:
            raise click.UsageError(f"{flag} {key}={text}: expected {_describe(kinds[key])}") from None
    return options


@dataclass(frozen=True)
class ImageChoice:
    """
    The image options of one command line; None where an option was not given.

    Parameters
    ----------
    name : str or None
        Name of the image source.
    texts : dict of str to str
        Its options, as they stood there.
    size, field_of_view, pixel_scale, radius_kind, radius
        The framing.
    connections, offline, refresh
        The access.
    """

    name: str | None
    texts: dict[str, str]
    size: int | None
    field_of_view: float | None
    pixel_scale: float | None
    radius_kind: str | None
    radius: str
    connections: int | None
    offline: bool
    refresh: bool

    @property
    def is_asked_for(self):
        """Whether any of the options was given."""
        given = vars(self) | {"radius": self.radius != "catalog"}
        return any(given.values())

    def source(self, recipe=None):
        """
        Return the image source.

        Parameters
        ----------
        recipe : dict or None, optional
            The image recipe of a model (`agnsf.cutouts.image_recipe`), for what was not given.

        Returns
        -------
        source : ImageSource
            ``legacysurvey`` if neither the command line nor the recipe names one.
        """
        from agnsf.plugins import load_image_source, option_fields, plugin_class
        from agnsf.roles import ImageSource

        recipe = recipe or {}
        name = self.name or recipe.get("source") or "legacysurvey"
        cls = plugin_class(ImageSource, name)
        options = parse_options(cls, self.texts, "-I")
        recorded = recipe.get("options", {}) if name == recipe.get("source") else {}
        known = {key: value for key, value in recorded.items() if key in option_fields(cls)}
        return load_image_source(name, **{**known, **options})

    def framing(self, recipe=None):
        """Return the `agnsf.cutouts.Framing`, by a model's image recipe where an option was not given."""
        from agnsf.cutouts import Framing

        if self.pixel_scale is not None and self.field_of_view is not None:
            raise click.UsageError("--pixel-scale and --field-of-view exclude each other")
        recipe = recipe or {}
        scaled = self.pixel_scale is not None or self.field_of_view is not None
        wanted = {
            "size": self.size or recipe.get("size"),
            "field_of_view": self.field_of_view if scaled else recipe.get("field_of_view"),
            "pixel_scale": self.pixel_scale if scaled else recipe.get("pixel_scale"),
            "radius": self.radius,
        }
        return Framing(**{name: value for name, value in wanted.items() if value is not None})

    def access(self):
        """Return the `agnsf.cutouts.Access`."""
        from agnsf.cutouts import Access

        return Access(connections=self.connections, offline=self.offline, refresh=self.refresh)


_IMAGE_OPTIONS = (
    click.option("--images", "name", metavar="NAME", help="Image source; default: the model's, else legacysurvey."),
    click.option(
        "-I",
        "texts",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="Option of the image source; may be repeated.",
    ),
    click.option("--size", type=click.IntRange(1), help="Width and height of a cutout in pixels; default: 250."),
    click.option(
        "--field-of-view",
        type=click.FloatRange(0, min_open=True),
        help="Width and height of a cutout in radii of the galaxy; default: 3.",
    ),
    click.option(
        "--pixel-scale",
        type=click.FloatRange(0, min_open=True),
        help="Arcsec per pixel, the same for every galaxy; default: by its radius, or 0.262 without one.",
    ),
    click.option("--radius-kind", metavar="KIND", help="Take another radius than the Petrosian one."),
    click.option(
        "--radius",
        type=click.Choice(["catalog", "measure"]),
        default="catalog",
        help="Where a missing radius comes from: nowhere, or a first cutout on which it is measured.",
    ),
    click.option("--connections", type=click.IntRange(1), help="How many cutouts to ask for at once."),
    click.option("--offline", is_flag=True, help="Use nothing but the cutout cache."),
    click.option("--refresh", is_flag=True, help="Ask for every cutout again."),
)


def image_options(command):
    """Give a command the options that say which images it takes, as one argument ``images``: an `ImageChoice`."""
    names = list(ImageChoice.__dataclass_fields__)

    @functools.wraps(command)
    def wrapped(**options):
        return command(images=ImageChoice(**{name: options.pop(name) for name in names}), **options)

    for option in reversed(_IMAGE_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
