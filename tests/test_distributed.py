# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""HATS catalogs, and classifying them on a Dask cluster of two workers."""

import contextlib
import os
import signal
import threading
import time
from importlib.util import find_spec

import numpy as np
import pytest
import quickly
from astropy.table import MaskedColumn
from click.testing import CliRunner
from numpy.testing import assert_array_equal

from agnsf import catalogs
from agnsf.cli import main
from agnsf.columns import AgnsfError
from agnsf.cutouts import Access, Framing
from agnsf.distributed import classify_catalog, is_catalog, make_catalog
from agnsf.distributed.clusters import cluster_client
from agnsf.distributed.extra import import_lsdb
from agnsf.distributed.frames import from_frame, to_frame
from agnsf.distributed.worker import Work, classify_partition
from agnsf.inference import Decision, RunError, SourceLostError
from agnsf.models import model_hash
from agnsf.plugins import load_image_source

if find_spec("lsdb") is None:
    pytest.skip("the extra hats is not installed", allow_module_level=True)

ROWS = 2400
lsdb = import_lsdb()

# LSDB is not ready for the next pandas.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def galaxies():
    """Return a table over the whole sky, with masked values of every kind."""
    rng, number = np.random.default_rng(5), np.arange(ROWS)
    table = quickly.make_table(ROWS)
    table["ra"], table["dec"] = rng.uniform(0, 360, ROWS), np.degrees(np.arcsin(rng.uniform(-1, 1, ROWS)))
    table["whole"] = MaskedColumn(number, mask=number % 3 == 0)
    table["real"] = MaskedColumn(number / 7, mask=number % 4 == 0, dtype=np.float32)
    table["text"] = MaskedColumn([f"galaxy {one}" for one in number], mask=number % 5 == 0)
    table["flag"] = MaskedColumn(number % 2 == 0, mask=number % 7 == 0)
    return table


@pytest.fixture(scope="module", autouse=True)
def _plugin():
    with quickly.installed():
        yield


