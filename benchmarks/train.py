# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How fast networks are trained from a pack, against a plain DataLoader over the same JPEG files.

On a CPU it packs JPEG files, then measures the input side alone (a network of one parameter) and the paper's
network, each fed from the pack and by ``torch.utils.data.DataLoader``: ``python benchmarks/train.py``.

On a GPU it trains the paper's network for 10 epochs on 105,980 pictures, from the pack to the saved model, beside
the ceilings of that GPU measured in the same run: ``python benchmarks/train.py --device cuda``.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from astropy.table import Table
from PIL import Image

import agnsf
from agnsf.cutouts import Framing
from agnsf.datasets import Pack, Selection, open_pack, pack, split
from agnsf.evaluation import choose_threshold
from agnsf.models import Model, load_model, save_model
from agnsf.plugins import load_classifier, load_image_source
from agnsf.training import PRESETS, TrainingOptions, fit
from agnsf.training.devices import choose_precision
from agnsf.training.feeding import Feed
from agnsf.training.parallel import processes
from agnsf.training.predicting import predict

PAPER = PRESETS["xu2023"]
INPUT_BAR = 5.0  # epochs from the pack against epochs of a DataLoader
SECONDS_BAR = 30.0  # 10 epochs of the paper's network on one H200
PAPER_FLOPS = 0.287e9  # of one image through the paper's network, forward; backward costs twice that
SIZE = 128


@dataclass(frozen=True)
class Null(agnsf.TorchClassifier):
    """A network that does next to nothing, so that what remains is the input side."""

    name = "null"
    size = SIZE

    def network(self):
        class Mean(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = torch.nn.Parameter(torch.ones(1, 1))

            def forward(self, images):
                return images[:, 0, 0, 0] * self.scale[0, 0]

        return Mean()


def pictures(n, size, seed=0):
    """Return smooth pictures, redder where the galaxy is AGN, and their table."""
    rng = np.random.default_rng(seed)
    is_agn = rng.random(n) < 0.639
    y, x = np.mgrid[:size, :size] / size - 0.5
    blob = np.exp(-(x**2 + y**2) / 0.03)
    images = np.empty((n, size, size, 3), np.uint8)
    for start in range(0, n, 2048):
        part = is_agn[start : start + 2048]
        tint = np.stack([100 + 60 * part, 100 + 0 * part, 140 - 60 * part], axis=1) * rng.uniform(
            0.6, 1.2, (len(part), 3)
        )
        noise = rng.integers(0, 24, (len(part), size, size, 1), dtype=np.uint8)
        glow = blob[None, :, :, None] * tint[:, None, None, :]
        images[start : start + len(part)] = np.clip(glow + noise, 0, 255).astype(np.uint8)
    return images, Table({"id": np.arange(n), "label": np.where(is_agn, "AGN", "SF")})


class Files(torch.utils.data.Dataset):
    """The usual way: one JPEG file for each image, decoded whenever it is wanted."""

    def __init__(self, folder, labels):
        self.paths = [folder / f"{number}.jpeg" for number in range(len(labels))]
        self.targets = torch.from_numpy((labels == "AGN").astype(np.float32))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as image:
            pixels = np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255, self.targets[index]


def loader_epoch(classifier, files, *, batch_size, workers, dtype):
    """Return how long an epoch takes with a DataLoader; the second one, with the workers started."""
    module = classifier.network().train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(module.parameters())
    loader = torch.utils.data.DataLoader(
        files, batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    for _ in range(2):
        start = time.perf_counter()
        for images, targets in loader:
            with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
                logits = module(images.contiguous(memory_format=torch.channels_last))
            torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), targets).backward()
            optimizer.step()
            optimizer.zero_grad()
    return time.perf_counter() - start


def pack_epoch(classifier, packed, *, options):
    """Return how long an epoch takes from the pack; the second one."""
    with tempfile.TemporaryDirectory() as folder:
        fit(classifier, packed.images, packed.table, options=replace(options, epochs=2), device="cpu", folder=folder)
        return float(Table.read(Path(folder) / "history.ecsv")["seconds"][1])


def zoobot_epoch(python, folder, n, *, backbone, batch_size):
    """Return how long an epoch of Zoobot's fine-tuning takes on the same files; the second one."""
    script = Path(__file__).with_name("zoobot_epoch.py")
    command = [python, script, folder, n, backbone, SIZE, batch_size]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("seconds")]
    if not found:
        raise RuntimeError(f"Zoobot did not run: {done.stderr[-2000:]}")
    return float(found[-1].split()[1])


