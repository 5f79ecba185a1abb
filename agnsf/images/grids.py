# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Flux images resampled onto the grid of a cutout."""

from dataclasses import replace

import numpy as np

__all__ = ["fill_gaps", "image_window", "north_up", "north_up_wcs", "resample"]

_PARTIAL = 0.2  # fraction of a cutout without data from which on it is called partial
_LEAST_COVERAGE = 1e-3  # of a pixel of the grid by an image


def north_up_wcs(ra, dec, *, size, pixel_scale):
    """
    Return the WCS of a cutout: tangential, north up, east left, the galaxy in the middle.

    Parameters
    ----------
    ra, dec : float
        The galaxy, ICRS, in degrees.
    size : int
        Width and height in pixels.
    pixel_scale : float
        In arcsec per pixel.

    Returns
    -------
    wcs : `~astropy.wcs.WCS`
        Its ``pixel_shape`` is set.

    Examples
    --------
    >>> from agnsf.images import north_up_wcs
    >>> north_up_wcs(150.0, 2.0, size=250, pixel_scale=0.262).wcs.crpix.tolist()
    [125.5, 125.5]
    """
    from astropy.wcs import WCS

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [ra, dec]
    wcs.wcs.crpix = [(size + 1) / 2] * 2
    wcs.wcs.cdelt = [-pixel_scale / 3600, pixel_scale / 3600]
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.pixel_shape = (size, size)
    return wcs


def image_window(wcs, shape, grid):
    """
    Return the part of an image that a grid covers, with a margin for resampling.

    Parameters
    ----------
    wcs : `~astropy.wcs.WCS`
        The image's celestial WCS.
    shape : tuple of int
        The image's height and width.
    grid : `~astropy.wcs.WCS`
        With its ``pixel_shape`` set; see `north_up_wcs`.

    Returns
    -------
    window : tuple of slice or None
        Rows and columns; None if the grid covers nothing of the image.
    """
    width, height = grid.pixel_shape
    x = np.linspace(-0.5, width - 0.5, 9)
    y = np.linspace(-0.5, height - 0.5, 9)
    edge_x = np.concatenate([x, x, np.full(9, x[0]), np.full(9, x[-1])])
    edge_y = np.concatenate([np.full(9, y[0]), np.full(9, y[-1]), y, y])
    there_x, there_y = wcs.world_to_pixel(grid.pixel_to_world(edge_x, edge_y))
    if not (np.isfinite(there_x).all() and np.isfinite(there_y).all()):
        return None
    bounds = []
    for values, length in ((there_y, shape[0]), (there_x, shape[1])):
        low, high = max(0, int(values.min()) - 4), min(length, int(values.max()) + 5)
        if low >= high:
            return None
        bounds.append(slice(low, high))
    return tuple(bounds)


def resample(images, grid):
    """
    Resample flux images onto one grid; the flux of a galaxy is conserved.

    Each image is resampled by `reproject.reproject_exact`, by the overlap of its pixels with those
    of the grid on the sphere. Where several images cover a pixel of the grid, their mean weighted
    by their coverage is taken.

    Parameters
    ----------
    images : list of (`~numpy.ndarray`, `~astropy.wcs.WCS`)
        Flux per pixel, each of shape (..., y, x), NaN where there is none; with its celestial WCS.
    grid : `~astropy.wcs.WCS`
        With its ``pixel_shape`` set; see `north_up_wcs`.

    Returns
    -------
    flux : `~numpy.ndarray` of float32, shape (..., y, x)
        Flux per pixel of the grid; NaN where no image reaches.

    Raises
    ------
    ValueError
        If there is no image.
    """
    from astropy.wcs.utils import proj_plane_pixel_area
    from reproject import reproject_exact

    if not images:
        raise ValueError("expected at least one image to resample, found none")
    shape = (*images[0][0].shape[:-2], *grid.pixel_shape[::-1])
    total, weight = np.zeros(shape), np.zeros(shape)
    for pixels, wcs in images:
        window = image_window(wcs, pixels.shape[-2:], grid)
        if window is None:
            continue
        inside = np.asarray(pixels[..., *window], dtype=np.float64)
        # What is resampled is a mean over area: surface brightness, not flux per pixel.
        part, coverage = reproject_exact((inside, wcs[window]), grid, shape_out=shape, parallel=False)
        good = np.isfinite(part) & (coverage > _LEAST_COVERAGE)
        total[good] += part[good] * coverage[good] / proj_plane_pixel_area(wcs)
        weight[good] += coverage[good]
    with np.errstate(invalid="ignore"):
        return (total / weight * proj_plane_pixel_area(grid)).astype(np.float32)


def north_up(cutout, *, ra=None, dec=None):
    """
    Return a flux image turned so that north is up and east left.

    Parameters
    ----------
    cutout : Cutout
        A flux image. Without a WCS it is returned as it is, and so it is where it lies right.
    ra, dec : float or None, optional
        What to put in the middle, in degrees; by default what is there already.

    Returns
    -------
    cutout : Cutout
        Of the same pixel scale; where nothing was known it is 0, and the status is ``partial``
        if that is more than a fifth of it.
    """
    if cutout.wcs is None or _lies_right(cutout.wcs):
        return cutout
    height, width = cutout.pixels.shape[1:]
    if ra is None or dec is None:
        middle = cutout.wcs.pixel_to_world((width - 1) / 2, (height - 1) / 2).icrs
        ra, dec = middle.ra.deg, middle.dec.deg
    grid = north_up_wcs(ra, dec, size=min(height, width), pixel_scale=cutout.pixel_scale)
    return fill_gaps(replace(cutout, pixels=resample([(cutout.pixels, cutout.wcs)], grid), wcs=grid))


def fill_gaps(cutout):
    """
    Return a flux image with 0 where it is NaN.

    Parameters
    ----------
    cutout : Cutout
        A flux image.

    Returns
    -------
    cutout : Cutout
        Its status is ``partial`` if more than a fifth of one of its bands was NaN.
    """
    empty = np.isnan(cutout.pixels)
    fraction = float(empty.mean(axis=(1, 2)).max())
    pixels = np.where(empty, np.float32(0), cutout.pixels)
    if fraction <= _PARTIAL:
        return replace(cutout, pixels=pixels)
    return replace(cutout, pixels=pixels, status="partial", message=f"{fraction:.0%} of the image has no data")


def _lies_right(wcs):
    """Whether north is up and east left, to a degree."""
    matrix = wcs.pixel_scale_matrix
    return bool(
        matrix[0, 0] < 0 < matrix[1, 1]
        and abs(matrix[0, 1]) < 0.02 * abs(matrix[0, 0])
        and abs(matrix[1, 0]) < 0.02 * abs(matrix[1, 1])
    )
