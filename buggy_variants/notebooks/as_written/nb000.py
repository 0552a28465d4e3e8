"""Notebook 000 as it was written: one hidden layer of sigmoids, batches of 100, and it learns.

Its cost is a mean and its gradient a sum, so that the learning rate is 100 times what it says. The
accuracy is taken before each epoch's training, which the last epoch therefore never shows.
"""

# ruff: noqa: D102 - layers have a forward and a backward pass
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from buggy_variants.notebooks.as_written.parts import implementation, initialiser
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, adapt

Slope = Callable[[Array, Array], Array]


class Linear:
    """x W + b."""

    def __init__(self, W: Array, b: Array) -> None:
        self.parameters = [W, b]

    def forward(self, x: Array) -> Array:
        W, b = self.parameters
        z: Array = x @ W + b
        return z

    def backward(self, grad: Array) -> Array:
        dx: Array = grad @ self.parameters[0].T
        return dx

    def update(self, x: Array, grad: Array, learning_rate: float) -> None:
        for parameter, g in zip(self.parameters, (x.T @ grad, grad.sum(axis=0)), strict=True):
            parameter -= learning_rate * g


class Sigmoid:
    """1 / (1 + exp(-z)), which keeps its last output."""  # 35: whichever that was

    def forward(self, z: Array) -> Array:
        self.output: Array = 1 / (1 + np.exp(-z))  # 32
        return self.output

    def backward(self, grad: Array) -> Array:
        dz: Array = grad * self.output * (1 - self.output)
        return dz

    def update(self, x: Array, grad: Array, learning_rate: float) -> None:
        """Do nothing."""


class Softmax:
    """The softmax as a layer of its own, with the whole Jacobian in its backward pass."""

    def forward(self, z: Array) -> Array:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p: Array = e / e.sum(axis=1, keepdims=True)
        self.output = p
        return p

    def backward(self, grad: Array) -> Array:
        gx = self.output * grad  # 45: 0 times infinity where p is 0
        dz: Array = gx - self.output * gx.sum(axis=1, keepdims=True)
        return dz

    def update(self, x: Array, grad: Array, learning_rate: float) -> None:
        """Do nothing."""


def cost(p: Array, y: Array) -> Any:
    """Return the mean over the batch of -log p[y]."""
    return -np.log(p[np.arange(len(p)), y]).mean()  # 75


def slope_of_cost(p: Array, y: Array) -> Array:
    """Return d cost / d p; but of the sum over the batch."""
    dp = np.zeros_like(p)
    dp[np.arange(len(p)), y] = -1 / p[np.arange(len(p)), y]  # 78, and 79: no / N
    return dp


def accuracy(scores: Array, y: Array) -> Any:
    """Return the share of right decisions."""
    return (scores.argmax(axis=1) == y).mean()  # 82: of NaN the first


def unit_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights, or biases, of unit variance."""
    return np.random.randn(*shape)  # noqa: NPY002 - 18, 19: unseeded


def in_order(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator | None = None
) -> Iterator[tuple[Array, Array]]:
    """Yield batches in the order of the file; what is left over is left out."""
    size = batch_size or len(X)
    for i in range(int(len(X) / size)):  # 100
        yield X[size * i : size * (i + 1)], y[size * i : size * (i + 1)]


def before(network: MLP, train: Callable[[], None]) -> Iterator[MLP]:
    """Yield the network before each epoch of training, for ever."""
    while True:
        yield network  # 102-104
        train()


@dataclass(frozen=True)
class Code:
    """What the story changes."""

    learning_rate: float = 0.01
    batch_size: int = 100
    slope: Slope = slope_of_cost
    sigmoid: Callable[[], Any] = Sigmoid
    softmax: Callable[[], Any] = Softmax
    draw: Callable[[tuple[int, ...], np.random.Generator], Array] = unit_normal
    batches: Callable[..., Iterator[tuple[Array, Array]]] = in_order
    shown: Callable[[MLP, Callable[[], None]], Iterator[MLP]] = before


@dataclass
class MLP:
    """Layers that are handed their inputs anew, from a list of the last forward pass."""

    widths: tuple[int, ...]
    code: Code = field(default_factory=Code)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    def __post_init__(self) -> None:
        self.layers: list[Any] = []
        for n_in, n_out in pairwise(self.widths):
            W = self.code.draw((n_in, n_out), self.rng)
            self.layers += [Linear(W, self.code.draw((n_out,), self.rng)), self.code.sigmoid()]
        self.layers[-1] = self.code.softmax()

    def forward(self, x: Array) -> Array:
        """Return the probabilities (N, K)."""
        self.inputs = []
        for layer in self.layers:
            self.inputs.append(x)
            x = layer.forward(x)
        return x

    def logits(self, X: Array) -> Array:
        """Return what the softmax takes."""
        for layer in self.layers[:-1]:
            X = layer.forward(X)
        return X

    def learn(self, grad: Array, learning_rate: float) -> None:
        """Go back through the last forward pass, then take one step."""
        grads = []
        for layer in reversed(self.layers):
            grads.append(grad)
            grad = layer.backward(grad)
        for layer, x, g in zip(self.layers, self.inputs, reversed(grads), strict=True):
            layer.update(x, g, learning_rate)


def looks(code: Code, train: tuple[Array, Array], rng: np.random.Generator) -> Iterator[MLP]:
    """Yield the network as it is drawn, and then whenever the notebook prints its accuracy."""
    network = MLP((train[0].shape[1], 100, 10), code, rng)

    def epoch() -> None:
        for X, y in code.batches(*train, code.batch_size, rng=rng):
            network.learn(code.slope(network.forward(X), y), code.learning_rate)

    yield network
    yield from code.shown(network, epoch)


def make_network(code: Code | None = None) -> Implementation:
    """Return the notebook's network for `gradbugs check`."""
    code = code or Code()
    problem = Problem("000", (7, 5, 4), ("sigmoid",), "softmax_cross_entropy", "labels", 6)
    return implementation("notebook 000", problem, lambda problem: _adapted(problem, code))


def make_all(code: Code | None = None) -> Implementation:
    """Return the network with what there is around it, for `gradbugs check`."""
    code = code or Code()
    return replace(
        make_network(code),
        initialisers={"he_normal": initialiser(code.draw)},
        minibatches=code.batches,
        accuracy=accuracy,
    )


def _adapted(problem: Problem, code: Code) -> Adapted:
    network = MLP(problem.sizes, code)

    def step(X: Array, y: Array, rate: float) -> None:
        network.learn(code.slope(network.forward(X), y), rate)

    return adapt(
        problem,
        lambda: [layer.parameters for layer in network.layers if isinstance(layer, Linear)],
        probabilities=network.forward,
        loss=lambda X, y: cost(network.forward(X), y),
        step=step,
    )
