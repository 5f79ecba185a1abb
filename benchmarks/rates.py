# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Rates that ``classify.py`` compares: of stages alone, of all together, and of other programs."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from astropy.table import Table

TESTS = Path(__file__).parents[1] / "tests"
SIZE = 128  # pixels of the images, for every network


def model_of(name):
    """Return a model with random weights: the paper's network, or one of timm."""
    import torch

    from agnsf.models import Model
    from agnsf.plugins import load_classifier
    from agnsf.training import PRESETS

    torch.manual_seed(0)
    options = PRESETS["xu2023"].options if name == "cnn" else {"backbone": name, "size": SIZE}
    classifier = load_classifier("cnn" if name == "cnn" else "backbone", **options)
    return Model(classifier.with_module(classifier.network()), {"recipe": {"color": "skyserver"}})


def in_turns(repeats, *measures):
    """Return an array of rates for each measure, None where it cannot be had; they are taken in turns."""
    rounds = [[measure() for measure in measures] for _ in range(repeats)]
    return [None if None in rates else np.array(rates) for rates in zip(*rounds, strict=True)]


def files(folder, rows):
    """Return a table of image files, each as often as needed."""
    names = sorted(path.name for path in Path(folder).glob("*.jpeg"))
    return Table({"file": (names * (rows // len(names) + 1))[:rows]})


def source_of(folder):
    from agnsf.plugins import load_image_source

    return load_image_source("folder", path=str(folder), pattern="{file}", color="skyserver")


def decode_rate(engine, folder, rows):
    """Return cutouts per second that are read, decoded and resized, on all cores."""
    from agnsf.cutouts import Framing, iter_cutouts

    framing = Framing(size=engine.classifier.size)
    start = time.perf_counter()
    with engine.running():
        for _ in iter_cutouts(files(folder, rows), source_of(folder), framing=framing, finish=engine.fit_input):
            pass
    return rows / (time.perf_counter() - start)


def network_rate(engine, seconds):
    """Return images per second of the network alone, on all cores."""
    from concurrent.futures import ThreadPoolExecutor

    size = engine.classifier.size
    images = np.random.default_rng(0).integers(0, 255, (256, size, size, 3), dtype=np.uint8)
    table = Table({"none": np.zeros(256)})
    with engine.running(), ThreadPoolExecutor(engine.threads) as pool:
        list(pool.map(lambda _: engine.predict(images, table), range(engine.threads)))
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            done += 256 * len(list(pool.map(lambda _: engine.predict(images, table), range(2 * engine.threads))))
        return done / (time.perf_counter() - start)


def plain_network_rate(model, seconds, batch=64):
    """Return images per second of the network as most people run it: eager, float32, torch's own threads."""
    import torch

    size = model.classifier.size
    images = torch.rand(batch, 3, size, size)
    with torch.inference_mode():
        model.classifier.module(images)
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            model.classifier.module(images)
            done += batch
        return done / (time.perf_counter() - start)


def plain_loop_rate(model, folder, rows, batch=64):
    """Return galaxies per second of a loop of PIL and eager torch."""
    import torch
    from PIL import Image

    size = model.classifier.size
    names = files(folder, rows)["file"].tolist()
    start = time.perf_counter()
    with torch.inference_mode():
        for first in range(0, rows, batch):
            pictures = [
                np.asarray(Image.open(Path(folder) / name).convert("RGB").resize((size, size)))
                for name in names[first : first + batch]
            ]
            tensor = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
            torch.sigmoid(model.classifier.module(tensor)).numpy()
    return rows / (time.perf_counter() - start)


def end_to_end_rate(engine, folder, rows, framing=None):
    """Return galaxies per second through the stages of ``agnsf classify``: chunks, cutouts, network, parts."""
    from agnsf.inference import Meter, classify_chunks, make_task
    from agnsf.inference.parts import write_part

    table = files(folder, rows)
    task = make_task(table, images=source_of(folder), classifier=engine.model, framing=framing)
    chunks = (task.view(table[start : start + 1024]) for start in range(0, rows, 1024))
    with tempfile.TemporaryDirectory() as scratch, Meter() as meter:
        with closing(classify_chunks(chunks, engine, task, meter=meter)) as found:
            for number, columns in enumerate(found):
                with meter.wait("writing"):
                    write_part(columns, Path(scratch) / f"{number}.parquet")
        print(f"  {meter.describe()}")
        return rows / meter.elapsed


def default_rate(folder, rows):
    """Return galaxies per second of the model that ships for SkyServer pictures."""
    from agnsf.inference import Engine
    from agnsf.models import default_model, load_model

    return end_to_end_rate(Engine(load_model(default_model("skyserver"))), folder, rows)


def openvino_rate(model, seconds, batch):
    """Return images per second of OpenVINO in bfloat16, throughput mode; None where it is not installed."""
    try:
        import openvino
    except ImportError:
        return None
    import torch

    size = model.classifier.size
    example = torch.rand(batch, 3, size, size)
    converted = openvino.convert_model(model.classifier.module, example_input=example, input=[list(example.shape)])
    hints = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "THROUGHPUT"}
    compiled = openvino.compile_model(converted, "CPU", hints)
    queue, images = openvino.AsyncInferQueue(compiled), example.numpy()
    for _ in range(4):
        queue.start_async({0: images})
    queue.wait_all()
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        queue.start_async({0: images})
        done += batch
    queue.wait_all()
    return done / (time.perf_counter() - start)


_STUB = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from agnsf.inference import classify_file
from agnsf.plugins import load_image_source
source = load_image_source("quick", missing=int(sys.argv[5]))
start = time.perf_counter()
classify_file(sys.argv[1], sys.argv[2], images=source, classifier=sys.argv[3])
seconds = time.perf_counter() - start
# Not ru_maxrss, which a process inherits from the one that began it.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(seconds, int(peak.split()[1]) / 1024)
"""


def stub_run(rows, missing=0):
    """Return seconds and peak memory in MB of a run whose images cost nothing."""
    sys.path.insert(0, str(TESTS))
    os.environ.setdefault("AGNSF_DISABLE_PLUGINS", "all")
    import quickly

    from agnsf import catalogs

    with tempfile.TemporaryDirectory() as scratch, quickly.installed():
        model = quickly.make_model(Path(scratch) / "model")
        table = Path(scratch) / "table.parquet"
        catalogs.write_table(Table({"row": np.arange(rows)}), table)
        arguments = [table, Path(scratch) / "out.parquet", model, quickly.FOLDER, missing]
        seconds, memory = map(float, quickly.run(["-c", _STUB, *arguments]).split())
    return seconds, memory


def _bind(dask_worker):
    """Give a worker one core, as a batch system does with a worker of one thread."""
    cores = sorted(os.sched_getaffinity(0))
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cores[dask_worker.name % len(cores)]})


@contextmanager
def _workers(count):
    """Give the address of a cluster of some workers, each of one thread and bound to one core."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.run(_bind)
        yield cluster.scheduler_address


def dask_ratio(folder, rows, model):
    """Return how much faster two workers of one thread are than one, on a catalog of image files."""
    from agnsf.cutouts import Framing
    from agnsf.distributed import classify_catalog, make_catalog
    from agnsf.models import save_model

    table, rng = files(folder, rows), np.random.default_rng(0)
    table["ra"], table["dec"] = rng.uniform(0, 360, rows), np.degrees(np.arcsin(rng.uniform(-1, 1, rows)))
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        save_model(model, scratch / "model")
        make_catalog(table, scratch / "in.hats", partition_rows=max(1, rows // 40))
        seconds = []
        for workers in (1, 2):
            with _workers(workers) as scheduler:
                _, meter = classify_catalog(
                    scratch / "in.hats",
                    scratch / f"out{workers}.hats",
                    scheduler=scheduler,
                    images=source_of(folder),
                    classifier=str(scratch / "model"),
                    framing=Framing(size=model.classifier.size),
                )
            seconds.append(meter.elapsed)
            print(f"  {workers} worker(s): {rows} galaxies in {meter.elapsed:.1f} s")
    return seconds[0] / seconds[1]


_ZOOBOT = """
import sys, tempfile, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import pandas, timm, torch
import torchvision.transforms.v2 as T
from zoobot.pytorch.predictions import predict_on_catalog
from zoobot.pytorch.training import finetune
folder, rows, backbone, size = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
names = sorted(str(path) for path in folder.glob("*.jpeg"))
names = (names * (rows // len(names) + 1))[:rows]
catalog = pandas.DataFrame({"id_str": [str(number) for number in range(rows)], "file_loc": names})
encoder = timm.create_model(backbone, pretrained=False, num_classes=0)
model = finetune.FinetuneableZoobotClassifier(encoder=encoder, num_classes=2)
transform = T.Compose([T.ToImage(), T.Resize((size, size), antialias=True), T.ToDtype(torch.float32, scale=True)])
with tempfile.TemporaryDirectory() as scratch:
    start = time.perf_counter()
    predict_on_catalog.predict(
        catalog, model, f"{scratch}/out.csv", ["SF", "AGN"], transform,
        datamodule_kwargs={"batch_size": 64, "num_workers": torch.get_num_threads()},
        trainer_kwargs={"accelerator": "auto", "devices": 1},
    )
    print("galaxies/s", rows / (time.perf_counter() - start))
"""


def zoobot_rate(python, folder, rows, *, size, backbone="convnext_nano"):
    """Return galaxies per second of Zoobot's own prediction on the same files."""
    command = [str(Path(python).absolute()), "-c", _ZOOBOT, str(Path(folder).resolve()), str(rows), backbone, str(size)]
    with tempfile.TemporaryDirectory() as scratch:  # it leaves logs where it runs
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=scratch)
    found = [line for line in done.stdout.splitlines() if line.startswith("galaxies/s")]
    if not found:
        raise RuntimeError(f"Zoobot did not run: {done.stderr[-2000:]}")
    return float(found[-1].split()[1])
