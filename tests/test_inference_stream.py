# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Chunks of a table through cutouts and network: every row once, in order, in bounded memory."""

import threading
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import quickly
from astropy.table import Table
from numpy.testing import assert_array_equal

import agnsf
from agnsf import catalogs
from agnsf.columns import AgnsfError
from agnsf.inference import Engine, SourceLostError, classify_chunk, classify_chunks, make_task
from agnsf.models import Model

RECIPE = {"recipe": {"color": "unknown"}, "threshold": 0.5}


@pytest.fixture(scope="module")
def quick():
    """Return the image source and the model of the plugin in tests/quick."""
    with quickly.installed():
        from agnsf_quick import Quick, QuickClassifier

        yield Quick, Model(QuickClassifier(), RECIPE)


def as_task(table, source, model):
    task = make_task(table, images=source, classifier=model)
    return task, Engine(model, device="cpu")


@dataclass(frozen=True)
class TinyNetwork(agnsf.TorchClassifier):
    name = "tiny-network"
    size = 8

    def network(self):
        import torch
        from torch import nn

        torch.manual_seed(1)
        return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 1), nn.Flatten(0))


@pytest.mark.parametrize("missing", [0, 1, 5])
@pytest.mark.parametrize("rows", [0, 1, 31, 32, 33, 255, 256, 257, 770])
def test_every_row_comes_out_once_and_in_its_place(quick, rows, missing):
    source, model = quick
    table = quickly.make_table(rows)
    found = agnsf.classify(table, images=source(missing=missing), classifier=model)
    status, p_agn = quickly.expected(rows, missing=missing)
    assert_array_equal(found["row"], np.arange(rows))
    assert_array_equal(found["image_status"], status)
    assert_array_equal(np.ma.getmaskarray(found["p_agn"]), np.ma.getmaskarray(p_agn))
    assert_array_equal(np.ma.compressed(found["p_agn"]), p_agn.compressed())
    assert_array_equal(np.ma.getmaskarray(found["predicted"]), np.ma.getmaskarray(p_agn))


def test_rows_are_matched_by_position_and_not_by_id(quick):
    source, model = quick
    table = quickly.make_table(300)
    table["id"] = ["the same"] * 300
    with pytest.warns(agnsf.columns.AgnsfWarning, match="299 rows repeat the id"):
        found = agnsf.classify(table, images=source(missing=3), classifier=model)
    status, p_agn = quickly.expected(300, missing=3)
    assert_array_equal(found["image_status"], status)
    assert_array_equal(np.ma.compressed(found["p_agn"]), p_agn.compressed())


def test_chunks_may_be_of_any_length_and_empty(quick):
    source, model = quick
    table = quickly.make_table(1000)
    bounds = [0, 0, 1, 258, 258, 600, 1000, 1000]
    chunks = [table[start:stop] for start, stop in pairwise(bounds)]
    task, engine = as_task(table, source(missing=4), model)
    found = list(classify_chunks(chunks, engine, task))
    assert [len(one["image_status"]) for one in found] == [len(chunk) for chunk in chunks]
    status, p_agn = quickly.expected(1000, missing=4)
    assert_array_equal(np.concatenate([one["image_status"] for one in found]), status)
    assert_array_equal(np.ma.concatenate([one["p_agn"] for one in found]).compressed(), p_agn.compressed())


def test_the_table_is_read_only_a_little_ahead(quick):
    source, model = quick
    table, read = quickly.make_table(300), []

    def chunks():
        for number in range(20):
            read.append(number)
            yield table

    task, engine = as_task(table, source(), model)
    for number, _ in enumerate(classify_chunks(chunks(), engine, task)):
        assert len(read) - number <= 4


def test_an_image_that_comes_late_still_reaches_its_row(quick):
    _, model = quick

    @dataclass(frozen=True)
    class Late(quick[0]):
        def cutout(self, row, *, size, pixel_scale):
            if row["row"] % 100 == 0:
                threading.Event().wait(0.02)
            return super().cutout(row, size=size, pixel_scale=pixel_scale)

    found = agnsf.classify(quickly.make_table(600), images=Late(), classifier=model)
    assert_array_equal(found["p_agn"], quickly.expected(600)[1])


def test_images_of_different_shapes_are_refused(quick):
    source, _ = quick

    @dataclass(frozen=True)
    class Fickle(source):
        bands = "gr"

        def cutout(self, row, *, size, pixel_scale):
            bands = "gr" if row["row"] % 2 else "grz"
            return agnsf.Cutout(np.ones((len(bands), 8, 8), dtype=np.float32), bands=bands)

    @dataclass(frozen=True)
    class FluxClassifier(type(quick[1].classifier)):
        input = "flux"

    table = quickly.make_table(4)
    with pytest.raises(AgnsfError, match="different shapes"):
        agnsf.classify(table, images=Fickle(), classifier=Model(FluxClassifier(), RECIPE))


