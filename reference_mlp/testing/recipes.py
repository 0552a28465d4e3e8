"""Training runs on real digits, and the reference's own curves on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.batches import one_hot
from reference_mlp.digits import SUBSET, Digits, load_digits
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.assembly import assemble
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.problems import Problem

REFERENCE_SEEDS = tuple(range(1000, 1010))
CURVES = Path(__file__).with_name("reference_curves.json")


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained: on `n_rows` digits, judged by an independent loss.

    It is trained `stages` times for `epochs`, and judged before and after each.
    """

    activation: str
    loss: str
    learning_rate: float
    stages: int
    epochs: int
    batch_size: int
    n_rows: int

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.activation} network, {self.loss.replace('_', ' ')}"

    @property
    def key(self) -> str:
        """What its recorded curves are kept under: every field, so that no change goes unseen."""
        return " ".join(str(value) for value in astuple(self))

    def targets(self, y: Array) -> Array:
        """Return labels `y` (N,) in the form that the loss takes."""
        return y if self.loss == "softmax_cross_entropy" else one_hot(y, 10, dtype=np.float32)

    def suits(self, problems: Iterable[Problem]) -> bool:
        """Say whether an implementation of `problems` can be asked for this network."""
        return any(p.loss == self.loss and self.activation in p.activation for p in problems)

    def train(
        self,
        make_network: NetworkFactory,
        fit: Callable[..., Any],
        optimisers: Mapping[str, Callable[..., Optimiser]],
        *,
        seed: int,
    ) -> Array:
        """Return the curve (stages + 1,) of the test loss, NaN from where training broke off.

        The loss is ours, from the network's logits, so that a network can't judge itself. A
        training set of a few rows is its own test set.
        """
        rng = np.random.default_rng(seed)
        (X, y), test = _digits()
        # Copies, as the code under test may write into them.
        X, y = X[: self.n_rows].copy(), y[: self.n_rows].copy()
        test = (X, y) if self.n_rows < len(test[0]) else (test[0].copy(), test[1].copy())
        network = make_network(
            (784, 32, 10),
            activation=(self.activation,),
            loss=self.loss,
            l2=0.0,
            dtype=np.float32,
            rng=rng,
        )
        optimiser = optimisers["sgd"](self.learning_rate)
        curve = np.full(self.stages + 1, np.nan)
        curve[0] = self.judge(network.logits(test[0]), test[1])
        for stage in range(1, self.stages + 1):
            try:
                fit(
                    network,
                    X,
                    self.targets(y),
                    optimiser=optimiser,
                    epochs=self.epochs,
                    batch_size=self.batch_size,
                    rng=rng,
                )
            except FloatingPointError:
                break
            curve[stage] = self.judge(network.logits(test[0]), test[1])
        return curve

    def judge(self, logits: Array, y: Array) -> float:
        """Return the mean loss of `logits` (N, 10) for labels `y` (N,), in float64."""
        z = np.asarray(logits, np.float64)
        if z.shape != (len(y), 10):
            return float("nan")
        return float(_JUDGES[self.loss](z, y).mean())


@cache
def _digits() -> Digits:
    # Reading them takes longer than an epoch of 32 rows.
    return load_digits(SUBSET)


def _softmax_cross_entropy(z: Array, y: Array) -> Array:
    # Here, not above: scipy.special takes longer to import than all the rest.
    from scipy.special import logsumexp

    losses: Array = logsumexp(z, axis=1) - z[np.arange(len(y)), y]
    return losses


_JUDGES: Mapping[str, Callable[[Array, Array], Array]] = {
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sigmoid_binary_cross_entropy": lambda z, y: (
        np.logaddexp(0, z).sum(axis=1) - z[np.arange(len(y)), y]
    ),
    "squared_error": lambda z, y: ((z - np.eye(10)[y]) ** 2).sum(axis=1) / 2,
}


CONVERGENCE = (
    Recipe("relu", "softmax_cross_entropy", 0.1, stages=2, epochs=1, batch_size=50, n_rows=5000),
    Recipe(
        "sigmoid",
        "sigmoid_binary_cross_entropy",
        0.3,
        stages=2,
        epochs=1,
        batch_size=50,
        n_rows=5000,
    ),
    Recipe("tanh", "squared_error", 0.02, stages=2, epochs=1, batch_size=50, n_rows=5000),
)
OVERFITTING = (
    Recipe("relu", "softmax_cross_entropy", 0.1, stages=1, epochs=40, batch_size=8, n_rows=32),
    Recipe(
        "sigmoid", "sigmoid_binary_cross_entropy", 1.0, stages=1, epochs=60, batch_size=8, n_rows=32
    ),
    Recipe("tanh", "squared_error", 0.033, stages=1, epochs=60, batch_size=8, n_rows=32),
)


def train_reference(recipe: Recipe, *, seed: int) -> Array:
    """Return the reference's curve (stages + 1,) on `recipe`."""
    reference = assemble()
    parts: tuple[Any, ...] = reference.make_network, reference.fit, reference.optimisers
    return recipe.train(*parts, seed=seed)


def reference_curves(recipe: Recipe) -> Array:
    """Return the reference's recorded curves (seeds, stages + 1) on one of the recipes above.

    Recorded, because training them anew would take longer than all the checks;
    `python -m reference_mlp.testing.record_curves` writes them again.
    """
    return np.array(_recorded()[recipe.key])


@cache
def _recorded() -> dict[str, list[list[float]]]:
    curves: dict[str, list[list[float]]] = json.loads(CURVES.read_text(encoding="utf-8"))
    return curves


def upper_limit(curves: Array) -> float:
    """Return what the last loss of one more run exceeds once in a million, by Student's t.

    `curves` are (seeds, stages + 1); the prediction limit is mean + t s sqrt(1 + 1/n).
    """
    from scipy.special import stdtrit

    final = curves[:, -1]
    n = len(final)
    t = stdtrit(n - 1, 1 - 1e-6)
    return float(final.mean() + t * final.std(ddof=1) * np.sqrt(1 + 1 / n))
