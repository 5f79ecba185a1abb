# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Many cutouts on one picture, to look at."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from agnsf.images.colors import RECIPES, to_rgb
from agnsf.images.shaping import resize

__all__ = ["contact_sheet"]

_TEXT_HEIGHT = 32
_GAP = 6
_BAR_LENGTHS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)  # arcsec


def _tile(cutout, side):
    """Return the picture of a cutout, whatever it holds."""
    if cutout.is_picture:
        return resize(cutout.pixels, side)
    best = max(RECIPES.values(), key=lambda one: sum(band in cutout.bands for band in one.bands))
    if best.bands and any(band in cutout.bands for band in best.bands) and len(cutout.bands) > 1:
        return resize(to_rgb(cutout.pixels, cutout.bands, best, pixel_scale=cutout.pixel_scale), side)
    plane = np.nan_to_num(cutout.pixels[0])[::-1]
    low, high = np.percentile(plane, [1, 99.5])
    gray = (np.clip((plane - low) / max(high - low, 1e-12), 0, 1) * 255).astype(np.uint8)
    return resize(np.repeat(gray[..., None], 3, axis=2), side)


def _scale_bar(draw, left, bottom, side, arcsec):
    """Draw the longest round length that fits into 40 % of a tile that is so many arcsec wide."""
    fitting = [one for one in _BAR_LENGTHS if one <= 0.4 * arcsec]
    if fitting:
        length = round(fitting[-1] / arcsec * side)
        draw.line([(left + 8, bottom - 10), (left + 8 + length, bottom - 10)], fill="white", width=2)
        font = ImageFont.load_default(11)
        draw.text((left + 8, bottom - 26), f'{fitting[-1]}"', fill="white", font=font)


def contact_sheet(cutouts, labels, *, columns=8, side=160):
    """
    Return one picture of many cutouts, each with its name, its status and a scale bar.

    Parameters
    ----------
    cutouts : list of Cutout
        What to draw; of one without pixels the message is written instead.
    labels : list of str
        A name for each.
    columns : int, optional
        How many cutouts stand in a row of the sheet.
    side : int, optional
        Width and height of each, in pixels.

    Returns
    -------
    sheet : `~PIL.Image.Image`
        To be saved or shown.

    Examples
    --------
    >>> import numpy as np
    >>> from agnsf import Cutout
    >>> from agnsf.images import contact_sheet
    >>> gray = Cutout(np.full((64, 64, 3), 90, dtype=np.uint8), pixel_scale=0.262)
    >>> contact_sheet([gray, gray], ['NGC 1', 'NGC 2'], columns=2, side=100).size
    (218, 144)
    """
    columns = min(columns, max(1, len(cutouts)))
    rows = -(-len(cutouts) // columns)
    sheet = Image.new("RGB", (columns * (side + _GAP) + _GAP, rows * (side + _TEXT_HEIGHT + _GAP) + _GAP), (20, 20, 20))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, (cutout, label) in enumerate(zip(cutouts, labels, strict=True)):
        left = _GAP + index % columns * (side + _GAP)
        top = _GAP + index // columns * (side + _TEXT_HEIGHT + _GAP)
        if cutout.pixels is None:
            draw.rectangle([left, top, left + side - 1, top + side - 1], outline=(120, 60, 60))
            draw.multiline_text(
                (left + 6, top + 6), _wrapped(cutout.message, draw, font, side - 12), fill=(200, 140, 140), font=font
            )
        else:
            sheet.paste(Image.fromarray(_tile(cutout, side)), (left, top))
            if cutout.pixel_scale:
                _scale_bar(
                    draw,
                    left,
                    top + side,
                    side,
                    cutout.pixel_scale
                    * min(cutout.pixels.shape[-2:] if not cutout.is_picture else cutout.pixels.shape[:2]),
                )
        good = cutout.status == "ok"
        draw.text((left, top + side + 1), _shortened(label, draw, font, side), fill="white", font=font)
        draw.text((left, top + side + 15), cutout.status, fill=(130, 200, 130) if good else (240, 170, 90), font=font)
    return sheet


def _shortened(text, draw, font, width):
    while text and draw.textlength(text, font=font) > width:
        text = text[:-2] + "…"
    return text


def _wrapped(text, draw, font, width):
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(_shortened(word, draw, font, width))
    return "\n".join(lines[:8])
