# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The image recipe: what a model must know of the images that it was trained on."""

from dataclasses import fields, is_dataclass

__all__ = ["image_recipe", "recipe_differences"]

_MEANING = {
    "source": "image source",
    "color": "color",
    "bands": "bands",
    "size": "size in pixels",
    "field_of_view": "field of view in radii",
    "pixel_scale": "pixel scale in arcsec",
    "radius_kind": "kind of radius",
}
_WHERE = (
    "base_url",
    "color",
    "connections",
    "path",
    "pattern",
)  # where images lie, not what they are; or said elsewhere


def image_recipe(source, framing, *, color=None, radius_kind=None):
    """
    Return what makes the images of two runs alike, to be recorded with a model.

    Parameters
    ----------
    source : ImageSource
        Where the cutouts come from, after its ``prepare``.
    framing : Framing
        How they are framed.
    color : str or None, optional
        The color recipe of the pictures, where it is not the source's own.
    radius_kind : str or None, optional
        Kind of the radius that sets the field of view, where it is not the Petrosian one.

    Returns
    -------
    recipe : dict
        Plain values by the keys ``source``, ``options`` (those that change the pixels, such as
        the layer), ``color``, ``bands``, ``size``, ``field_of_view``, ``pixel_scale``,
        ``radius_kind`` and ``radius`` (where a missing one came from). It holds no path and no address.

    Examples
    --------
    >>> from agnsf.cutouts import Framing, image_recipe
    >>> from agnsf.plugins import load_image_source
    >>> image_recipe(load_image_source('folder', color='skyserver'), Framing())['color']
    'skyserver'
    """
    names = [field.name for field in fields(source)] if is_dataclass(source) else []
    fixed = framing.pixel_scale is not None
    return {
        "source": source.name,
        "options": {name: getattr(source, name) for name in names if name not in _WHERE},
        "color": color or source.color,
        "bands": source.bands,
        "size": framing.size,
        "field_of_view": None if fixed else framing.field_of_view,
        "pixel_scale": framing.pixel_scale,
        "radius_kind": None if fixed else radius_kind or "petrosian",
        "radius": None if fixed else framing.radius,
    }


def recipe_differences(recipe, other):
    """
    Return in what two image recipes differ, in words.

    Parameters
    ----------
    recipe, other : dict
        As `image_recipe` returns them; a key that one of them lacks is not compared.

    Returns
    -------
    differences : list of str
        Such as ``"color: skyserver, not legacysurvey"``, the first recipe's value first.

    Examples
    --------
    >>> from agnsf.cutouts import recipe_differences
    >>> recipe_differences({'size': 250}, {'size': 128})
    ['size in pixels: 250, not 128']
    """
    both = [key for key in _MEANING if key in recipe and key in other]
    found = [f"{_MEANING[key]}: {recipe[key]}, not {other[key]}" for key in both if recipe[key] != other[key]]
    if recipe.get("source") == other.get("source"):
        mine, theirs = recipe.get("options", {}), other.get("options", {})
        found += [
            f"{key}: {mine[key]}, not {theirs[key]}" for key in mine if key in theirs and mine[key] != theirs[key]
        ]
    return found
