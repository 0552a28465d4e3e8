"""What each notebook trains: its network, initial weights, batches, rate and sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp import Network, minibatches, mlp, one_hot
from reference_mlp._arrays import Array
from reference_mlp.digits import Digits

Draw = Callable[[tuple[int, ...], str, np.random.Generator], Array]


class Sets(NamedTuple):
    """Pairs of X and targets: to train on, to judge each stage by, and for the end."""

    train: tuple[Array, Array]
    judged: tuple[Array, Array]
    test: tuple[Array, Array]


@dataclass(frozen=True)
class Recipe:
    """One notebook's network and its training by stochastic gradient descent.

    `widths` and `activations` are those of `mlp`; `draw` returns a parameter's initial values
    from its shape and its name, "W" or "b". `learning_rate` is that of the mean gradient of a
    batch. A stage, after which the network is judged, is an epoch, or `steps` of them.
    `held_out` is the part of the training digits, their last, that is kept for validation.
    """

    name: str
    title: str
    widths: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    draw: Draw
    learning_rate: float
    batch_size: int
    stages: int
    held_out: Fraction
    judged_on: str
    seen: str
    steps: int | None = None
    frozen: tuple[str, ...] = ()

    @property
    def stage(self) -> str:
        """What a stage is called."""
        return "epoch" if self.steps is None else f"{self.steps:,} steps"

    def network(self, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Network:
        """Return the network with its initial weights, drawn from `rng`.

        >>> net = find_recipe("notebook-003").network(np.random.default_rng(0))
        >>> {name: p.shape for name, p in net.params.items()}
        {'0.W': (784, 10), '0.b': (10,)}
        """
        network = mlp(
            self.widths,
            rng=rng,
            activation=self.activations,
            loss=self.loss,
            dtype=dtype,
            initialiser="zeros",
            frozen=self.frozen,
        )
        for name, p in network.params.items():
            p[...] = self.draw(p.shape, name.rpartition(".")[2], rng)
        return network

    def sets(self, digits: Digits) -> Sets:
        """Return the digits as this notebook divides them, with targets as its loss takes them."""
        (X, y), (X_test, y_test) = digits
        n_held_out = round(len(X) * self.held_out)
        n_train = len(X) - n_held_out
        train = X[:n_train], self._targets(y[:n_train])
        test = X_test, self._targets(y_test)
        if self.judged_on == "test":
            return Sets(train, test, test)
        return Sets(train, (X[n_train:], self._targets(y[n_train:])), test)

    def batches(
        self, X: Array, targets: Array, rng: np.random.Generator
    ) -> Iterator[tuple[Array, Array]]:
        """Return the batches of one stage: an epoch, or as many of a fresh shuffle as it has."""
        if self.steps is None:
            return iter(minibatches(X, targets, self.batch_size, rng=rng))
        epochs = (minibatches(X, targets, self.batch_size, rng=rng) for _ in count())
        return islice(chain.from_iterable(epochs), self.steps)

    def n_batches(self, n_rows: int) -> int:
        """Return how many batches a stage has on `n_rows` training digits."""
        return self.steps or -(-n_rows // self.batch_size)

    def _targets(self, y: Array) -> Array:
        if self.loss == "softmax_cross_entropy":
            return y
        return one_hot(y, self.widths[-1], dtype=np.float32)


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name; raise KeyError, naming all, for an unknown one."""
    if name not in RECIPES:
        msg = f"no recipe is called {name!r}, expected one of {', '.join(RECIPES)}"
        raise KeyError(msg)
    return RECIPES[name]


def _unit_normal(shape: tuple[int, ...], _: str, rng: np.random.Generator) -> Array:
    return rng.normal(size=shape)


def _small_normal(shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Array:
    return rng.normal(0, 0.01, shape) if kind == "W" else np.zeros(shape)


def _small_positive(shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Array:
    return rng.uniform(0, 0.01, shape) if kind == "W" else np.zeros(shape)


def _by_fan_out(shape: tuple[int, ...], _: str, rng: np.random.Generator) -> Array:
    return rng.normal(0, shape[-1] ** -0.5, shape)


_ALL = (
    Recipe(
        name="notebook-000",
        title="784-100-10 sigmoid, softmax; SGD, batches of 100",
        widths=(784, 100, 10),
        activations=("sigmoid",),
        loss="softmax_cross_entropy",
        draw=_unit_normal,
        # Its 0.01 was that of the sum over a batch of 100.
        learning_rate=1.0,
        batch_size=100,
        stages=30,
        held_out=Fraction(1, 6),
        judged_on="validation",
        seen="validation accuracy 0.9513 after 29 epochs",
    ),
    Recipe(
        name="notebook-001",
        title="784-100-10 sigmoid, softmax; SGD, one digit at a time",
        widths=(784, 100, 10),
        activations=("sigmoid",),
        loss="softmax_cross_entropy",
        draw=_unit_normal,
        learning_rate=0.01,
        batch_size=1,
        stages=10,
        held_out=Fraction(1, 6),
        judged_on="validation",
        seen="interrupted before the first epoch's report",
    ),
    Recipe(
        name="notebook-002",
        title="784-80-70-10 relu and tanh, softmax; SGD, batches of 64",
        widths=(784, 80, 70, 10),
        activations=("relu", "tanh"),
        loss="softmax_cross_entropy",
        draw=_small_normal,
        learning_rate=0.1,
        batch_size=64,
        # Its range(max_epochs + 1).
        stages=31,
        held_out=Fraction(1, 6),
        judged_on="validation",
        seen="test error 2.390 % after 31 epochs, in 263.8 s",
    ),
    Recipe(
        name="notebook-003",
        title="784-10 sigmoid, binary cross-entropy; SGD, batches of 200",
        widths=(784, 10),
        activations=(),
        loss="sigmoid_binary_cross_entropy",
        draw=_small_positive,
        learning_rate=0.001,
        batch_size=200,
        stages=10,
        held_out=Fraction(0),
        judged_on="test",
        seen="NaN everywhere, test accuracy 0.098",
    ),
    Recipe(
        name="notebook-004",
        title="784-128-128-10 relu, softmax, only the last layer trained; SGD, batches of 32",
        widths=(784, 128, 128, 10),
        activations=("relu", "relu"),
        loss="softmax_cross_entropy",
        draw=_by_fan_out,
        learning_rate=1e-3,
        batch_size=32,
        stages=20,
        # TensorFlow's loader kept 5,000 of 60,000 back, and the notebook never looked at them.
        held_out=Fraction(1, 12),
        judged_on="test",
        seen="41 % at step 8,000, 60-70 % with 20,000 and more",
        steps=1000,
        frozen=("0.W", "0.b", "2.W", "2.b"),
    ),
)
RECIPES: Mapping[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