@pytest.mark.parametrize("part", ["source", "classifier"])
def test_an_error_in_a_thread_reaches_the_caller_and_ends_the_threads(quick, part):
    source, model = quick

    @dataclass(frozen=True)
    class BrokenSource(source):
        def cutout(self, row, *, size, pixel_scale):
            raise RuntimeError("broken here")

    @dataclass(frozen=True)
    class BrokenClassifier(type(model.classifier)):
        def predict(self, images, table):
            raise RuntimeError("broken here")

    images = BrokenSource() if part == "source" else source()
    broken = model if part == "source" else Model(BrokenClassifier(), RECIPE)
    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="broken here"):
        agnsf.classify(quickly.make_table(3000), images=images, classifier=broken)
    assert set(threading.enumerate()) <= before  # a thread of an earlier test may have ended meanwhile


def test_a_stream_that_is_left_early_ends_its_threads(quick):
    source, model = quick
    table = quickly.make_table(2000)
    task, engine = as_task(table, source(), model)
    before = set(threading.enumerate())
    stream = classify_chunks([table, table], engine, task)
    next(stream)
    stream.close()
    assert set(threading.enumerate()) <= before


def test_a_source_that_answers_no_more_is_given_up(quick, tmp_path):
    source, model = quick
    down = tmp_path / "down"
    down.touch()
    table = quickly.make_table(200)
    task, engine = as_task(table, source(down=str(down)), model)
    with pytest.raises(SourceLostError, match="'quick' is lost: the last 65 cutouts failed"):
        next(classify_chunks([table], engine, task, patience=64))
    assert set(classify_chunk(table, engine, task)["image_status"]) == {"timeout"}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_p_agn_of_a_row_depends_neither_on_other_rows_nor_on_the_threads(quick, precision):
    source, _ = quick
    tiny = TinyNetwork()
    model = Model(tiny.with_module(tiny.network()), RECIPE)
    table = quickly.make_table(300)
    task = make_task(table, images=source(), classifier=model)
    two = Engine(model, device="cpu", precision=precision, threads=2)
    one = Engine(model, device="cpu", precision=precision, threads=1)
    whole = classify_chunk(table, two, task)["p_agn"]
    assert len(np.unique(whole)) > 100
    chosen = np.array([299, 3, 130, 131])
    assert_array_equal(classify_chunk(table[chosen], one, task)["p_agn"], whole[chosen])
    assert_array_equal(classify_chunk(table[::-1], one, task)["p_agn"], whole[::-1])


def test_the_network_is_compiled_before_several_threads_use_it(quick, monkeypatch):
    source, model = quick
    order, predict = [], Engine.predict
    monkeypatch.setattr(Engine, "warm_up", lambda engine, images, table: order.append("warm_up"))
    monkeypatch.setattr(Engine, "predict", lambda *given: order.append("predict") or predict(*given))
    agnsf.classify(quickly.make_table(600), images=source(), classifier=model)
    assert order == ["warm_up", "predict", "predict", "predict"]


def test_threads_of_torch_are_given_back(quick):
    import torch

    source, _ = quick
    tiny = TinyNetwork()
    model = Model(tiny.with_module(tiny.network()), RECIPE)
    before = torch.get_num_threads()
    agnsf.classify(quickly.make_table(3), images=source(), classifier=model, device="cpu")
    assert torch.get_num_threads() == before


def test_provenance_tells_how_the_network_was_run(quick):
    source, _ = quick
    tiny = TinyNetwork()
    model = Model(tiny.with_module(tiny.network()), RECIPE)
    found = agnsf.classify(quickly.make_table(3), images=source(), classifier=model, device="cpu", precision="float32")
    stage = catalogs.provenance(found)["stages"][-1]
    assert stage["stage"] == "classify"
    assert stage["classifier"] == "tiny-network"
    assert stage["threshold"] == 0.5
    assert stage["images"]["source"] == "quick"
    assert stage["compute"]["precision"] == "float32"
    assert stage["columns"] == ["image_status", "p_agn", "predicted"]


def test_columns_that_the_classifier_needs_are_asked_for(quick):
    source, model = quick

    @dataclass(frozen=True)
    class WithColumn(type(model.classifier)):
        columns = ("z",)

        def predict(self, images, table):
            return np.asarray(table["z"])

    needy = Model(WithColumn(), RECIPE)
    with pytest.raises(agnsf.columns.ColumnError, match="Classifier 'quick' needs the column\\(s\\) z"):
        agnsf.classify(quickly.make_table(3), images=source(), classifier=needy)
    table = Table({"row": [0, 1, 2], "redshift": [0.1, 0.2, 0.3]})
    found = agnsf.classify(table, images=source(missing=2), classifier=needy)
    assert found["p_agn"].tolist() == [None, 0.2, None]


def test_images_unlike_those_of_the_training_are_a_loud_warning(quick):
    source, _ = quick
    other = Model(quick[1].classifier, {"recipe": {"color": "skyserver"}})
    with pytest.warns(agnsf.columns.AgnsfWarning, match="NOT LIKE.*color: skyserver, not unknown"):
        agnsf.classify(quickly.make_table(2), images=source(), classifier=other)
