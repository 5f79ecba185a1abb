# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Classify a file: parts that survive whatever happens, and are never done twice."""

import errno
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import quickly
from numpy.testing import assert_array_equal

from agnsf import catalogs
from agnsf.columns import AgnsfError
from agnsf.inference import RunError, SourceLostError, classify_file, parts
from agnsf.plugins import load_image_source

TESTS = Path(__file__).parent


@pytest.fixture(scope="module", autouse=True)
def _plugin():
    with quickly.installed():
        yield


@pytest.fixture
def model(tmp_path):
    return str(quickly.make_model(tmp_path / "model"))


def run(folder, table, model, *, name="out.parquet", missing=5, **options):
    """Classify a table of the folder; return the tally and the new table."""
    source = load_image_source("quick", missing=missing, **options.pop("source", {}))
    tally, _ = classify_file(folder / table, folder / name, images=source, classifier=model, **options)
    return tally, catalogs.read_table(folder / name)


def write(folder, rows, name="table.parquet"):
    catalogs.write_table(quickly.make_table(rows), folder / name)
    return name


def assert_complete(found, rows, missing=5):
    status, p_agn = quickly.expected(rows, missing=missing)
    assert_array_equal(found["row"], np.arange(rows))
    assert_array_equal(found["image_status"], status)
    assert_array_equal(np.ma.getmaskarray(found["p_agn"]), np.ma.getmaskarray(p_agn))
    assert_array_equal(np.ma.compressed(found["p_agn"]), p_agn.compressed())


@pytest.mark.parametrize("rows", [0, 1, 1023, 1024, 1025, 3 * 1024 + 2])
def test_every_row_comes_out_once_and_in_its_place(tmp_path, model, rows):
    tally, found = run(tmp_path, write(tmp_path, rows), model)
    assert_complete(found, rows)
    assert tally.counts.total() == rows
    assert not (tmp_path / "out.parquet.parts").exists()


@pytest.mark.parametrize("suffix", [".fits", ".ecsv", ".csv", ".vot"])
def test_every_format_is_read_and_written(tmp_path, model, suffix):
    table = write(tmp_path, 1100, f"table{suffix}")
    _, found = run(tmp_path, table, model, name=f"out{suffix}")
    assert_complete(found, 1100)
    assert catalogs.provenance(found)["stages"][-1]["stage"] == "classify"


def test_a_streamed_output_is_the_same_as_one_written_whole(tmp_path, model, monkeypatch):
    monkeypatch.setattr("agnsf.inference.assembly._STRETCH", 2)
    table = write(tmp_path, 5 * 1024 + 7)
    _, streamed = run(tmp_path, table, model)
    _, whole = run(tmp_path, table, model, name="out.fits")
    assert streamed.colnames == whole.colnames
    for name in streamed.colnames:
        assert_array_equal(np.ma.filled(streamed[name], 0), np.ma.filled(whole[name], 0))
        assert streamed[name].description == whole[name].description


def test_a_part_without_any_image_has_masked_columns(tmp_path, model):
    table = quickly.make_table(1030)
    table["row"][:1024] = 0
    catalogs.write_table(table, tmp_path / "table.parquet")
    _, found = run(tmp_path, "table.parquet", model)
    assert np.ma.getmaskarray(found["p_agn"])[:1024].all()
    assert np.ma.getmaskarray(found["predicted"])[:1024].all()
    assert not np.ma.getmaskarray(found["p_agn"])[1026:].any()


