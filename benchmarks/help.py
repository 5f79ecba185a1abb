# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How long ``agnsf --help`` takes, against a script that does nothing but import click.

Run it from anywhere, on an otherwise idle machine: ``python benchmarks/help.py``.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

BAR = 2.0


def seconds(command):
    """Return how long a command takes from start to end."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20, help="Runs of each command, in turns (default: 20).")
    repeats = parser.parse_args().repeats

    commands = {
        "agnsf --help": [str(Path(sys.executable).with_name("agnsf")), "--help"],
        "import click": [sys.executable, "-c", "import click"],
    }
    times = {name: [] for name in commands}
    for round_ in range(repeats + 1):
        for name, command in commands.items():
            spent = seconds(command)
            if round_:  # the first round only warms the file cache
                times[name].append(spent)

    for name, spent in times.items():
        print(f"{name:14} {1000 * median(spent):6.1f} ms (median of {repeats}; fastest {1000 * min(spent):.1f})")
    ratio = median(times["agnsf --help"]) / median(times["import click"])
    print(f"ratio          {ratio:6.2f}    (bar: {BAR}; {os.cpu_count()} cores)")
    return ratio > BAR


if __name__ == "__main__":
    sys.exit(main())
