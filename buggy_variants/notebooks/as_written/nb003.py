"""Notebook 003 as it was written: sigmoid units under binary cross-entropy, samples in columns.

Its cost function is declared as (target, prediction) and called the other way round, its derivative
has a plus where a minus belongs, and each of the two hides the other. The relu, wrong in four ways,
was never run, as what is called an MLP has no hidden layer.
"""

# ruff: noqa: D102 - layers have a forward and a backward pass
from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from buggy_variants.notebooks.as_written.parts import implementation, initialiser
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, adapt, attributes

Slope = Callable[[Array, Array], Array]


class Step:
    """Plain gradient descent: one object that all layers share."""  # 58: latent

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def __call__(self, grad: Array) -> Array:
        return -self.learning_rate * grad


class Dense:
    """W x + b, of samples in columns."""

    def __init__(self, weights: Array, step: Step) -> None:
        self.W = weights
        self.b = np.zeros((len(weights), 1))
        self.step = step

    def forward(self, x: Array) -> Array:
        self.x = x
        z: Array = self.W @ x + self.b
        return z

    def backward(self, grad: Array) -> Array:
        dx: Array = self.W.T @ grad
        self.dW = grad @ self.x.T
        self.db = grad.sum(axis=1).reshape(-1, 1)
        return dx

    def update(self) -> None:
        self.W += self.step(self.dW)
        self.b += self.step(self.db)


class Relu:
    """Never run: it writes into its input, and its slope is its own value."""

    def forward(self, z: Array) -> Array:
        self.out = z  # 79: the same array
        self.out[z < 0] = 0
        return self.out

    def backward(self, grad: Array) -> Array:
        slope = self.out  # 85-88: the output itself, set to 1 by the sign of the wrong array
        slope[grad > 0] = 1
        return slope * grad

    def update(self) -> None:
        """Do nothing."""


class Sigmoid:
    """1 / (1 + exp(-z)), whose backward pass scales what it is handed."""

    def forward(self, z: Array) -> Array:
        self.out: Array = 1 / (1 + np.exp(-z))  # 105
        return self.out

    def backward(self, grad: Array) -> Array:
        grad *= self.out * (1 - self.out)  # 110
        return grad

    def update(self) -> None:
        """Do nothing."""


def cost(y: Array, p: Array) -> Any:
    """Return the cost that the notebook computes at each call, and throws away."""
    return -(1 / len(y)) * np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))  # 128


def slope_of_cost(y: Array, p: Array) -> Array:
    """Return d cost / d p of targets and predictions, (N, K)."""
    cost(y, p)
    dp: Array = -(1 / len(y)) * (y / p + (1 - y) / (1 - p))  # 129: minus
    return dp


def prediction_first(slope: Slope, p: Array, y: Array) -> Array:
    """Ask for the slope of the cost as the training loop does."""
    return slope(p, y)  # 212: it takes the target first


def positive_weights(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights from 0 to 0.01, not one of them negative."""
    return np.random.rand(*shape[::-1]).T * 0.01  # noqa: NPY002 - 37: as it is, unseeded


def in_lists(
    X: Array, y: Array, size: int, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield batches of a list of rows that Python's own generator has shuffled."""
    rows = list(range(len(X)))
    random.shuffle(rows)  # 151-160: unseeded
    while rows:
        yield X[rows[:size]], y[rows[:size]]
        del rows[:size]


@dataclass(frozen=True)
class Code:
    """What the story changes."""

    learning_rate: float = 0.001
    batch_size: int = 200
    slope: Slope = slope_of_cost
    ask: Callable[[Slope, Array, Array], Array] = prediction_first
    weights: Callable[[tuple[int, int], np.random.Generator], Array] = positive_weights
    batches: Callable[..., Iterator[tuple[Array, Array]]] = in_lists
    sigmoid: Callable[[], Any] = Sigmoid
    relu: Callable[[], Any] = Relu


@dataclass
class MLP:
    """Layers in a list; what it is called, and with no hidden layer what it isn't."""  # 199

    widths: tuple[int, ...]
    code: Code = field(default_factory=Code)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    def __post_init__(self) -> None:
        self.step = Step(self.code.learning_rate)
        self.layers: list[Any] = []
        for shape in pairwise(self.widths):
            self.layers += [Dense(self.code.weights(shape, self.rng).T, self.step)]
            self.layers += [self.code.relu()]
        self.layers[-1] = self.code.sigmoid()

    def forward(self, x: Array) -> Array:
        """Return the outputs (K, N) of samples in columns."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def logits(self, X: Array) -> Array:
        """Return what the last sigmoid takes, (N, K)."""
        z = X.T
        for layer in self.layers[:-1]:
            z = layer.forward(z)
        return z.T

    def learn(self, X: Array, y: Array) -> None:
        """Take one step on a batch, in rows."""
        p = self.forward(X.T)
        grad = self.code.ask(self.code.slope, p.T, y).T.copy()
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        for layer in self.layers:
            layer.update()


def looks(code: Code, train: tuple[Array, Array], rng: np.random.Generator) -> Iterator[MLP]:
    """Yield the network as it is drawn, and after each epoch of training, for ever."""
    network = MLP((train[0].shape[1], train[1].shape[1]), code, rng)
    while True:
        yield network
        for X, y in code.batches(*train, code.batch_size, rng=rng):
            network.learn(X, y)


def make_network(code: Code | None = None) -> Implementation:
    """Return the notebook's network for `gradbugs check`."""
    code = code or Code()
    problem = Problem("003", (7, 4), (), "sigmoid_binary_cross_entropy", "fractions", 6)
    return implementation("notebook 003", problem, lambda problem: _adapted(problem, code))


def make_all(code: Code | None = None) -> Implementation:
    """Return the network with what there is around it, for `gradbugs check`."""
    code = code or Code()
    return replace(
        make_network(code),
        initialisers={"he_normal": initialiser(code.weights)},
        minibatches=code.batches,
    )


def make_with_hidden_layer(code: Code | None = None) -> Implementation:
    """Return the MLP that its title promises, with the relu that was never run."""
    code = code or Code()
    problem = Problem("003", (5, 6, 3), ("relu",), "sigmoid_binary_cross_entropy", "fractions", 4)
    return implementation(
        "notebook 003 with a hidden layer", problem, lambda problem: _adapted(problem, code)
    )


def _adapted(problem: Problem, code: Code) -> Adapted:
    network = MLP(problem.sizes, code)

    def step(X: Array, y: Array, rate: float) -> None:
        network.step.learning_rate = rate
        network.learn(X, y)

    return adapt(
        problem,
        attributes(network.layers, "W", "b"),
        probabilities=lambda X: network.forward(X.T).T,
        loss=lambda X, y: cost(y, network.forward(X.T).T),
        step=step,
    )