def test_killed_at_ten_random_moments_the_result_is_that_of_an_undisturbed_run(tmp_path, model):
    rows = 36 * 256 + 5
    write(tmp_path, rows)
    arguments = [tmp_path / "table.parquet", tmp_path / "killed.parquet", model, 10, 3]
    command = [sys.executable, TESTS / "killing.py", *arguments]
    done = subprocess.run(
        list(map(str, command)), env=quickly.environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    _, undisturbed = run(tmp_path, "table.parquet", model)
    killed = catalogs.read_table(tmp_path / "killed.parquet")
    for name in undisturbed.colnames:
        assert_array_equal(np.ma.getmaskarray(killed[name]), np.ma.getmaskarray(undisturbed[name]))
        assert np.ma.compressed(killed[name]).tobytes() == np.ma.compressed(undisturbed[name]).tobytes()
    assert not (tmp_path / "killed.parquet.parts").exists()


def test_two_processes_share_the_work(tmp_path, model):
    rows = 6 * 1024 + 2
    write(tmp_path, rows)
    command = [sys.executable, "-m", "agnsf", "classify", "table.parquet", "--classifier", model, "--images", "quick"]
    command += ["-I", "missing=5", "-I", "delay=0.0002", "-o", "out.parquet"]
    both = [
        subprocess.Popen(command, cwd=tmp_path, env=quickly.environment(), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    words = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], words
    assert_complete(catalogs.read_table(tmp_path / "out.parquet"), rows)
    assert not (tmp_path / "out.parquet.parts").exists()
    assert sum("put in place by another process" in text for text in words) == 1


def interrupt(folder, model, monkeypatch, after, **options):
    """Begin a run that ends with an error when it writes the part after so many."""
    written = []

    def write_part(columns, path):
        if len(written) == after:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        parts.write_part(columns, path)

    with monkeypatch.context() as patch:
        patch.setattr("agnsf.inference.runs.write_part", write_part)
        with pytest.raises(OSError, match="No space left on device"):
            run(folder, "table.parquet", model, **options)


def test_a_full_disk_keeps_the_finished_parts_and_no_broken_output(tmp_path, model, monkeypatch):
    write(tmp_path, 4000)
    interrupt(tmp_path, model, monkeypatch, after=2)
    folder = tmp_path / "out.parquet.parts"
    assert sorted(path.name for path in folder.glob("*.parquet")) == ["part-0000000.parquet", "part-0000001.parquet"]
    assert not (tmp_path / "out.parquet").exists()
    _, found = run(tmp_path, "table.parquet", model)
    assert_complete(found, 4000)


def test_a_damaged_part_is_done_again(tmp_path, model, monkeypatch):
    write(tmp_path, 4000)
    interrupt(tmp_path, model, monkeypatch, after=2)
    part = tmp_path / "out.parquet.parts" / "part-0000001.parquet"
    part.write_bytes(part.read_bytes()[:-100])
    _, found = run(tmp_path, "table.parquet", model)
    assert_complete(found, 4000)


def test_a_run_that_goes_on_reads_only_the_rows_that_are_missing(tmp_path, model, monkeypatch):
    write(tmp_path, 5000)
    interrupt(tmp_path, model, monkeypatch, after=4)
    (tmp_path / "out.parquet.parts" / "part-0000001.parquet").unlink()
    asked, chunks = [], catalogs.chunks

    def spy(path, rows, *, numbers=None):
        numbers = None if numbers is None else list(numbers)
        asked.append(numbers)
        return chunks(path, rows, numbers=numbers)

    monkeypatch.setattr(catalogs, "chunks", spy)
    _, found = run(tmp_path, "table.parquet", model)
    assert_complete(found, 5000)
    assert [numbers for numbers in asked if numbers is not None] == [[1, 4]]


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"missing": 4}, "images.options.missing: 5, now 4"),
        ({"threshold": 0.7}, "decision.threshold: 0.5, now 0.7"),
        ({"prior": 0.2}, "decision.prior: None, now 0.2"),
        ({"columns": {"id": "row"}}, "columns.id: None, now row"),
    ],
)
def test_another_command_is_refused_with_what_differs(tmp_path, model, monkeypatch, change, difference):
    write(tmp_path, 3000)
    interrupt(tmp_path, model, monkeypatch, after=1)
    with pytest.raises(RunError, match="unfinished run of another command") as refusal:
        run(tmp_path, "table.parquet", model, **change)
    assert difference in str(refusal.value)
    _, found = run(tmp_path, "table.parquet", model, **change, restart=True)
    assert_array_equal(found["image_status"], quickly.expected(3000, missing=change.get("missing", 5))[0])


def test_another_table_or_model_is_refused(tmp_path, model, monkeypatch):
    write(tmp_path, 3000)
    interrupt(tmp_path, model, monkeypatch, after=1)
    other = str(quickly.make_model(tmp_path / "other", threshold=0.51))
    with pytest.raises(RunError, match=r"model: [0-9a-f]{64}, now"):
        run(tmp_path, "table.parquet", other)
    write(tmp_path, 3001)
    with pytest.raises(RunError, match=r"table\.rows: 3000, now 3001"):
        run(tmp_path, "table.parquet", model)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99, "facts": {}}', ""])
