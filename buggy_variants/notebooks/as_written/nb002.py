"""Notebook 002 as it was written: relu, tanh and softmax, and nearly everything right.

It was checked by finite differences, and what that check could not see is what is wrong: a default
activation that all layers share, a loss that stops at 23.03, an input gradient N times too large.
"""

# ruff: noqa: D102 - layers have a forward and a backward pass
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from buggy_variants.notebooks.as_written.parts import implementation
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, adapt, attributes

FUNCTIONS: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Any]]] = {
    "relu": (lambda z: np.maximum(0.0, z), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    "sigmoid": (
        lambda z: 1.0 / (1.0 + np.exp(-z)),  # 73
        lambda z: np.exp(-z) / (1.0 + np.exp(-z)) ** 2,
    ),
}


class Activation:
    """A function by its name, which keeps its last input; an unknown name is the identity."""

    def __init__(self, name: str) -> None:
        self.act, self.slope = FUNCTIONS.get(name, (lambda z: z, lambda z: 1))  # 143

    def forward(self, z: Array) -> Array:
        self.last_input = z
        out: Array = self.act(z)
        return out

    def backward(self, grad: Array) -> Array:
        dz: Array = grad * self.slope(self.last_input)
        return dz


SHARED = Activation("relu")
"""The default of each layer's activation: one object, made with the function."""  # 211


class FullyConnected:
    """A layer with its activation, and with its gradients."""

    def __init__(self, weights: Array, activation: Activation | None = SHARED) -> None:
        self.W = weights
        self.b = np.zeros((1, weights.shape[1]))
        self.activation = activation

    def forward(self, x: Array) -> Array:
        self.x = x
        z: Array = x @ self.W + self.b
        return z if self.activation is None else self.activation.forward(z)

    def backward(self, grad: Array) -> Array:
        n = len(grad)
        dz = grad if self.activation is None else self.activation.backward(grad)
        self.dW = (1 / n) * (self.x.T @ dz)  # 246: here, and not in the loss
        self.db = (1 / n) * dz.sum(axis=0, keepdims=True)
        dx: Array = dz @ self.W.T
        return dx


def softmax(z: Array) -> Array:
    """Return the softmax of each row."""
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p: Array = e / np.sum(e, axis=1, keepdims=True)
    return p


def loss_with_epsilon(Y: Array, p: Array) -> Any:
    """Return the mean of -log(p + 1e-10), which is never above 23.03."""
    return np.mean(np.sum(-np.log(p + 1e-10) * Y, axis=1))  # 316


def one_hot(labels: Array, n_classes: int | None = None, dtype: Any = np.float64) -> Array:
    """Return one-hot rows, as wide as there are different labels."""
    classes = np.unique(labels)  # 119
    rows = np.zeros((*labels.shape, classes.size), dtype)
    for c in classes:
        rows[labels == c, c] = 1
    return rows


def in_order(
    X: Array, Y: Array, batch_size: int | None, *, rng: np.random.Generator | None = None
) -> Iterator[tuple[Array, Array]]:
    """Yield batches in the order of the file; what is left over is left out."""
    size = batch_size or len(X)
    for b in range(len(X) // size):  # 360
        yield X[b * size : (b + 1) * size], Y[b * size : (b + 1) * size]


def small_normal(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights of standard deviation 0.01."""
    return np.random.normal(0, 0.01, shape)  # noqa: NPY002 - 219, as it is, unseeded


def both_named() -> Sequence[Activation | None]:
    """Return the activations that the trained network has, each of its own."""
    return Activation("relu"), Activation("tanh"), None


@dataclass(frozen=True)
class Code:
    """What the story changes."""

    learning_rate: float = 0.1
    batch_size: int = 64
    hidden: tuple[int, ...] = (80, 70)
    loss: Callable[[Array, Array], Any] = loss_with_epsilon
    one_hot: Callable[..., Array] = one_hot
    activations: Callable[[], Sequence[Activation | None]] = both_named
    weights: Callable[[tuple[int, int], np.random.Generator], Array] = small_normal
    batches: Callable[..., Iterator[tuple[Array, Array]]] = in_order


@dataclass
class Network:
    """Layers, of which the output is a softmax."""

    widths: tuple[int, ...]
    code: Code = field(default_factory=Code)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    def __post_init__(self) -> None:
        activations = self.code.activations()
        self.layers = [
            FullyConnected(self.code.weights(shape, self.rng), activation)
            for shape, activation in zip(pairwise(self.widths), activations, strict=True)
        ]

    def logits(self, X: Array) -> Array:
        """Return what the softmax takes."""
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def predict(self, X: Array) -> Array:
        """Return the probabilities (N, K)."""
        return softmax(self.logits(X))

    def backpropagate(self, Y: Array, p: Array) -> Array:
        """Put the gradients into the layers, and return that of the input."""
        grad = p - Y  # 307: of the sum
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def learn(self, X: Array, Y: Array, learning_rate: float) -> None:
        """Take one step on a batch."""
        self.backpropagate(Y, self.predict(X))
        for layer in self.layers:
            layer.W -= learning_rate * layer.dW
            layer.b -= learning_rate * layer.db


def looks(code: Code, train: tuple[Array, Array], rng: np.random.Generator) -> Iterator[Network]:
    """Yield the network as it is drawn, and after each epoch of training, for ever."""
    X, Y = train[0], code.one_hot(train[1], 10)
    network = Network((X.shape[1], *code.hidden, 10), code, rng)
    while True:
        yield network
        for batch in code.batches(X, Y, code.batch_size, rng=rng):
            network.learn(*batch, code.learning_rate)


def default_activations() -> Sequence[Activation | None]:
    """Return what layers have that are told no activation."""
    return SHARED, SHARED, None


def make_network(code: Code | None = None) -> Implementation:
    """Return the notebook's network for `gradbugs check`."""
    code = code or Code()
    problem = Problem("002", (5, 7, 6, 4), ("relu", "tanh"), "softmax_cross_entropy", "one-hot", 8)
    return implementation("notebook 002", problem, lambda problem: _adapted(problem, code))


def make_all(code: Code | None = None) -> Implementation:
    """Return the network with what there is around it, for `gradbugs check`."""
    code = code or Code()
    return replace(
        make_network(code),
        one_hot=code.one_hot,
        minibatches=code.batches,
    )


def make_with_defaults(code: Code | None = None) -> Implementation:
    """Return a network of the notebook's whose layers are told no activation, of equal widths."""
    code = code or Code(activations=default_activations)
    problem = Problem("002", (5, 6, 6, 4), ("relu", "relu"), "softmax_cross_entropy", "one-hot", 8)
    return implementation(
        "notebook 002 with its default activation",
        problem,
        lambda problem: _adapted(problem, code),
    )


def _adapted(problem: Problem, code: Code) -> Adapted:
    network = Network(problem.sizes, code)
    for layer in network.layers:
        layer.dW, layer.db = np.zeros_like(layer.W), np.zeros_like(layer.b)
    grads = attributes(network.layers, "dW", "db")

    return adapt(
        problem,
        attributes(network.layers, "W", "b"),
        probabilities=network.predict,
        loss=lambda X, Y: code.loss(Y, network.predict(X)),
        gradients=lambda X, Y: (network.backpropagate(Y, network.predict(X)), grads)[1],
        input_gradient=lambda X, Y: network.backpropagate(Y, network.predict(X)),
    )
