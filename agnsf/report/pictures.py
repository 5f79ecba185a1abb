# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Which galaxies a report shows, and their thumbnails."""

import base64
import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

__all__ = ["THUMBNAILS", "Pictures", "chosen_rows", "collect_pictures", "galleries"]

#: A page holds no more pictures than this: each takes about 8 kB.
THUMBNAILS = 400

_PER_GALLERY = 6
_SIDE = 160
_QUALITY = 80


@dataclass(frozen=True)
class Pictures:
    """
    Thumbnails of galaxies.

    Parameters
    ----------
    source : str
        Name of the image source; empty where no images were asked for.
    urls : dict of int to str
        JPEG files as data URLs, by row.
    failed : int
        Of how many galaxies there was no image.
    """

    source: str = ""
    urls: dict = field(default_factory=dict)
    failed: int = 0


def galleries(p_agn, threshold, *, is_agn=None):
    """
    Choose the galaxies that say most about a classifier.

    Parameters
    ----------
    p_agn : `~numpy.ndarray` of float64, shape (n,)
        NaN where there is none.
    threshold : float
        The threshold in use.
    is_agn : `~numpy.ndarray` of bool, shape (n,), optional
        The classes, where they are known.

    Returns
    -------
    found : dict of str to list of int
        Indices by the gallery's title, at most six in each, the most telling first.
    """
    known = np.flatnonzero(np.isfinite(p_agn))
    low, high = known[np.argsort(p_agn[known], kind="stable")], known[np.argsort(-p_agn[known], kind="stable")]
    nearest = known[np.argsort(abs(p_agn[known] - threshold), kind="stable")]
    found = {"Most confident AGN": high, "Most confident SF": low, "Nearest the Threshold": nearest}
    if is_agn is not None:
        found = {
            "Most confident AGN": high[is_agn[high]],
            "Most confident SF": low[~is_agn[low]],
            "Most wrong: SF galaxies with a high p_agn": high[~is_agn[high] & (p_agn[high] >= threshold)],
            "Most wrong: AGN with a low p_agn": low[is_agn[low] & (p_agn[low] < threshold)],
            "Nearest the Threshold": nearest,
        }
    return {title: rows[:_PER_GALLERY].tolist() for title, rows in found.items() if len(rows)}


def chosen_rows(shown, n):
    """
    Return which galaxies get a thumbnail.

    Parameters
    ----------
    shown : dict of str to list of int
        The galleries.
    n : int
        How many galaxies there are.

    Returns
    -------
    rows : list of int
        Those of the galleries, then the first ones, up to `THUMBNAILS`.
    """
    wanted = dict.fromkeys(row for rows in shown.values() for row in rows)
    for row in range(n):
        if len(wanted) >= THUMBNAILS:
            break
        wanted[row] = None
    return sorted(wanted)


def data_url(picture, *, side=_SIDE):
    """
    Return a picture as a small JPEG in a data URL.

    Parameters
    ----------
    picture : `~numpy.ndarray` of uint8, shape (y, x, 3)
        The first row is the top.
    side : int, optional
        Width and height in pixels.

    Returns
    -------
    url : str
    """
    from agnsf.images import resize

    buffer = io.BytesIO()
    Image.fromarray(resize(picture, side)).save(buffer, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def collect_pictures(table, rows, source, *, framing=None, access=None, progress=False):
    """
    Fetch the cutouts of some galaxies as thumbnails.

    Parameters
    ----------
    table : `~astropy.table.Table`
        The galaxies, in our names and units.
    rows : sequence of int
        Which of them.
    source : ImageSource
        Where the cutouts come from.
    framing : Framing or None, optional
        How they are framed.
    access : Access or None, optional
        How they are asked for.
    progress : bool, optional
        Whether to show the progress on standard error.

    Returns
    -------
    pictures : Pictures
        By row of the table.
    """
    from tqdm import tqdm

    from agnsf.cutouts import iter_cutouts
    from agnsf.images import fit_input, flux_color

    def thumbnail(cutout):
        color = source.color if cutout.is_picture else flux_color(cutout.bands)
        return fit_input(cutout, input="rgb", size=_SIDE, color=color)

    urls, failed = {}, 0
    found = iter_cutouts(table[list(rows)], source, framing=framing, access=access, finish=thumbnail)
    for place, cutout in tqdm(found, total=len(rows), desc="pictures", disable=None if progress else True):
        if cutout.pixels is None:
            failed += 1
        else:
            urls[int(rows[place])] = data_url(cutout.pixels)
    return Pictures(source=source.name, urls=urls, failed=failed)
