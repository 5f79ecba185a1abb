# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Begin a run again and again, and kill it each time: ``killing.py TABLE OUT MODEL KILLS SEED``."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import agnsf_quick  # noqa: F401

# with all that it imports, before the first fork
from agnsf.inference import classify_file, files
from agnsf.plugins import load_image_source


def parts(folder):
    """Return the finished parts, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def wait_for(condition, patience=60):
    """Wait until something is the case."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "the run does not get on"
        time.sleep(0.001)


def begin_and_kill(classify, moment):
    """Run in a process of its own, and kill that when a function returns."""
    child = os.fork()
    if not child:
        classify()
        os._exit(0)
    moment()
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the run ended before it was killed"


def main(table, output, model, kills, seed):
    draw = random.Random(seed)
    files.PART_ROWS = 256
    source = load_image_source("quick", missing=5, delay=2e-5)
    folder, before = Path(f"{output}.parts"), {}

    def classify():
        classify_file(table, output, images=source, classifier=model)

    for _ in range(int(kills)):
        wanted = len(before) + draw.randint(0, 2)

        def moment(wanted=wanted):
            wait_for(lambda: len(parts(folder)) >= wanted)
            time.sleep(draw.uniform(0.0, 0.05))

        begin_and_kill(classify, moment)
        after = parts(folder)
        assert before.items() <= after.items(), "a finished part was done again or lost"
        before = after
    assert before, "no part was ever finished"
    begin_and_kill(classify, lambda: wait_for(lambda: any(folder.glob(".joining-*"))))
    assert not Path(output).exists(), "there is an output before it is whole"
    classify()


if __name__ == "__main__":
    main(*sys.argv[1:])
