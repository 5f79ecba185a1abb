# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Train the models that ship with agnsf.

    python examples/train_default_models/train.py DATA agnsf/models

DATA is a folder with ``catalogs/schawinski2010.fits``, ``catalogs/mpajhu_fluxes.csv``, ``legacysurvey/galaxies.ecsv``
and ``sdss/galaxies.ecsv``, with the pictures that the latter two name beside them and in ``sdss/images``. Every number
in a model.json comes from galaxies that the classifier had not seen.
"""

import json
import sys
from pathlib import Path

import from_photometry
import from_pictures
import networks
import numpy as np
from judging import median_difference
from photometry import Schawinski, emission_line_galaxies

from agnsf.evaluation import apply_calibration, shift_prior
from agnsf.models import load_model

SKYSERVER = 400  # of its pictures, as what the other models are not for


def note(folder, name, value):
    """Add to what is recorded as measured of a model."""
    path = folder / "model.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    info["measured"][name] = value.as_dict()
    path.write_text(json.dumps(info, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def by_photometry(galaxies, folder, other, rule):
    """Return by how much ``p_agn`` of pictures differs from what another model's rule tells of photometry."""
    known = np.flatnonzero(galaxies.entry >= 0)
    colors = galaxies.photometry.colors[galaxies.entry[known]][:, from_photometry.KINDS[other.name].colors]
    complete = np.isfinite(colors).all(axis=1)
    known, colors = known[complete], colors[complete]
    model, info = load_model(folder), load_model(other).info
    seen = model.predict(galaxies.pictures[known], galaxies.table[known])["p_agn"]
    told = apply_calibration(rule.predict(colors), info["calibration"])
    told = shift_prior(told, base_rate=info["base_rate"], prior=model.info["base_rate"])
    return median_difference(seen, told)


def main():
    """Train all, and compare them on the same galaxies."""
    data, models = map(Path, sys.argv[1:])
    nearby = Schawinski.read(data / "catalogs" / "schawinski2010.fits")
    far = emission_line_galaxies(data / "catalogs" / "mpajhu_fluxes.csv")
    galaxies = from_pictures.SkyServer(data, nearby)
    some = galaxies.pictures[:: len(galaxies.pictures) // SKYSERVER]
    folders = {color: models / color for color in from_photometry.KINDS}
    rules = {
        color: from_photometry.train(color, data, folder, nearby=nearby, far=far, skyserver=some)
        for color, folder in folders.items()
    }
    difference = from_photometry.agreement(folders)
    for folder in folders.values():
        note(folder, "difference of p_agn between renderings by two surveys, median", difference)
    start = networks.pretrain(models / "simulated")
    sdss = models / "sdss"
    from_pictures.train(galaxies, sdss, routes=networks.answers(galaxies, start))
    for name, one in from_pictures.called_by_type(galaxies, sdss).items():
        note(sdss, name, one)
    difference = by_photometry(galaxies, sdss, folders["legacysurvey"], rules["legacysurvey"])
    note(sdss, "difference of p_agn from that by photometry, median", difference)


if __name__ == "__main__":
    main()
