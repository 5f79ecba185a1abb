# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How fast galaxies are classified: against the ceilings of the same machine, and against plain loops.

Run it from anywhere, on an otherwise idle machine, with a folder of JPEG files:
``python benchmarks/classify.py ../shared/data/sdss/images``. Networks have random weights, which
cost the same as trained ones.
"""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rates

README = Path(__file__).with_name("README.md")
COSTS = Path(__file__).parents[1] / "docs" / "large_costs.inc"
SERVER = 40  # cutouts per second of a survey's server: 4 connections, 100 ms for an answer
BEGIN, END = "<!-- classify.py begins -->", "<!-- classify.py ends -->"


def machine():
    """Return on which machine and when this is measured."""
    import torch

    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    when = datetime.now(UTC).date().isoformat()
    return f"{when}, {len(os.sched_getaffinity(0))} cores of {processor}{gpu}, torch {torch.__version__}"


def write_down(lines):
    """Replace what an earlier run has written into README.md."""
    text = README.read_text(encoding="utf-8")
    table = "\n".join([f"Measured {machine()}:", "", "| what | value | bar | |", "|---|---|---|---|", *lines])
    if BEGIN not in text:
        text += f"\n## Classification (`classify.py`)\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def duration(seconds):
    """Return a time in the unit that suits it."""
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} days"


def write_costs(measured):
    """Write the table of costs for the documentation."""
    lines = [f".. Written by benchmarks/classify.py: {machine()}", "", f"On {machine().split(', ', 1)[1]}:", ""]
    lines += [".. list-table::", "   :header-rows: 1", ""]
    head = ["galaxies with", "per second", "10\\ :sup:`5`", "10\\ :sup:`6`", "10\\ :sup:`7`"]
    rows = [head, *([name, f"{rate:,.0f}", *(duration(n / rate) for n in (1e5, 1e6, 1e7))] for name, rate in measured)]
    lines += [f"   {'*' if not number else ' '} - {cell}" for row in rows for number, cell in enumerate(row)]
    COSTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def processor_seconds():
    """Return how long all cores have worked since the machine was started, and how long for this program."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle, times = ticks[3] + ticks[4], os.times()
    mine = times.user + times.system + times.children_user + times.children_system
    return (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK"), mine


class Report:
    """The lines of the result."""

    def __init__(self):
        self.lines, self.missed = [], False

    def add(self, what, value, bar=None, *, at_least=True):
        """Note a value; of several, measured in turns with what it is compared with, the median."""
        value = np.median(value)
        met = "" if bar is None else "met" if (value >= bar) == at_least else "MISSED"
        self.missed |= met == "MISSED"
        shown = "" if bar is None else f"{'≥' if at_least else '<'} {bar:g}"
        number = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
        self.lines.append(f"| {what} | {number} | {shown} | {met} |")
        print(self.lines[-1], flush=True)


def measure_network(name, folder, options, report):
    """Measure one network: alone, end to end, and against plain loops."""
    from agnsf.cutouts import Framing
    from agnsf.inference import Engine

    model = rates.model_of(name)
    engine = Engine(model, compiled=True)
    print(f"{name}: {engine.compute}, {engine.threads} threads")
    seconds, rows = options.seconds, options.rows
    zoobot = options.zoobot if name == "convnext_nano" else None
    ours, decoding, whole, eager, plain, other, theirs = rates.in_turns(
        options.repeats,
        lambda: rates.network_rate(engine, seconds),
        lambda: rates.decode_rate(engine, folder, rows // 2),
        lambda: rates.end_to_end_rate(engine, folder, rows, Framing(size=model.classifier.size)),
        lambda: rates.plain_network_rate(model, seconds),
        lambda: rates.plain_loop_rate(model, folder, rows // 8),
        lambda: rates.openvino_rate(model, seconds, engine.compute.batch_size),
        lambda: zoobot and rates.zoobot_rate(zoobot, folder, rows // 2, size=rates.SIZE),
    )
    report.add(f"{name}: network alone, images/s", ours)
    report.add(f"{name}: the same, eager float32", eager)
    report.add(f"{name}: ratio", ours / eager, 3)
    if other is not None:
        report.add(f"{name}: OpenVINO bfloat16, images/s", other)
        report.add(f"{name}: ratio to OpenVINO", ours / other, 0.85)
    ceiling = np.minimum(decoding, ours) if engine.pinned else 1 / (1 / decoding + 1 / ours)
    report.add(f"{name}: decoding alone, files/s", decoding)
    report.add(f"{name}: end to end, galaxies/s", whole)
    report.add(f"{name}: share of the ceiling", whole / ceiling, 0.85)
    report.add(f"{name}: loop of PIL and eager torch, galaxies/s", plain)
    report.add(f"{name}: ratio", whole / plain, 5 if name == "cnn" else 2.5)
    if theirs is not None:
        report.add("Zoobot 2.9 predict_on_catalog, galaxies/s", theirs)
        report.add("ratio to Zoobot", whole / theirs, 3.5)
    return np.median(whole)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="Folder of JPEG files.")
    parser.add_argument("--rows", type=int, default=8192, help="Galaxies of a run end to end (default: 8192).")
    parser.add_argument("--stub-rows", type=int, default=1_000_000, help="Galaxies of the largest run without images.")
    parser.add_argument("--dask-rows", type=int, default=100_000, help="Galaxies on the Dask workers; 0: leave out.")
    parser.add_argument("--networks", nargs="*", default=["cnn", "convnext_nano"], help="cnn, or names of timm.")
    parser.add_argument("--zoobot", type=Path, help="Python of an environment with Zoobot 2.9, to compare with.")
    parser.add_argument("--seconds", type=float, default=5, help="Time of a measurement of a network alone.")
    parser.add_argument("--repeats", type=int, default=3, help="Rounds, of which the medians count (default: 3).")
    parser.add_argument(
        "--write", action="store_true", help="Write the results into benchmarks/README.md and docs/large_costs.inc."
    )
    options = parser.parse_args()
    report, before = Report(), processor_seconds()
    default = rates.default_rate(options.images, options.rows // 2)
    report.add("the default model for SkyServer pictures: end to end, galaxies/s", default)
    costs = [("a server that gives 40 cutouts a second", SERVER), ("JPEG files, the default model", default)]
    for name in options.networks:
        whole = measure_network(name, options.images, options, report)
        costs.append((f"JPEG files, ``{name}``", whole))
    if options.stub_rows:
        small = rates.stub_run(10_000)[1]
        seconds, large = rates.stub_run(options.stub_rows)
        report.add(
            f"memory at {options.stub_rows:,} rows beyond that at 10,000, MB", large - small, 200, at_least=False
        )
        report.add("a row with an image that costs nothing, µs", 1e6 * seconds / options.stub_rows)
        rows = min(options.stub_rows, 200_000)
        base, seconds = (
            min(rates.stub_run(count, missing=1)[0] for _ in range(options.repeats)) for count in (1024, rows)
        )
        report.add("overhead of a row without an image, µs", 1e6 * (seconds - base) / rows, 50, at_least=False)
    if options.dask_rows:
        ratio = rates.dask_ratio(options.images, options.dask_rows, rates.model_of("cnn"))
        report.add("two Dask workers against one", ratio, 1.6)
    everyone, mine = (now - then for now, then in zip(processor_seconds(), before, strict=True))
    report.add("processor time that other programs took meanwhile, %", 100 * (1 - mine / everyone))
    if options.write:
        write_down(report.lines)
        write_costs(costs)
    return report.missed


if __name__ == "__main__":
    sys.exit(main())