def test_a_damaged_record_of_the_run_is_refused_until_restart(tmp_path, model, monkeypatch, text):
    write(tmp_path, 2000)
    interrupt(tmp_path, model, monkeypatch, after=1)
    (tmp_path / "out.parquet.parts" / "run.json").write_text(text)
    with pytest.raises(RunError, match="--restart"):
        run(tmp_path, "table.parquet", model)
    _, found = run(tmp_path, "table.parquet", model, restart=True)
    assert_complete(found, 2000)


def test_a_folder_of_something_else_is_left_alone(tmp_path, model):
    write(tmp_path, 10)
    folder = tmp_path / "out.parquet.parts"
    folder.mkdir()
    (folder / "thesis.tex").write_text("years of work")
    for restart in (False, True):
        with pytest.raises(RunError, match="holds files and no run"):
            run(tmp_path, "table.parquet", model, restart=restart)
    assert (folder / "thesis.tex").read_text() == "years of work"


def test_a_lost_network_stops_the_run_and_the_next_one_goes_on(tmp_path, model):
    write(tmp_path, 3000)
    down = tmp_path / "down"
    options = {"source": {"down": str(down), "delay": 0.0005}}
    threading.Timer(0.3, down.touch).start()
    with pytest.raises(SourceLostError, match="the same command goes on"):
        run(tmp_path, "table.parquet", model, **options)
    assert not (tmp_path / "out.parquet").exists()
    down.unlink()
    _, found = run(tmp_path, "table.parquet", model, **options)
    assert_complete(found, 3000)


def test_failures_in_passing_are_tried_again_when_a_run_goes_on(tmp_path, model, monkeypatch):
    write(tmp_path, 2000)
    folder, down = tmp_path / "out.parquet.parts", tmp_path / "down"
    interrupt(tmp_path, model, monkeypatch, after=1, source={"down": str(down)})
    first = folder / "part-0000000.parquet"
    columns = parts.read_part(first)
    columns["image_status"][:3] = ["timeout", "server_error", "timeout"]
    columns["p_agn"][:3] = np.ma.masked
    parts.write_part(columns, first)
    _, found = run(tmp_path, "table.parquet", model, source={"down": str(down)})
    assert_complete(found, 2000)


def test_choices_of_an_unfinished_run_are_kept(tmp_path, model, monkeypatch):
    write(tmp_path, 2000)
    interrupt(tmp_path, model, monkeypatch, after=1)
    facts = json.loads((tmp_path / "out.parquet.parts" / "run.json").read_text())["facts"]
    assert facts["table"]["rows"] == 2000
    assert facts["table"]["part_rows"] == 1024
    assert facts["compute"] is None  # the plugin has no network
    assert len(facts["model"]) == 64
    assert {"agnsf", "torch", "pillow"} <= set(facts["versions"])


def test_what_cannot_be_written_is_known_before_the_work(tmp_path, model):
    table = quickly.make_table(3)
    table["pair"] = np.ones((3, 2))
    catalogs.write_table(table, tmp_path / "table.parquet")
    with pytest.raises(AgnsfError, match="pair"):
        run(tmp_path, "table.parquet", model, name="out.csv")
    with pytest.raises(AgnsfError, match="Cannot tell the format"):
        run(tmp_path, "table.parquet", model, name="out.txt")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        run(tmp_path, "table.parquet", model, name="nowhere/out.fits")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "table.parquet"]


def test_a_process_that_comes_too_late_does_nothing(tmp_path, model, monkeypatch):
    write(tmp_path, 1500)
    run(tmp_path, "table.parquet", model)
    written = (tmp_path / "out.parquet").stat().st_mtime_ns
    monkeypatch.setattr("agnsf.inference.files.time.time", lambda: 0.0)  # it was called before the others were done
    tally, _ = run(tmp_path, "table.parquet", model)
    assert tally is None
    assert (tmp_path / "out.parquet").stat().st_mtime_ns == written


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of one program")
def test_memory_does_not_grow_with_the_table(tmp_path, model):
    script = (
        "import sys; from agnsf.inference import classify_file; from agnsf.plugins import load_image_source\n"
        "classify_file(sys.argv[1], sys.argv[2], images=load_image_source('quick'), classifier=sys.argv[3])\n"
        # Not ru_maxrss, which a process inherits from the one that began it.
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    peaks = []
    for rows in (4_000, 20_000):
        name = write(tmp_path, rows, f"{rows}.parquet")
        command = [sys.executable, "-c", script, str(tmp_path / name), str(tmp_path / "out.parquet"), model]
        done = subprocess.run(
            command, env=quickly.environment(), capture_output=True, text=True, check=True, timeout=120
        )
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 25  # MB
