# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Named recipes that turn flux into pictures, and some of them back."""

from dataclasses import dataclass

import numpy as np

__all__ = ["RECIPES", "Recipe", "flux_color", "judge_color", "to_flux", "to_rgb"]

_RED, _GREEN, _BLUE = 0, 1, 2
_SOFTENING = 20.0  # Q of the viewer's asinh stretch


@dataclass(frozen=True)
class Recipe:
    """
    How flux becomes a picture.

    The stretch is the asinh stretch of the Legacy Survey viewer. A recipe without ``scales`` is
    the name of a color whose formula is not known: such pictures are used as they are.

    Parameters
    ----------
    name : str
        The name by which sources and models refer to it.
    scales : dict of str to float, optional
        Factor for each band, by its letter, in the order of the bands.
    mix : dict of str to tuple of (int, float), optional
        For each band the planes (0 red, 1 green, 2 blue) to which it gives, and its share there.
    offset : float, optional
        Added to the scaled flux, so that the sky is dark gray and not black.
    native_scale : float or None, optional
        Pixel scale in arcsec at which the scales hold: flux per pixel is brought to it first.
    sky : tuple of int, optional
        Red, green and blue of empty sky in such pictures.
    """

    name: str
    scales: dict[str, float] | None = None
    mix: dict[str, tuple[tuple[int, float], ...]] | None = None
    offset: float = 0.0
    native_scale: float | None = None
    sky: tuple[int, int, int] | None = None

    @property
    def bands(self):
        """The bands of the recipe in their order; empty where the formula is not known."""
        return "".join(self.scales or ())

    @property
    def invertible(self):
        """Whether pictures can be turned back into flux."""
        return bool(self.mix) and len(self.mix) == 3 and all(len(planes) == 1 for planes in self.mix.values())


def _one_plane(**planes):
    return {band: ((plane, 1.0),) for band, plane in planes.items()}


_ALL = [
    Recipe(
        "legacysurvey",
        scales={"g": 6.0, "r": 3.4, "z": 2.2},
        mix=_one_plane(g=_BLUE, r=_GREEN, z=_RED),
        offset=0.03,
        native_scale=0.262,
        sky=(32, 32, 32),
    ),
    Recipe(
        "viewer-sdss",
        scales={"g": 2.5, "r": 1.5, "i": 1.0},
        mix=_one_plane(g=_BLUE, r=_GREEN, i=_RED),
        offset=0.02,
        native_scale=0.396,
        sky=(22, 22, 22),
    ),
    Recipe(
        "legacysurvey-griz",
        scales={"g": 9.0, "r": 5.1, "i": 4.5, "z": 3.3},
        mix={
            "g": ((_BLUE, 0.75),),
            "r": ((_GREEN, 0.5), (_BLUE, 0.25)),
            "i": ((_RED, 0.25), (_GREEN, 0.5)),
            "z": ((_RED, 0.75),),
        },
        offset=0.03,
        native_scale=0.262,
        sky=(32, 32, 32),
    ),
    Recipe("skyserver", sky=(4, 4, 2)),
    Recipe("unknown"),
]

#: The color recipes by name.
RECIPES = {recipe.name: recipe for recipe in _ALL}


def _formula(recipe):
    """Return the recipe of a name, if its formula is known."""
    recipe = RECIPES[recipe] if isinstance(recipe, str) else recipe
    if not recipe.scales:
        known = ", ".join(name for name, one in RECIPES.items() if one.scales)
        raise ValueError(f"The formula of color recipe {recipe.name!r} is not known; those of {known} are")
    return recipe


def _area_ratio(recipe, pixel_scale):
    return 1.0 if pixel_scale is None else (recipe.native_scale / pixel_scale) ** 2


def to_rgb(flux, bands, recipe, *, pixel_scale=None):
    """
    Return the picture of a flux image.

    Bands that the recipe does not use are left out, so that cubes of ``griz`` and of ``grz`` get
    the same colors. A plane that no band gives to stays 0.

    Parameters
    ----------
    flux : `~numpy.ndarray`, shape (band, y, x)
        In nanomaggies per pixel, first row at the bottom; NaN counts as no flux.
    bands : str
        One letter for each plane of the flux.
    recipe : str or Recipe
        Name of one of `RECIPES`, or one of your own.
    pixel_scale : float or None, optional
        Of the flux image, in arcsec; by default the scale at which the recipe holds.

    Returns
    -------
    picture : `~numpy.ndarray` of uint8, shape (y, x, 3)
        Red, green, blue; first row at the top.

    Raises
    ------
    ValueError
        If the recipe's formula is not known, or it uses none of the bands.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.images import to_rgb
    >>> flux = np.array([0.02, 0.05, 0.1]).reshape(3, 1, 1)
    >>> to_rgb(flux, 'grz', 'legacysurvey')[0, 0].tolist()
    [149, 119, 89]
    """
    recipe = _formula(recipe)
    used = [(plane, band) for plane, band in enumerate(bands) if band in recipe.scales]
    if not used:
        raise ValueError(f"Color recipe {recipe.name!r} uses the bands {recipe.bands}; the flux image has {bands}")
    ratio = _area_ratio(recipe, pixel_scale)
    factors = np.array([recipe.scales[band] * ratio for _, band in used], dtype=np.float32)
    scaled = np.nan_to_num(flux[[plane for plane, _ in used]].astype(np.float32))
    scaled *= factors[:, None, None]
    scaled += np.float32(recipe.offset)
    mean = np.maximum(scaled, 0).mean(axis=0)
    stretched = np.arcsinh(_SOFTENING * mean) / np.float32(np.sqrt(_SOFTENING))
    mean[mean == 0] = 1e-6
    scaled *= stretched / mean
    np.clip(scaled, 0, 1, out=scaled)
    picture = np.zeros((*mean.shape, 3), dtype=np.float32)
    for values, (_, band) in zip(scaled, used, strict=True):
        for plane, share in recipe.mix[band]:
            picture[..., plane] += share * values
    return (picture[::-1] * 255).astype(np.uint8)


