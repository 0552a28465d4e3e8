"""Notebook 004 as it was written: two layers of relu, and only the last one is trained.

That is its point, as its title says. What is not: weights scaled by the wrong width, so that the
first loss is 3.46 where ten classes have 2.30, functions that write into their arguments, and a
batch size that is a variable of the whole notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice, pairwise
from typing import Any

import numpy as np

from buggy_variants.notebooks.as_written.parts import implementation, initialiser
from reference_mlp import minibatches
from reference_mlp._arrays import Array, Params
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, adapt

BATCH_SIZE = 32
"""A variable of the whole notebook, also where another batch is handed over."""


def relu(x: Array) -> Array:
    """Return max(x, 0), written into `x`."""
    x[x < 0] = 0  # 65
    return x


def softmax(z: Array) -> Array:
    """Return the softmax of each row."""
    e = np.exp(z - np.amax(z, axis=1, keepdims=True))
    p: Array = e / np.sum(e, axis=1, keepdims=True)
    return p


def slope_by_logits(p: Array, y: Array) -> Array:
    """Return d loss / d z, and with it the probabilities spoilt."""
    p[range(BATCH_SIZE), y] -= 1  # 78, 121
    dz: Array = p / y.shape[0]
    return dz


def cost(p: Array, y: Array) -> Any:
    """Return the mean over the batch of -log p[y]."""
    return -np.log(p[np.arange(len(y)), y]).sum() / len(y)


def back_through_relu(dz: Array, h: Array) -> Array:
    """Return the gradient where the relu let something through, written into `dz`."""
    dz[h <= 0] = 0  # 82
    return dz


def by_fan_out(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights, or biases, over the root of the number of outputs."""
    drawn: Array = np.random.randn(*shape) / np.sqrt(shape[-1])  # noqa: NPY002 - 39-46, unseeded
    return drawn


def top_only(name: str, layer: int, n_layers: int, grad: Array) -> Array:
    """Return the gradient of the last layer, and zeros of the others."""
    return grad if layer == n_layers else np.zeros_like(grad)  # 130-137: on purpose


def full_batches(X: Array, y: Array, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Yield batches of 32 for ever, as the loader of its time did: no smaller one at the end."""
    for _ in count():
        for rows, labels in minibatches(X, y, BATCH_SIZE, rng=rng):
            if len(rows) == BATCH_SIZE:
                yield rows, labels


def smoothed(running: float | None, loss: float) -> float:
    """Return the running average that the notebook prints as the loss."""
    return loss if running is None else 0.99 * running + 0.01 * loss  # 153


@dataclass(frozen=True)
class Code:
    """What the story changes."""

    learning_rate: float = 1e-3
    steps: int = 1000
    relu: Callable[[Array], Array] = relu
    slope: Callable[[Array, Array], Array] = slope_by_logits
    back_through_relu: Callable[[Array, Array], Array] = back_through_relu
    kept: Callable[[str, int, int, Array], Array] = top_only
    draw: Callable[[tuple[int, ...], np.random.Generator], Array] = by_fan_out
    printed: Callable[[float | None, float], float] = smoothed
    batches: Callable[..., Iterator[tuple[Array, Array]]] = full_batches


@dataclass
class Model:
    """A dict of arrays, and the functions that take it."""

    widths: tuple[int, ...]
    code: Code = field(default_factory=Code)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    printed: float | None = None

    def __post_init__(self) -> None:
        self.params: Params = {}
        for i, (n_in, n_out) in enumerate(pairwise(self.widths), start=1):
            self.params[f"W{i}"] = self.code.draw((n_in, n_out), self.rng)
            self.params[f"b{i}"] = self.code.draw((1, n_out), self.rng)

    @property
    def n_layers(self) -> int:
        """How many layers there are."""
        return len(self.widths) - 1

    def forward(self, X: Array) -> tuple[Array, list[Array]]:
        """Return the probabilities, and the outputs of the hidden layers."""
        hs, h = [], X
        for i in range(1, self.n_layers):
            h = self.code.relu(h @ self.params[f"W{i}"] + self.params[f"b{i}"])
            hs.append(h)
        return softmax(self._top(h)), hs

    def logits(self, X: Array) -> Array:
        """Return what the softmax takes."""
        return self._top(self.forward(X)[1][-1])

    def _top(self, h: Array) -> Array:
        z: Array = h @ self.params[f"W{self.n_layers}"] + self.params[f"b{self.n_layers}"]
        return z

    def backward(self, y: Array, p: Array, X: Array, hs: list[Array]) -> Params:
        """Return the gradients, those of lower layers worked out and thrown away."""
        grads: Params = {name: np.zeros_like(array) for name, array in self.params.items()}  # 120
        grad = self.code.slope(p, y)
        for i in range(self.n_layers, 0, -1):
            below = hs[i - 2] if i > 1 else X
            dW, db = below.T @ grad, np.sum(grad, axis=0, keepdims=True)
            grads[f"W{i}"] = self.code.kept("W", i, self.n_layers, dW)
            grads[f"b{i}"] = self.code.kept("b", i, self.n_layers, db)
            if i > 1:
                grad = self.code.back_through_relu(grad @ self.params[f"W{i}"].T, below)
        return grads

    def learn(self, X: Array, y: Array) -> None:
        """Take one step on a batch."""
        p, hs = self.forward(X)
        self.printed = self.code.printed(self.printed, float(cost(p, y)))
        grads = self.backward(y, p, X, hs)
        rate = self.code.learning_rate
        self.params = {name: array - rate * grads[name] for name, array in self.params.items()}


def looks(code: Code, train: tuple[Array, Array], rng: np.random.Generator) -> Iterator[Model]:
    """Yield the network as it is drawn, and after each thousand steps, for ever."""
    network = Model((train[0].shape[1], 128, 128, 10), code, rng)
    while True:
        yield network
        for X, y in islice(code.batches(*train, rng=rng), code.steps):
            network.learn(X, y)


def make_network(code: Code | None = None) -> Implementation:
    """Return the notebook's network for `gradbugs check`."""
    code = code or Code()
    problem = Problem(
        "004", (7, 9, 8, 5), ("relu", "relu"), "softmax_cross_entropy", "labels", BATCH_SIZE
    )
    return implementation("notebook 004", problem, lambda problem: _adapted(problem, code))


def make_all(code: Code | None = None) -> Implementation:
    """Return the network with what there is around it, for `gradbugs check`."""
    code = code or Code()
    return replace(
        make_network(code),
        initialisers={"glorot_normal": initialiser(code.draw)},
    )


def _adapted(problem: Problem, code: Code) -> Adapted:
    network = Model(problem.sizes, code)

    def gradients(X: Array, y: Array) -> Any:
        p, hs = network.forward(X)
        return network.backward(y, p, X, hs)

    return adapt(
        problem,
        lambda: network.params,
        probabilities=lambda X: network.forward(X)[0],
        loss=lambda X, y: cost(network.forward(X)[0], y),
        gradients=gradients,
    )
