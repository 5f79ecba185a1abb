# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""The training loop of networks."""

import math
import time
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from agnsf.columns import AgnsfWarning
from agnsf.training.augmentation import augment_pixels, augment_values
from agnsf.training.checkpoints import latest_checkpoint, prune_checkpoints, read_checkpoint, write_checkpoint
from agnsf.training.compiling import can_compile, compiled
from agnsf.training.devices import choose_precision, environment, out_of_memory_named, settled
from agnsf.training.feeding import Feed
from agnsf.training.history import write_history
from agnsf.training.optimizers import learning_rate_factor, make_optimizer, set_learning_rate
from agnsf.training.options import TrainingError
from agnsf.training.plans import class_weights, plan_epoch
from agnsf.training.predicting import network_logits
from agnsf.training.recording import starting_weights
from agnsf.training.state import State
from agnsf.training.steps import Step

__all__ = ["Loop"]

_LOOK = 50  # steps between two looks at the loss, each of which waits for the GPU


def _validation_scores(is_agn, logits):
    """Return binary cross-entropy and area under the ROC curve; NaN where there is none."""
    from sklearn.metrics import roc_auc_score

    if not len(is_agn):
        return math.nan, math.nan
    loss = float(np.mean(np.logaddexp(0, logits) - is_agn * logits))
    one_class = is_agn.min() == is_agn.max()
    return loss, math.nan if one_class or math.isnan(loss) else float(roc_auc_score(is_agn, logits))


