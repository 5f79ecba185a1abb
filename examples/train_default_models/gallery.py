# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Show where the model for pictures of the SkyServer fails worst.

    python examples/train_default_models/gallery.py DATA agnsf/models/sdss docs/models_failures.inc [failures.png]

Writes a table for the docs and, if asked, the pictures themselves.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from agnsf import catalogs
from agnsf.columns import float_values

EACH = 6  # of the AGN taken for SF, and of the SF taken for AGN
CROP = 169  # pixels of 423: four Petrosian radii
_PICTURE = (
    "https://skyserver.sdss.org/dr18/SkyServerWS/ImgCutout/getjpeg?ra={ra:.5f}&dec={dec:.5f}"
    "&scale=0.3&width=256&height=256"
)


def worst(table):
    """Return the rows of the galaxies whose ``p_agn`` is farthest from their class: first AGN, then SF."""
    is_agn, p_agn = np.asarray(table["label"]) != "SF", np.asarray(table["p_agn"])
    missed, called = (np.flatnonzero(chosen) for chosen in (is_agn, ~is_agn))
    return [*missed[np.argsort(p_agn[missed])][:EACH], *called[np.argsort(-p_agn[called])][:EACH]]


def as_rst(table):
    """Return a table for the docs; a galaxy whose place is known is a link to its picture."""
    lines = [".. list-table::", "    :header-rows: 1", ""]
    rows = [("galaxy (SDSS DR7 objID)", "class", "``p_agn``", "Galaxy Zoo type", "z")]
    places = [float_values(table, name) for name in ("ra", "dec", "z")]
    for row, ra, dec, z in zip(table, *places, strict=True):
        name = str(row["objid"])
        if np.isfinite(ra):
            name = f"`{name} <{_PICTURE.format(ra=ra, dec=dec)}>`__"
        kind = row["label"] if row["label"] != "AGN" else row["subclass"] or "AGN"
        rows.append((name, kind, f"{row['p_agn']:.2f}", row["gz1"], f"{z:.3f}" if np.isfinite(z) else ""))
    for row in rows:
        first, *others = row
        lines += [f"    * - {first}", *(f"      - {one}".rstrip() for one in others)]
    return "\n".join(lines) + "\n"


def contact_sheet(table, folder):
    """Return the middles of the pictures of a table in rows of ``EACH``."""
    pictures = []
    for name in table["image"]:
        picture = np.asarray(Image.open(folder / name))
        low = (len(picture) - CROP) // 2
        pictures.append(picture[low : low + CROP, low : low + CROP])
    return np.vstack([np.hstack(pictures[start : start + EACH]) for start in range(0, len(pictures), EACH)])


def main(data, model, output, sheet=None):
    """Write the table, and the pictures."""
    sdss = Path(data) / "sdss"
    table = catalogs.read_table(sdss / "labelled.ecsv")
    validation = catalogs.read_table(Path(model) / "validation.ecsv")  # in the order of the table
    if not np.array_equal(validation["is_agn"] == 1, np.asarray(table["label"]) != "SF"):
        raise ValueError(f"{model} was not judged by the galaxies of {sdss}")
    table["p_agn"] = validation["p_agn"]
    table = table[worst(table)]
    Path(output).write_text(as_rst(table), encoding="utf-8")
    if sheet:
        Image.fromarray(contact_sheet(table, sdss / "images")).save(sheet)


if __name__ == "__main__":
    main(*sys.argv[1:])