def to_flux(picture, recipe, *, pixel_scale=None):
    """
    Return the flux image of a picture, where its recipe can be inverted.

    A picture has no more than 256 levels, no flux below that of value 0, and none above that of
    value 255: where it is saturated, the flux is too low.

    Parameters
    ----------
    picture : `~numpy.ndarray` of uint8, shape (y, x, 3)
        Red, green, blue; first row at the top.
    recipe : str or Recipe
        The recipe that made it: ``"legacysurvey"`` or ``"viewer-sdss"``.
    pixel_scale : float or None, optional
        Of the picture, in arcsec; by default the scale at which the recipe holds.

    Returns
    -------
    flux : `~numpy.ndarray` of float32, shape (band, y, x)
        In nanomaggies per pixel, in the order of the recipe's ``bands``; first row at the bottom.

    Raises
    ------
    ValueError
        If the recipe cannot be inverted.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.images import to_flux
    >>> picture = np.array([[[149, 119, 89]]], dtype=np.uint8)
    >>> [f'{value:.3f}' for value in to_flux(picture, 'legacysurvey')[:, 0, 0]]
    ['0.020', '0.050', '0.100']
    """
    recipe = _formula(recipe)
    if not recipe.invertible:
        raise ValueError(f"Pictures of color recipe {recipe.name!r} cannot be turned into flux")
    order = [recipe.mix[band][0][0] for band in recipe.bands]
    stretched = (picture[::-1, :, order].transpose(2, 0, 1).astype(np.float32) + 0.5) / 255  # mid-count
    mean_stretched = stretched.mean(axis=0)
    mean = np.sinh(np.sqrt(_SOFTENING) * mean_stretched) / _SOFTENING
    flux = stretched * (mean / mean_stretched) - np.float32(recipe.offset)
    factors = np.array(list(recipe.scales.values()), dtype=np.float32) * _area_ratio(recipe, pixel_scale)
    return (flux / factors[:, None, None]).astype(np.float32)


def flux_color(bands):
    """
    Return the color recipe that suits flux images of some bands.

    Parameters
    ----------
    bands : str
        One letter for each band.

    Returns
    -------
    color : str
        ``"legacysurvey"`` for g, r and z, ``"viewer-sdss"`` for g, r and i, else ``"unknown"``.

    Examples
    --------
    >>> from agnsf.images import flux_color
    >>> flux_color('ugriz')
    'legacysurvey'
    """
    return next((name for name, one in RECIPES.items() if one.invertible and set(one.bands) <= set(bands)), "unknown")


def judge_color(pictures):
    """
    Return the color recipe that pictures look like, judged by the level of their sky.

    The sky is the median of the outermost twentieth of each picture. It tells the viewer's
    layers and the pictures of the SDSS SkyServer apart, and nothing finer.

    Parameters
    ----------
    pictures : iterable of `~numpy.ndarray` of uint8, each of shape (y, x, 3)
        Some pictures of one origin.

    Returns
    -------
    color : str
        ``"skyserver"``, ``"viewer-sdss"``, ``"legacysurvey"``, or ``"unknown"`` where there are
        no pictures or their sky is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf.images import judge_color
    >>> judge_color([np.full((64, 64, 3), 33, dtype=np.uint8)])
    'legacysurvey'
    """
    levels = [np.median(_border(picture), axis=0) for picture in pictures]
    if not levels:
        return "unknown"
    sky = np.percentile(levels, 20, axis=0)  # light of galaxies that reach the border only adds to it
    candidates = [RECIPES[name] for name in ("skyserver", "viewer-sdss", "legacysurvey")]
    distance = {recipe.name: np.abs(sky - recipe.sky).max() for recipe in candidates}
    nearest = min(distance, key=distance.get)
    return nearest if distance[nearest] <= 10 else "unknown"


def _border(picture):
    width = max(1, min(picture.shape[:2]) // 20)
    edges = (picture[:width], picture[-width:], picture[:, :width], picture[:, -width:])
    return np.concatenate([edge.reshape(-1, 3) for edge in edges])
