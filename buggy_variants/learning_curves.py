"""What training shows of a bug: its learning curve beside the reference's."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from buggy_variants.catalog import Entry
from buggy_variants.matrix import REFERENCE, implementation_of, setting_of
from buggy_variants.plots import save_themed
from reference_mlp import ACTIVATIONS, LOSSES, Epoch, one_hot
from reference_mlp._arrays import Array
from reference_mlp.digits import SUBSET, load_digits

EPOCHS = 8
N_ROWS = 1000
BATCH_SIZE = 50
RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adam": 0.003}

LEAST_POINTS = 0.03
LEAST_RATIO = 1.25
"""One sees a difference of accuracies, or a ratio of losses, that is larger than these."""


@dataclass(frozen=True)
class Training:
    """How a 784-32-10 network is trained on 1,000 of the digits in the package."""

    activation: str = "relu"
    loss: str = "softmax_cross_entropy"
    optimiser: str = "sgd"
    l2: float = 0.0
    dropout: float = 0.0
    max_norm: float | None = None

    def __str__(self) -> str:
        """Return it in words."""
        extras = {"L2": self.l2, "dropout": self.dropout, "norm at most": self.max_norm}
        name = self.optimiser.upper() if self.optimiser == "sgd" else self.optimiser.capitalize()
        words = [
            f"784-32-10 {self.activation} network",
            self.loss.replace("_", " "),
            f"{name} at {RATES[self.optimiser]:g}",
            *(f"{extra} {value:g}" for extra, value in extras.items() if value),
            f"{N_ROWS:,} digits in batches of {BATCH_SIZE}",
            "seed 0",
        ]
        return ", ".join(words)


_TRAININGS = {
    **{name: Training(activation=name) for name in ACTIVATIONS},
    **{name: Training(loss=name) for name in LOSSES},
    **{name: Training(optimiser=name) for name in RATES},
    **{name: Training(activation="tanh") for name in ("glorot_normal", "glorot_uniform")},
    "penalty": Training(l2=0.01),
    "dropout": Training(dropout=0.5),
    "clip_norm": Training(max_norm=0.5),
    **dict.fromkeys(
        ("softmax", "linear", "he_normal", "network", "mlp", "minibatches", "train_step"),
        Training(),
    ),
    **dict.fromkeys(("train_epoch", "fit", "accuracy", "evaluate"), Training()),
}
"""By the part that a bug replaces; training reads no other."""


@dataclass(frozen=True)
class Curves:
    """What `fit` reports of the reference and of a variant, an epoch an entry."""

    bug: str
    training: Training
    reference: list[Epoch]
    variant: list[Epoch]

    @property
    def differ(self) -> bool:
        """Whether one sees it, in most epochs: what only starts otherwise isn't worth a picture."""
        if len(self.variant) != len(self.reference):
            return True
        right, wrong = (np.array(_numbers(h)) for h in (self.reference, self.variant))
        points = np.abs(right[:, 2] - wrong[:, 2])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.exp(np.abs(np.log(right[:, :2] / wrong[:, :2])))
        seen = (points > LEAST_POINTS) | ~(ratios <= LEAST_RATIO).all(axis=1)
        return bool(seen.mean() > 0.5)


def learning_curves(entry: Entry) -> Curves | None:
    """Return the curves of an entry beside the reference's, None where there is nothing to see.

    That is where no part of such a training is replaced, where it breaks off, and where its
    curves are the reference's.

    >>> from buggy_variants.catalog import find
    >>> curves = learning_curves(find("GB056"))
    >>> curves.variant[-1].loss > 5 * curves.reference[-1].loss
    True
    >>> learning_curves(find("GB001")) is None
    True
    """
    (part,) = entry.bug.replaces
    if part not in _TRAININGS:
        return None
    training = _TRAININGS[part]
    dtype = np.dtype(setting_of(entry.id).dtype).name
    reference = _train(REFERENCE, training, dtype)
    variant = _train(entry.id, training, dtype)
    curves = Curves(entry.id, training, reference, variant)
    return curves if variant and curves.differ else None