class Loop:
    """
    Train one network.

    Parameters
    ----------
    classifier : TorchClassifier
        Whose network it is.
    images : array-like, n images
        To learn from.
    is_agn : `~numpy.ndarray`, shape (n,)
        1 for AGN, 0 for SF.
    validation : tuple of (images, is_agn)
        To watch; may be empty.
    options : TrainingOptions
        How.
    processes : `~agnsf.training.parallel.Processes`
        This process and its device.
    seed : int
        Of the first weights and of everything drawn; each epoch draws from (seed, epoch), so
        that an epoch is the same whether or not it follows a resume.
    folder : path-like or None
        Where checkpoints and history go.
    progress : bool
        Whether to show a progress bar.
    """

    def __init__(self, classifier, images, is_agn, *, validation, options, processes, seed, folder, progress):
        import torch

        self.classifier, self.options, self.processes, self.seed = classifier, options, processes, seed
        self.is_agn = np.asarray(is_agn, dtype=np.float32)
        self.batch_size = min(options.batch_size, len(self.is_agn))
        self.steps = math.ceil(len(self.is_agn) / self.batch_size)
        self.weights = class_weights(self.is_agn, options.balance)
        self.folder = None if folder is None else Path(folder)
        self.progress = progress and processes.first
        device = processes.device
        self.dtype = choose_precision(options.precision, device)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed)
            module = classifier.starting_network()
        module = module.to(device, memory_format=torch.channels_last).train()
        captured = device.type == "cuda" and processes.count == 1
        optimizer = make_optimizer(classifier.parameter_groups(module), options, captured=captured)
        self.state = State(module, optimizer, options.ema)
        self.compiled = options.compile and can_compile(device)
        self._step = Step(
            processes.wrap(compiled(module) if self.compiled else module),
            optimizer,
            clip=options.clip,
            device=device,
            dtype=self.dtype,
            processes=processes.count,
            captured=captured,
        )
        self._feed = Feed(images, device)
        self._validation_feed, self._validation_is_agn = Feed(validation[0], device), np.asarray(validation[1])
        self._start = starting_weights(classifier)
        self.history, self._kept, self._rate = [], None, None

    @property
    def environment(self):
        """What must be the same for a resumed training to agree in every bit."""
        return environment(self.processes.device, self.dtype, self.compiled, self.processes.count)

    @property
    def best_epoch(self):
        """The epoch of the lowest validation loss, or the last one where there is none."""
        losses = [one["validation_loss"] for one in self.history]
        if self.options.select == "last" or not losses or np.isnan(losses).all():
            return len(self.history)
        return int(np.nanargmin(losses)) + 1

    def run(self, *, resume=False):
        """Train to the end, and return the classifier with its network."""
        if resume and self.folder is not None:
            self._resume()
        with settled(self.processes.device), out_of_memory_named(self.batch_size):
            while not self._done():
                self._epoch(len(self.history) + 1)
                self._checkpoint()
        self._take_best()
        return self.classifier.with_module(self.state.kept)

    def _done(self):
        epochs, patience = len(self.history), self.options.patience
        return epochs >= self.options.epochs or (patience is not None and epochs - self.best_epoch >= patience)

    def _epoch(self, epoch):
        start = time.perf_counter()
        label = f"epoch {epoch}/{self.options.epochs}"
        with tqdm(total=self.steps, desc=label, unit="batch", disable=None if self.progress else True) as bar:
            loss = self._train(epoch, bar)
            logits = network_logits(
                self.state.kept, self.classifier, self._validation_feed, dtype=self.dtype, processes=self.processes
            )
            validation_loss, auc = _validation_scores(self._validation_is_agn, logits)
            if len(logits) and math.isnan(validation_loss):
                raise self._stopped(epoch, "the validation")
            bar.set_postfix(loss=f"{loss:.3f}", validation_loss=f"{validation_loss:.3f}", validation_auc=f"{auc:.3f}")
        rate = self.options.learning_rate * learning_rate_factor(epoch * self.steps - 1, self.steps, self.options)
        self.history.append(
            {
                "epoch": epoch,
                "learning_rate": rate,
                "loss": loss,
                "validation_loss": validation_loss,
                "validation_auc": auc,
                "seconds": time.perf_counter() - start,
            }
        )

    def _train(self, epoch, bar):
        """Let the network see every galaxy once; return the mean loss."""
        import torch

        device, processes = self.processes.device, self.processes
        plan = plan_epoch(
            self.is_agn,
            self.weights,
            batch_size=self.batch_size,
            balance=self.options.balance,
            seed=self.seed,
            epoch=epoch,
        )
        share = plan.share(processes.rank, processes.count)
        on_device = [torch.from_numpy(one).to(device) for one in (self.is_agn[share.rows], share.weights, plan.totals)]
        losses = torch.zeros(self.steps, device=device)
        seed = int(np.random.SeedSequence([self.seed, epoch, processes.rank]).generate_state(1, np.uint32)[0])
        generator = torch.Generator(device).manual_seed(seed)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed)  # dropout
            for number, (batch, *rest) in enumerate(zip(self._feed.batches(share.rows), *on_device, strict=True)):
                self._set_rate((epoch - 1) * self.steps + number)
                losses[number] = self._step(self._input(batch, generator), *rest)
                self.state.advance()
                bar.update()
                if (number + 1) % _LOOK == 0:
                    self._look(epoch, losses[: number + 1], bar)
            self._look(epoch, losses, bar)
        sums = processes.total(losses.double().cpu().numpy() * plan.totals)
        return float(sums.sum() / plan.totals.sum())

    def _set_rate(self, step):
        rate = self.options.learning_rate * learning_rate_factor(step, self.steps, self.options)
        if rate != self._rate:
            set_learning_rate(self.state.optimizer, rate)
            self._rate = rate

    def _input(self, batch, generator):
        """Return a stored batch as the network takes it, augmented."""
        import torch

        picture = self.classifier.input == "rgb"
        pixels = batch.permute(0, 3, 1, 2) if picture else batch
        pixels = augment_pixels(pixels, self.options, generator)
        images = self.classifier.prepare(pixels.permute(0, 2, 3, 1) if picture else pixels)
        images = augment_values(images, self.options, generator)
        return images.contiguous(memory_format=torch.channels_last)

    def _look(self, epoch, losses, bar):
        values = losses.cpu().numpy()
        if not np.isfinite(values).all():
            raise self._stopped(epoch, f"batch {int(np.argmin(np.isfinite(values))) + 1}")
        bar.set_postfix(loss=f"{values[-_LOOK:].mean():.3f}")

    def _stopped(self, epoch, where):
        last = f"the checkpoint of epoch {len(self.history)} stands" if self.history else "there is no checkpoint yet"
        return TrainingError(
            f"The network gave NaN or infinity in epoch {epoch}, {where}; {last}. "
            f"Try a lower learning rate: -T learning_rate={self.options.learning_rate / 10:g}"
        )

    def _checkpoint(self):
        if self.folder is None:
            if self.best_epoch == len(self.history):
                self._kept = self.state.tensors()
            return
        if self.processes.first:
            record = {
                "history": self.history,
                "seed": self.seed,
                "options": asdict(self.options),
                "starting_weights": self._start,
                "environment": self.environment,
            }
            checkpoints = self.folder / "checkpoints"
            write_checkpoint(checkpoints, len(self.history), self.state.tensors(), record)
            prune_checkpoints(checkpoints, keep=self.options.keep, best=self.best_epoch)
            write_history(self.history, self.folder, picture=self._done())
        self.processes.wait()

    def _resume(self):
        found = latest_checkpoint(self.folder / "checkpoints")
        if found is None:
            return
        record, tensors = found
        if (record["options"], record["seed"]) != (asdict(self.options), self.seed):
            raise TrainingError(f"{self.folder} was trained with other options or another seed; give the same ones")
        if record["starting_weights"] != self._start:
            raise TrainingError(f"{self.folder} was trained from other starting weights; give the same model")
        differs = [name for name, value in self.environment.items() if record["environment"].get(name) != value]
        if differs:
            there, here = ([source[name] for name in differs] for source in (record["environment"], self.environment))
            text = (
                f"The training goes on with another {', '.join(differs)} ({here} instead of {there}): bits will differ"
            )
            warnings.warn(text, AgnsfWarning, stacklevel=2)
        self.history = record["history"]
        self.state.restore(tensors)

    def _take_best(self):
        best = self.best_epoch
        if best == len(self.history):
            return
        tensors = self._kept if self.folder is None else read_checkpoint(self.folder / "checkpoints", best)[1]
        self.state.keep(tensors)
