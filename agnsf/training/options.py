# Licensed under a 3-clause BSD style license - see LICENSE.rst
"""How to train: the options of the loop, and the recipe of the paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from agnsf.columns import AgnsfError

__all__ = ["PRESETS", "Preset", "TrainingError", "TrainingOptions"]


class TrainingError(AgnsfError, ValueError):
    """Training cannot begin, or cannot go on."""


@dataclass(frozen=True)
class TrainingOptions:
    """
    How a network is trained.

    Parameters
    ----------
    epochs : int, optional
        How often every galaxy is seen.
    batch_size : int, optional
        Galaxies per step, over all processes together; all of them if there are fewer.
    optimizer : {'adam', 'adamw'}, optional
        Kingma & Ba 2014 (arXiv:1412.6980), or with decoupled weight decay (arXiv:1711.05101).
    learning_rate : float, optional
        At its highest, after the warm-up.
    weight_decay : float, optional
        Of weight matrices and filters; biases and normalizations decay never.
    warmup : float, optional
        Epochs in which the learning rate rises from 0.
    schedule : {'constant', 'cosine'}, optional
        How the learning rate goes on: stays, or falls to 0 along half a cosine.
    balance : {'none', 'weights', 'sampling'}, optional
        Whether the rarer class weighs more in the loss, or is drawn more often.
    ema : float or None, optional
        Decay per step of the moving average of the network that is validated and kept. It is less in the first
        steps, at most (1 + n)/(10 + n) after n of them.
    clip : float or None, optional
        Longest gradient.
    patience : int or None, optional
        Stop after so many epochs without a lower validation loss.
    select : {'best', 'last'}, optional
        Which epoch's network is kept: the one of lowest validation loss, or the last.
    keep : int or None, optional
        How many checkpoints to keep beside the best one; None keeps all.
    precision : {'auto', 'float32', 'bfloat16'}, optional
        Of the arithmetic inside the network; ``auto`` takes bfloat16 where the device has units for it.
    compile : bool, optional
        Whether `torch.compile` makes the network, which takes a minute and pays for long runs only.
    symmetries : bool, optional
        Show each image in one of the eight orientations of the square, drawn anew each time.
    shift : int, optional
        Largest shift along each axis, in pixels.
    noise : float, optional
        Standard deviation of added noise, in units of the network's input (0 to 1 for pictures).
    blur : float, optional
        Largest standard deviation of a Gaussian by which images are blurred, in pixels.
    jitter : float, optional
        Largest relative change of the brightness of each band.

    Examples
    --------
    >>> from agnsf.training import TrainingOptions
    >>> TrainingOptions(epochs=3).epochs
    3
    """

    epochs: int = 30
    batch_size: int = 64
    optimizer: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 1.0
    schedule: Literal["constant", "cosine"] = "cosine"
    balance: Literal["none", "weights", "sampling"] = "none"
    ema: float | None = 0.998
    clip: float | None = 1.0
    patience: int | None = None
    select: Literal["best", "last"] = "best"
    keep: int | None = 2
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    compile: bool = False
    symmetries: bool = True
    shift: int = 0
    noise: float = 0.0
    blur: float = 0.0
    jitter: float = 0.0

    name: ClassVar[str] = "training"

    def __post_init__(self):
        ranges = {
            "epochs": self.epochs >= 1,
            "batch_size": self.batch_size >= 1,
            "learning_rate": 0 < self.learning_rate < float("inf"),
            "weight_decay": self.weight_decay >= 0,
            "warmup": self.warmup >= 0,
            "ema": self.ema is None or 0 <= self.ema < 1,
            "clip": self.clip is None or self.clip > 0,
            "patience": self.patience is None or self.patience >= 1,
            "keep": self.keep is None or self.keep >= 1,
            "shift": self.shift >= 0,
            "noise": self.noise >= 0,
            "blur": self.blur >= 0,
            "jitter": 0 <= self.jitter < 1,
        }
        wrong = [name for name, right in ranges.items() if not right]
        if wrong:
            raise TrainingError(f"The training option {wrong[0]} is out of range: {getattr(self, wrong[0])!r}")


@dataclass(frozen=True)
class Preset:
    """
    A published recipe.

    Parameters
    ----------
    training : TrainingOptions
        How it trains.
    classifier : str
        Name of the classifier that it trains.
    options : dict, optional
        Options of that classifier.

    Examples
    --------
    >>> from agnsf.plugins import load_classifier
    >>> from agnsf.training import PRESETS
    >>> paper = PRESETS['xu2023']
    >>> load_classifier(paper.classifier, **paper.options)
    Cnn(batch_norm=False, global_pooling=False, dropout=0.0)
    """

    training: TrainingOptions
    classifier: str
    options: Mapping[str, Any] = field(default_factory=dict)


#: Named recipes. ``xu2023`` is the paper's; what the paper does not say is what Keras does by itself.
PRESETS = {
    "xu2023": Preset(
        TrainingOptions(
            epochs=10,
            batch_size=32,
            optimizer="adam",
            learning_rate=1e-3,
            weight_decay=0.0,
            warmup=0.0,
            schedule="constant",
            ema=None,
            clip=None,
            select="last",
            keep=None,
            symmetries=False,
        ),
        classifier="cnn",
        options={"batch_norm": False, "global_pooling": False},
    ),
}