@cache
def _train(variant: str, training: Training, dtype: str) -> list[Epoch]:
    """Return the history, an empty one where training breaks off."""
    implementation: Any = implementation_of(variant)
    X, y, X_test, y_test = _digits(dtype)
    if training.loss != "softmax_cross_entropy":
        y, y_test = (one_hot(labels, 10, dtype=dtype) for labels in (y, y_test))
    build = {"dropout": training.dropout} if training.dropout else {}
    options = {"max_norm": training.max_norm} if training.max_norm else {}
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            network = implementation.make_network(
                (784, 32, 10),
                activation=(training.activation,),
                loss=training.loss,
                l2=training.l2,
                dtype=dtype,
                rng=rng,
                **build,
            )
            history: list[Epoch] = implementation.fit(
                network,
                X,
                y,
                optimiser=implementation.optimisers[training.optimiser](RATES[training.optimiser]),
                epochs=EPOCHS,
                batch_size=BATCH_SIZE,
                validation=(X_test, y_test),
                rng=rng,
                **options,
            )
        except Exception:  # noqa: BLE001 - whatever the bug makes of it
            return []
    return history


@cache
def _digits(dtype: str) -> tuple[Array, Array, Array, Array]:
    """Return N_ROWS digits to train on and the 1,000 to test on, with their labels."""
    (X, y), test = load_digits(SUBSET, dtype=dtype)
    chosen = np.random.default_rng(0).permutation(len(X))[:N_ROWS]
    return X[chosen], y[chosen], *test


def _numbers(history: Sequence[Epoch]) -> list[tuple[float, float, float]]:
    """Return training loss, test loss and test accuracy by epoch."""
    return [(e.loss, e.validation.loss, e.validation.accuracy) for e in history if e.validation]


def save_learning_curves(path: Path, curves: Curves, *, dark: bool = False) -> None:
    """Draw the curves into the file `path`, as `save_themed` does."""

    def draw(figure: Any, colours: Sequence[str]) -> None:
        # Margins that fit are known here; finding them takes longer than all else.
        figure.set_layout_engine(None)
        figure.subplots_adjust(left=0.07, right=0.99, bottom=0.17, top=0.9, wspace=0.2)
        losses, accuracies = figure.subplots(1, 2)
        _, wrong, right = colours
        drawn = ((curves.bug, curves.variant, wrong), ("reference", curves.reference, right))
        for name, history, colour in drawn:
            epochs = [epoch.number for epoch in history]
            training, test, accuracy = zip(*_numbers(history), strict=True)
            losses.plot(epochs, training, "-", label=name, color=colour)
            losses.plot(epochs, test, "--", color=colour)
            accuracies.plot(epochs, accuracy, "--", color=colour)
        # A loss that runs away leaves the picture, and the reference's stays readable.
        top = max(max(row[:2]) for row in _numbers(curves.reference))
        losses.set_ylim(0, min(losses.get_ylim()[1], 4 * top))
        last = curves.variant[-1].loss
        if not last <= 4 * top:
            text = f"{curves.bug} is off the scale:\n{last:.2g} in the end"
            losses.annotate(text, (0.95, 0.5), xycoords="axes fraction", ha="right", color=wrong)
        losses.set_title("loss: training, and test dashed", fontsize=11)
        losses.legend(frameon=False)
        accuracies.set_ylim(0, 1)
        accuracies.set_title("test accuracy", fontsize=11)
        for axes in (losses, accuracies):
            axes.set_xlabel("epoch")
            axes.set_xticks(sorted({epoch.number for _, history, _ in drawn for epoch in history}))
            axes.spines[["top", "right"]].set_visible(False)

    save_themed(path, draw, size=(7.5, 3.2), salt=curves.bug, dark=dark)
