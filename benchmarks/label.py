# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How long ``agnsf.label`` takes and how much memory, against bare logarithms and against a loop over rows.

Run it from anywhere, on an otherwise idle machine: ``python benchmarks/label.py``.
"""

import argparse
import math
import os
import sys
import time
import tracemalloc

import numpy as np
from astropy.table import Table

import agnsf

LINES = ("h_alpha_flux", "h_beta_flux", "oiii_5007_flux", "nii_6584_flux")
TIME_BAR = 3.0
MEMORY_BAR = 3.0
ROWWISE_BAR = 10.0


def galaxies(rows):
    """Return a table of random line fluxes."""
    rng = np.random.default_rng(1)
    return Table({name: rng.lognormal(0, 1, rows) for name in LINES}, copy=False)


def seconds(function):
    """Return how long a function takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def bare(fluxes):
    """Evaluate the two ratios and nothing else."""
    h_alpha, h_beta, oiii, nii = fluxes
    return np.log10(nii / h_alpha), np.log10(oiii / h_beta)


def label_of(row):
    """Return the class of one row, as a script would."""
    if min(row["h_alpha_flux"], row["h_beta_flux"], row["oiii_5007_flux"], row["nii_6584_flux"]) <= 0:
        return None
    x = math.log10(row["nii_6584_flux"] / row["h_alpha_flux"])
    y = math.log10(row["oiii_5007_flux"] / row["h_beta_flux"])
    return "SF" if x < -0.1 and y < 0.61 / (x - 0.05) + 1.3 else "AGN"


def rowwise(table, rows):
    """Return the seconds for a row of two usual scripts: pandas' apply, and a loop over an Astropy table."""
    part = table[:rows]
    found = {"loop over table rows": seconds(lambda: [label_of(row) for row in part]) / rows}
    try:
        frame = part.to_pandas()
    except ImportError:
        return found
    return found | {"pandas apply": seconds(lambda: frame.apply(label_of, axis=1)) / rows}


def memory(function):
    """Return the largest number of bytes that a function holds beyond those held before."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def verdict(what, ratio, bar, *, least=False):
    """Print one comparison with its bar, and return whether the bar is missed."""
    missed = ratio < bar if least else ratio > bar
    print(
        f"{what:44} {ratio:8.2f}    (bar: {'at least' if least else 'at most'} {bar:g}{', MISSED' if missed else ''})"
    )
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="Galaxies to label (default: ten million).")
    parser.add_argument(
        "--repeats", type=int, default=7, help="Runs of each, in turns; the fastest counts (default: 7)."
    )
    parser.add_argument(
        "--loop-rows", type=int, default=20_000, help="Galaxies of the loops over rows (default: 20,000)."
    )
    options = parser.parse_args()

    table = galaxies(options.rows)
    fluxes = [np.asarray(table[name]) for name in LINES]
    agnsf.label(table[:10])  # imports, and the labeler's one remark
    runs = {"two bare log10 ratios": lambda: bare(fluxes), "agnsf.label": lambda: agnsf.label(table)}
    turns = [{name: seconds(run) for name, run in runs.items()} for _ in range(options.repeats)]
    times = {name: min(turn[name] for turn in turns) for name in runs}
    times |= {name: spent * options.rows for name, spent in rowwise(table, options.loop_rows).items()}
    for name, spent in times.items():
        print(f"{name:44} {spent:8.2f} s")
    print(
        f"{options.rows:,} galaxies, {os.cpu_count()} cores; the loops are measured on {options.loop_rows:,} and scaled"
    )

    loop = min(spent for name, spent in times.items() if name not in runs)
    missed = [
        verdict("time against the bare ratios", times["agnsf.label"] / times["two bare log10 ratios"], TIME_BAR),
        verdict(
            "peak memory against the four inputs",
            memory(runs["agnsf.label"]) / sum(f.nbytes for f in fluxes),
            MEMORY_BAR,
        ),
        verdict("times faster than the faster loop", loop / times["agnsf.label"], ROWWISE_BAR, least=True),
    ]
    return any(missed)


if __name__ == "__main__":
    sys.exit(main())
