# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""Seconds of one epoch of Zoobot's fine-tuning; ``train.py --zoobot PYTHON`` runs this where Zoobot is installed."""

import sys
import tempfile
import time
import warnings
from pathlib import Path

import lightning
import pandas
import timm
import torch
import torchvision.transforms.v2 as transforms
from galaxy_datasets.pytorch.galaxy_datamodule import CatalogDataModule
from zoobot.pytorch.training import finetune


class Clock(lightning.Callback):
    """Time each epoch of training."""

    def __init__(self):
        self.seconds = []

    def on_train_epoch_start(self, trainer, module):
        self._start = time.perf_counter()

    def on_train_epoch_end(self, trainer, module):
        self.seconds.append(time.perf_counter() - self._start)


def main():
    folder, rows, backbone, size, batch_size = Path(sys.argv[1]), *sys.argv[2:]
    warnings.simplefilter("ignore")
    names = [str(folder / f"{number}.jpeg") for number in range(int(rows))]
    table = pandas.DataFrame({"id_str": names, "file_loc": names, "label": [number % 2 for number in range(int(rows))]})
    change = transforms.Compose(
        [
            transforms.ToImage(),
            transforms.Resize((int(size), int(size)), antialias=True),
            transforms.ToDtype(torch.float32, scale=True),
        ]
    )
    data = CatalogDataModule(
        label_cols=["label"],
        train_catalog=table,
        val_catalog=table[:8],
        test_catalog=table[:8],
        batch_size=int(batch_size),
        num_workers=torch.get_num_threads(),
        train_transform=change,
        test_transform=change,
    )
    encoder = timm.create_model(backbone, pretrained=False, num_classes=0)
    model = finetune.FinetuneableZoobotClassifier(num_classes=2, encoder=encoder, prog_bar=False)
    clock = Clock()
    with tempfile.TemporaryDirectory() as scratch:
        trainer = finetune.get_trainer(scratch, max_epochs=2, accelerator="auto", devices=1, default_root_dir=scratch)
        trainer.callbacks.append(clock)
        trainer.fit(model, data)
    print("seconds", clock.seconds[1])


if __name__ == "__main__":
    main()
