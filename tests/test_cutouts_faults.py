# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Processes that are killed, two at once, and a full disk: through the command line."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from astropy.table import Table
from server import ImageServer

import agnsf
from agnsf import catalogs
from agnsf.cutouts import Access, Framing
from agnsf.image_sources.legacysurvey import LegacySurvey

ROWS, FEW = 500, 150


@pytest.fixture
def fetching(tmp_path):
    """Return a function that starts ``agnsf fetch`` on some galaxies, a server, and the folder of it all."""
    rng = np.random.default_rng(8)
    table = Table({"id": np.arange(ROWS), "ra": rng.uniform(0, 360, ROWS), "dec": rng.uniform(-30, 30, ROWS)})
    catalogs.write_table(table, tmp_path / "galaxies.fits")
    catalogs.write_table(table[:FEW], tmp_path / "few.fits")
    with ImageServer(latency=0.002) as images:

        def start(output, table="few.fits", cache="cache", behavior="good", prefix=()):
            (tmp_path / cache / "agnsf").mkdir(parents=True, exist_ok=True)
            command = [*prefix, sys.executable, "-m", "agnsf", "fetch", str(tmp_path / table)]
            command += ["-I", f"base_url={images.url(behavior)}", "--size", "64", "--quiet"]
            command += ["-o", str(tmp_path / output)]
            environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / cache), "OMP_NUM_THREADS": "1"}
            return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

        yield start, images, tmp_path


def _wait_for(images, requests):
    for _ in range(3000):
        if sum(images.counts.values()) >= requests:
            return
        time.sleep(0.01)
    raise AssertionError("the server was not asked")


def _columns(table):
    names = [str(name).rpartition("/")[2] for name in table["image_path"]]
    return table["id"].tolist(), table["image_status"].tolist(), names


def _damaged(folder):
    files = folder.rglob("[!.]*.jpeg")
    return [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest()[:32] != path.name.split(".")[1]]


def test_killed_fetch_goes_on_where_it_was(fetching):
    start, images, folder = fetching
    process = start("killed.ecsv", "galaxies.fits")
    _wait_for(images, 150)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = len(list((folder / "cache").rglob("[!.]*.jpeg")))
    assert 100 < kept < ROWS
    assert not (folder / "killed.ecsv").exists()
    images.forget()

    resumed = start("resumed.ecsv", "galaxies.fits")
    assert resumed.communicate()[1] == ""
    assert resumed.returncode == 0
    assert sum(images.counts.values()) == ROWS - kept
    assert _damaged(folder / "cache") == []

    table = catalogs.read_table(folder / "galaxies.fits")
    source = LegacySurvey(base_url=images.url("good"))
    undisturbed = agnsf.fetch(table, images=source, framing=Framing(size=64), access=Access(folder=folder / "other"))
    assert _columns(catalogs.read_table(folder / "resumed.ecsv")) == _columns(undisturbed)
    assert undisturbed["image_status"].tolist() == ["ok"] * ROWS


def test_two_processes_share_a_cache(fetching):
    start, _, folder = fetching
    both = [start("one.ecsv"), start("two.ecsv")]
    assert [process.communicate()[1] for process in both] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]
    tables = [catalogs.read_table(folder / name) for name in ("one.ecsv", "two.ecsv")]
    assert _columns(tables[0]) == _columns(tables[1])
    files = [path.name for path in (folder / "cache").rglob("*") if path.is_file()]
    assert len(files) == FEW
    assert _damaged(folder / "cache") == []


def test_interrupted_fetch_ends_soon_and_leaves_no_table(fetching):
    start, images, folder = fetching
    process = start("interrupted.ecsv", behavior="drip")
    _wait_for(images, 2)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    errors = process.communicate()[1]
    assert time.monotonic() - begin < 10
    assert process.returncode != 0
    assert "Traceback" not in errors
    assert not (folder / "interrupted.ecsv").exists()


def test_full_disk_ends_with_one_line_and_nothing_damaged(fetching):
    """The cache lies on a file system of 200 kB, in a name space of its own."""
    start, _, folder = fetching
    if shutil.which("unshare") is None:
        pytest.skip("there is no command unshare")
    (folder / "small" / "agnsf").mkdir(parents=True)
    script = f"mount -t tmpfs -o size=200k none {folder}/small && mkdir {folder}/small/agnsf"
    trial = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, check=False)
    if trial.returncode:
        pytest.skip("this process may not mount a file system")
    script += f' && "$@"; code=$?; cp -r {folder}/small {folder}/seen; exit $code'
    process = start("full.ecsv", cache="small", prefix=["unshare", "-rm", "sh", "-c", script, "sh"])
    errors = process.communicate()[1]
    assert process.returncode == 1
    assert errors.startswith("Error: ")
    assert "the cutout cache cannot be written: No space left on device" in errors
    assert errors.count("\n") == 1
    assert len(list((folder / "seen").rglob("[!.]*.jpeg"))) > 10
    assert _damaged(folder / "seen") == []
    assert not list((folder / "seen").rglob(".*"))
    assert not (folder / "full.ecsv").exists()