@pytest.fixture(scope="module")
def cluster():
    """Return a cluster of two workers, in which the plugin of tests/quick is installed."""
    from distributed import LocalCluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in quickly.environment().items():
            patch.setenv(name, value)
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as workers:
            yield workers


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Return the folder of a HATS catalog."""
    folder = tmp_path_factory.mktemp("catalog") / "galaxies.hats"
    make_catalog(galaxies(), folder)
    return folder


@pytest.fixture
def model(tmp_path):
    return str(quickly.make_model(tmp_path / "model"))


def read(folder):
    """Return a HATS catalog as a table in the order of its column ``row``."""
    found = from_frame(lsdb.open_catalog(folder).compute(progress_bar=False))
    return found[np.argsort(found["row"])]


def assert_complete(found):
    status, p_agn = quickly.expected(ROWS, missing=5)
    assert_array_equal(found["row"], np.arange(ROWS))
    assert_array_equal(found["image_status"], status)
    assert_array_equal(np.ma.getmaskarray(found["p_agn"]), np.ma.getmaskarray(p_agn))
    assert_array_equal(np.ma.compressed(found["p_agn"]), p_agn.compressed())
    assert_array_equal(np.ma.getmaskarray(found["predicted"]), np.ma.getmaskarray(p_agn))


def test_no_mask_is_lost_on_the_way_into_a_frame_and_back():
    table = galaxies()
    table["pair"] = np.arange(2.0 * ROWS).reshape(ROWS, 2)
    back = from_frame(to_frame(table))
    assert back.colnames == table.colnames
    for name in table.colnames:
        assert_array_equal(np.ma.getmaskarray(back[name]), np.ma.getmaskarray(table[name]))
        assert_array_equal(np.ma.compressed(back[name]), np.ma.compressed(table[name]))
        assert back[name].dtype == table[name].dtype


def test_a_hats_catalog_holds_every_row_and_every_mask(catalog):
    assert is_catalog(catalog)
    found, table = read(catalog), galaxies()
    for name in table.colnames:
        assert_array_equal(np.ma.getmaskarray(found[name]), np.ma.getmaskarray(table[name]))
        assert_array_equal(np.ma.compressed(found[name]), np.ma.compressed(table[name]))


def test_the_command_writes_a_hats_catalog_in_degrees(tmp_path):
    table = galaxies()[:5]
    table["ra"] /= 15
    table["ra"].unit = "hourangle"
    catalogs.write_table(table, tmp_path / "table.ecsv")
    output = tmp_path / "galaxies.hats"
    done = CliRunner().invoke(main, ["hats", str(tmp_path / "table.ecsv"), "-o", str(output)])
    assert done.exit_code == 0, done.output
    assert "Wrote 5 galaxies" in done.stderr
    np.testing.assert_allclose(read(output)["ra"], galaxies()["ra"][:5])


def test_rows_without_a_position_are_refused_and_named(tmp_path):
    table = galaxies()[:10]
    table["dec"][[2, 7]] = np.nan, 95
    with pytest.raises(AgnsfError, match=r"2 of 10 rows have no position.*\(rows 2, 7\)"):
        make_catalog(table, tmp_path / "galaxies.hats")
    assert not any(tmp_path.iterdir())


def test_two_workers_classify_a_catalog_that_lsdb_opens_and_cross_matches(tmp_path, catalog, model, cluster):
    output = tmp_path / "out.hats"
    source = load_image_source("quick", missing=5)
    scheduler = cluster.scheduler_address
    tally, meter = classify_catalog(catalog, output, scheduler=scheduler, images=source, classifier=model)
    assert_complete(read(output))
    assert tally.counts == {"ok": ROWS - ROWS // 5, "missing": ROWS // 5}
    assert meter.galaxies == ROWS
    assert not (tmp_path / "out.hats.parts").exists()
    opened = lsdb.open_catalog(output)
    assert "agnsf_provenance" in opened.hc_structure.catalog_info.extra_dict()
    other = lsdb.open_catalog(catalog)
    with pytest.warns(RuntimeWarning, match="margin cache"):
        matched = opened.crossmatch(other, radius_arcsec=1, require_right_margin=False, suffix_method="all_columns")
    assert len(matched.compute(progress_bar=False)) == ROWS

    # What agnsf wrote is replaced, without a warning.
    again = tmp_path / "again.hats"
    classify_catalog(output, again, scheduler=scheduler, images=source, classifier=model, threshold=0.9)
    assert "p_agn_input" not in read(again).colnames
    assert (read(again)["predicted"] == "AGN").sum() < (read(output)["predicted"] == "AGN").sum()


def test_an_empty_partition_has_the_columns_of_the_others(tmp_path, model):
    from hats.pixel_math import HealpixPixel  # not on top: it comes with the extra hats

    work = Work(
        model=model,
        digest=model_hash(model),
        source=load_image_source("quick", missing=2),
        framing=Framing(size=8),
        access=Access(connections=1),
        decision=Decision(0.5),
        columns={},
        radius_kind=None,
        device="cpu",
        precision="auto",
        rows=3,
        parts=str(tmp_path),
        run="1",
        kinds={"image_status": "U16", "p_agn": "<f8"},
    )
    frame = to_frame(galaxies()[:3])
    some = classify_partition(frame, HealpixPixel(0, 0), work)
    none = classify_partition(frame[:0], HealpixPixel(0, 1), work)
    assert some["image_status"].tolist() == ["missing", "ok", "missing"]
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert [path.name for path in tmp_path.glob("part-*")] == ["part-0-0.parquet"]


def wait_for_parts(folder, count):
    """Wait until some partitions are finished."""
    end = time.monotonic() + 60
    while len(list(folder.glob("part-*.parquet"))) < count and time.monotonic() < end:
        time.sleep(0.01)


class Watcher:
    """Look whether finished partitions are done again, until their folder goes."""

    def __init__(self, folder, before):
        self._folder, self._before, self._changed = folder, before, set()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self):
        while self._folder.exists():
            for path in self._folder.glob("part-*.parquet"):
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime_ns != self._before.get(path, path.stat().st_mtime_ns):
                        self._changed.add(path)
            time.sleep(0.01)

    def changed(self):
        """Return the partitions that were done again, after the run."""
        self._thread.join()
        return self._changed


def test_a_killed_worker_costs_one_partition(tmp_path, catalog, model, cluster):
    source = load_image_source("quick", missing=5, delay=0.002)
    output, parts, watchers = tmp_path / "out.hats", tmp_path / "out.hats.parts", []

    def kill():
        wait_for_parts(parts, 4)
        before = {path: path.stat().st_mtime_ns for path in parts.glob("part-*.parquet")}
        assert 4 <= len(before) < len(lsdb.open_catalog(catalog).get_healpix_pixels())
        watchers.append(Watcher(parts, before))
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    classify_catalog(catalog, output, scheduler=cluster.scheduler_address, images=source, classifier=model)
    killer.join()
    assert not watchers[0].changed()
    assert_complete(read(output))


def test_a_run_that_was_interrupted_goes_on_with_its_partitions(tmp_path, catalog, model, cluster):
    down, output, parts = tmp_path / "down", tmp_path / "out.hats", tmp_path / "out.hats.parts"
    options = {
        "scheduler": cluster.scheduler_address,
        "images": load_image_source("quick", missing=5, delay=0.002, down=str(down)),
        "classifier": model,
    }
    before = {}

    def unplug():
        wait_for_parts(parts, 3)
        before.update({path: path.stat().st_mtime_ns for path in parts.glob("part-*.parquet")})
        down.touch()

    unplugging = threading.Thread(target=unplug)
    unplugging.start()
    with pytest.raises(SourceLostError, match="the same command goes on"):
        classify_catalog(catalog, output, **options)
    unplugging.join()
    assert len(before) >= 3
    assert not output.exists()
    with pytest.raises(RunError, match=r"decision\.threshold: 0\.5, now 0\.6"):
        classify_catalog(catalog, output, threshold=0.6, **options)
    down.unlink()
    watched = Watcher(parts, before)
    classify_catalog(catalog, output, **options)
    assert not watched.changed()
    assert_complete(read(output))


@pytest.mark.parametrize("word", ["local", "local:0", "http://here", "tcp:"])
def test_a_scheduler_is_an_address_or_a_number_of_workers(word):
    with pytest.raises(AgnsfError, match="tcp://HOST:PORT or local:N"), cluster_client(word):
        pass


def test_tables_and_catalogs_are_not_mixed_up(tmp_path, catalog):
    catalogs.write_table(galaxies()[:3], tmp_path / "table.fits")
    run = CliRunner().invoke
    done = run(main, ["classify", str(tmp_path / "table.fits"), "--scheduler", "local:2"])
    assert done.exit_code == 2
    assert "agnsf hats" in done.stderr
    done = run(main, ["classify", str(catalog)])
    assert done.exit_code == 2
    assert "--scheduler local:2" in done.stderr
    done = run(main, ["classify", str(tmp_path)])
    assert done.exit_code == 2
    assert "no HATS catalog" in done.stderr