def on_cpu(n, network_n, workers, zoobot):
    """Pack JPEG files, and compare the pack with a DataLoader, and with Zoobot where it is installed."""
    options = replace(PAPER.training, batch_size=64, keep=1)
    dtype = choose_precision("auto", torch.device("cpu"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        images, table = pictures(n, 250)
        for number, pixels in enumerate(images):
            Image.fromarray(pixels).save(folder / f"{number}.jpeg", quality=90)
        source = load_image_source("folder", path=str(folder), pattern="{id}.jpeg", color="legacysurvey")
        start = time.perf_counter()
        pack(table, source, size=SIZE, folder=folder / "pack", framing=Framing(size=250))
        seconds = time.perf_counter() - start
        print(f"packing, 250 x 250 JPEG to {SIZE} x {SIZE}     {n / seconds:8.0f} images/s")
        packed = open_pack(folder / "pack")

        files = Files(folder, np.asarray(table["label"]))
        plain = loader_epoch(Null(), files, batch_size=64, workers=workers, dtype=torch.float32)
        ours = pack_epoch(Null(), packed, options=replace(options, precision="float32"))
        ratio = plain / ours
        print(f"input side, DataLoader ({workers} workers)   {n / plain:8.0f} images/s")
        print(f"input side, pack                     {n / ours:8.0f} images/s: {ratio:.1f} x (bar: {INPUT_BAR} x)")

        some = torch.utils.data.Subset(files, range(network_n))
        first = Pack(Selection(packed.images, range(network_n)), packed.table[:network_n], packed.recipe)
        cnn = load_classifier(PAPER.classifier, **PAPER.options)
        plain = loader_epoch(cnn, some, batch_size=64, workers=workers, dtype=dtype)
        ours = pack_epoch(cnn, first, options=options)
        print(f"the paper's network, DataLoader      {network_n / plain:8.1f} images/s ({dtype})")
        print(f"the paper's network, pack            {network_n / ours:8.1f} images/s: {plain / ours:.2f} x")
        if zoobot:
            nano = load_classifier("backbone", backbone="convnext_nano", size=SIZE)
            some = replace(options, batch_size=32)
            theirs = zoobot_epoch(zoobot, folder, network_n, backbone="convnext_nano", batch_size=32)
            print(f"convnext_nano, Zoobot                {network_n / theirs:8.1f} images/s (float32)")
            for precision in ("float32", "auto"):
                ours = pack_epoch(nano, first, options=replace(some, precision=precision))
                speed = f"{network_n / ours:8.1f} images/s ({precision})"
                print(f"convnext_nano, pack                  {speed}: {theirs / ours:.2f} x")
    print(f"{os.cpu_count()} cores, {torch.get_num_threads()} threads, torch {torch.__version__}")
    return ratio < INPUT_BAR


def timed(device, work, repeats=10):
    """Return the median time in seconds of some work on a GPU, after three warm-up runs."""
    times = []
    for number in range(repeats + 3):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize(device)
        times += [start.elapsed_time(end) / 1000] if number >= 3 else []
    return float(np.median(times))


def ceilings(device):
    """Print and return what the GPU can do: FLOP/s of a bf16 matrix product, bytes/s of a copy."""
    a, b = (torch.randn(8192, 8192, device=device, dtype=torch.bfloat16) for _ in range(2))
    flops = 2 * 8192**3 / timed(device, lambda: a @ b)
    one, two = (torch.empty(2**32, dtype=torch.uint8, device=device).random_() for _ in range(2))
    rate = 2 * 2**32 / timed(device, lambda: two.copy_(one))
    print(f"ceiling: bf16 matrix product {flops / 1e12:.0f} TFLOP/s; copy {rate / 1e12:.2f} TB/s (read and written)")
    return flops, rate


def whole_training(classifier, images, table, *, options, device, folder):
    """Return the wall time from the pack to the saved model, and the model's accuracy on the test galaxies."""
    start = time.perf_counter()
    parts = split(table)
    sets = {}
    for name in ("train", "validation", "test"):
        rows = np.flatnonzero(parts == name)
        sets[name] = Selection(images, rows), table[rows]
    with processes(device) as joined:
        fitted = fit(
            classifier, *sets["train"], validation=sets["validation"], options=options, device=joined, folder=folder
        )
        p_agn = predict(fitted, *sets["validation"], processes=joined, precision=options.precision)
        threshold = choose_threshold(sets["validation"][1]["label"] == "AGN", p_agn)
        save_model(Model(fitted, {"threshold": threshold}), folder)
        seconds = time.perf_counter() - start
        p_agn = predict(load_model(folder).classifier, *sets["test"], processes=joined, precision=options.precision)
    right = (p_agn >= threshold) == np.asarray(sets["test"][1]["label"] == "AGN")
    return seconds, len(sets["train"][1]), float(right.mean())


def gpu_input(images, device):
    """Print how fast batches come from the GPU's own memory, with and without augmentation."""
    from agnsf.training.augmentation import augment_pixels, augment_values

    feed = Feed(images, device)
    rows = np.random.default_rng(0).permutation(len(images) // 512 * 512).reshape(-1, 512)
    generator = torch.Generator(device).manual_seed(0)
    for name, options in (
        ("plain", TrainingOptions(symmetries=False)),
        ("eight symmetries", TrainingOptions()),
        ("all augmentations", TrainingOptions(shift=2, noise=0.02, blur=1.0, jitter=0.05)),
    ):

        def epoch(options=options):
            for batch in feed.batches(list(rows)):
                pixels = augment_pixels(batch.permute(0, 3, 1, 2), options, generator)
                augment_values(pixels.float() / 255, options, generator)

        print(f"input pipeline, {name:18} {rows.size / timed(device, epoch, repeats=3):12,.0f} images/s")


def on_gpu(n, device_name, epochs, batch_sizes):
    """Train the paper's network and convnext_nano on one GPU, beside its ceilings."""
    device = torch.device(device_name)
    print(f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}")
    flops, _ = ceilings(device)
    total = round(n / 0.75)
    images, table = pictures(total, SIZE)
    best = np.inf
    with tempfile.TemporaryDirectory() as scratch:
        np.save(Path(scratch) / "cutouts.npy", images)
        packed = np.load(Path(scratch) / "cutouts.npy", mmap_mode="r")
        del images
        gpu_input(packed, device)
        cnn = load_classifier(PAPER.classifier, **PAPER.options)
        runs = [("cnn", cnn, size, epochs) for size in batch_sizes]
        runs.append(("convnext_nano", load_classifier("backbone", backbone="convnext_nano", size=SIZE), 512, 2))
        for name, classifier, batch_size, some in runs:
            options = replace(PAPER.training, batch_size=batch_size, epochs=some, keep=1)
            folder = Path(scratch) / f"{name}-{batch_size}"
            seconds, learned, accuracy = whole_training(
                classifier, packed, table, options=options, device=device_name, folder=folder
            )
            steady = np.median(Table.read(folder / "history.ecsv")["seconds"][1:])
            line = f"{name}, batches of {batch_size}: {seconds:.1f} s for {some} epochs of {learned:,} images"
            line += f"; {learned / steady:,.0f} images/s in an epoch with its validation; accuracy {accuracy:.3f}"
            if name == "cnn":
                best = min(best, seconds)
                achieved = 3 * PAPER_FLOPS * learned / steady
                line += f"; {achieved / 1e12:.0f} TFLOP/s, {100 * achieved / flops:.0f} % of the ceiling"
            print(line, flush=True)
    print(f"the paper's network: {best:.1f} s (bar: {SECONDS_BAR} s)")
    return best > SECONDS_BAR


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="cpu or cuda[:N] (default: cpu).")
    parser.add_argument("--images", type=int, help="Images to train on (default: 4000 on a CPU, 105980 on a GPU).")
    parser.add_argument("--network-images", type=int, default=640, help="Of them for the network on a CPU.")
    parser.add_argument("--zoobot", type=Path, help="Python of an environment with Zoobot 2.9, to compare with.")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="Of the DataLoader (default: one per core)."
    )
    parser.add_argument("--epochs", type=int, default=10, help="On a GPU (default: 10, as in the paper).")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[32, 256, 1024], help="On a GPU, each in turn.")
    choice = parser.parse_args()
    if choice.device == "cpu":
        return on_cpu(choice.images or 4000, choice.network_images, choice.workers, choice.zoobot)
    return on_gpu(choice.images or 105_980, choice.device, choice.epochs, choice.batch_sizes)


if __name__ == "__main__":
    sys.exit(main())
