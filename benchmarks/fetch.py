# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How fast cutouts are fetched: against the ideal of the server, and against reading and decoding alone.

Run it from anywhere, on an otherwise idle machine, with a folder of JPEG files of one size:
``python benchmarks/fetch.py ../shared/data/sdss/images``. The CPU time of a cutout is that of a
process which has fetched before; what the first fetch costs once, imports above all, is told beside it.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from astropy.table import Table

import agnsf
from agnsf.cache import CutoutCache
from agnsf.cutouts import Access, Framing, iter_cutouts
from agnsf.image_sources.legacysurvey import LegacySurvey
from agnsf.images import decode

README = Path(__file__).with_name("README.md")
SERVER = Path(__file__).parents[1] / "tests" / "server.py"
BEGIN, END = "<!-- fetch.py begins -->", "<!-- fetch.py ends -->"
LATENCY, CONNECTIONS, WARM_UP = 0.1, 4, 8


def galaxies(count):
    """Return a table of places spread over the sky."""
    rng = np.random.default_rng(1)
    return Table({"ra": rng.uniform(0, 360, count), "dec": rng.uniform(-30, 80, count)})


@contextmanager
def server(latency):
    """Run the test server in a process of its own, and give its address."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--latency", str(latency)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def from_server(count, folder):
    """Return cutouts per second, CPU seconds per cutout, and those of a first fetch, from a server with latency."""
    with server(LATENCY) as address:
        source = LegacySurvey(base_url=f"{address}/good", connections=CONNECTIONS)
        first = time.process_time()
        agnsf.fetch(galaxies(WARM_UP), images=source, access=Access(folder=folder / "warm"))
        first = time.process_time() - first
        wall, cpu = time.perf_counter(), time.process_time()
        fetched = agnsf.fetch(galaxies(count), images=source, access=Access(folder=folder / "cold"))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if set(fetched["image_status"]) != {"ok"}:
        raise SystemExit("the server did not give every cutout")
    return count / wall, cpu / count, first


def from_cache(files, folder):
    """Return the time of a fetch from the cache, in units of the time that reading and decoding take."""
    table, cache, source = galaxies(len(files)), CutoutCache(folder / "kept"), LegacySurvey()
    size = decode(files[0].read_bytes()).shape[0]
    for row, path in zip(table, files, strict=True):
        url = source.url({"ra": row["ra"], "dec": row["dec"]}, size=size, pixel_scale=0.262)
        cache.keep(url, path.read_bytes())
    framing, access = Framing(size=size), Access(folder=cache.folder, offline=True)
    agnsf.fetch(table[:50], images=source, framing=framing, access=access)
    ratios = []
    for _ in range(3):
        start = time.perf_counter()
        for path in files:
            decode(path.read_bytes())
        alone = time.perf_counter() - start
        start = time.perf_counter()
        fetched = agnsf.fetch(table, images=source, framing=framing, access=access)
        ratios.append((time.perf_counter() - start) / alone)
    if not set(fetched["image_status"]) <= {"ok", "partial"}:
        raise SystemExit("the cache did not give every cutout")
    return min(ratios)


def growth(folder):
    """Return by how many MB the memory grows from 1,000 to 100,000 rows of cutouts in the cache."""
    places, framing = galaxies(16), Framing(size=64)
    with server(0.0) as address:
        source = LegacySurvey(base_url=f"{address}/good", connections=CONNECTIONS)
        list(iter_cutouts(places, source, framing=framing, access=Access(folder=folder / "few")))
        peaks = []
        for count in (1_000, 100_000):
            table = places[np.arange(count) % len(places)]
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for _ in iter_cutouts(table, source, framing=framing, access=Access(folder=folder / "few")):
                pass
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    return peaks[1] / 1024


def main():
    """Measure, print, and write the numbers into README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path, help="folder of JPEG files of one size")
    parser.add_argument("--count", type=int, default=2000, help="cutouts to fetch from the server")
    options = parser.parse_args()
    files = sorted(options.images.glob("*.jp*g"))
    ideal = CONNECTIONS / LATENCY
    with tempfile.TemporaryDirectory() as folder:
        grown = growth(Path(folder))  # first, while the process is small
        rate, cpu, first = from_server(options.count, Path(folder))
        ratio = from_cache(files, Path(folder))
    asked = f"{options.count} cutouts, {LATENCY * 1e3:.0f} ms latency, {CONNECTIONS} connections"
    kept = f"{len(files)} cutouts in the cache, against reading and decoding alone"
    results = [
        (asked, f"{rate:.1f} per second", f"at least {0.95 * ideal:.0f}", rate >= 0.95 * ideal),
        ("CPU time for each", f"{cpu * 1e3:.2f} ms", "under 3 ms", cpu < 3e-3),
        (f"CPU time of a first fetch of {WARM_UP}, imports included", f"{first:.2f} s", "", None),
        (kept, f"{ratio:.2f} x", "under 3 x", ratio < 3),
        ("memory from 1,000 to 100,000 rows", f"+{grown:.0f} MB", "under 50 MB", grown < 50),
    ]
    held = {True: "yes", False: "**no**", None: ""}
    lines = [f"| {what} | {value} | {bar} | {held[good]} |" for what, value, bar, good in results]
    machine = f"{len(os.sched_getaffinity(0))} cores of {platform.processor() or platform.machine()}"
    head = f"Measured {datetime.now(UTC).date().isoformat()}, {machine}, Python {platform.python_version()}:"
    table = "\n".join([head, "", "| what | value | bar | held |", "|---|---|---|---|", *lines])
    print(table)
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text:
        text += f"\n## Fetching (`fetch.py`)\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return int(any(good is False for *_, good in results))


if __name__ == "__main__":
    sys.exit(main())
