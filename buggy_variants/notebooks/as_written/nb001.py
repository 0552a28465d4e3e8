"""Notebook 001 as it was written: one hidden layer of sigmoids, one digit at a time, as a column.

Its backward pass takes the target from a variable of an earlier cell, and its one-hot encoding
takes one off each label. The two met in the one digit that its author tried by hand, a 4: the
variable held the encoding of the first digit, a 5, as a 4, and the network answered 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.notebooks.as_written.parts import implementation, initialiser
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, adapt, attributes

CELLS: dict[str, Array] = {}
"""What earlier cells left behind: variables of the whole notebook."""


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z))."""
    h: Array = 1 / (1 + np.exp(-z))  # 212
    return h


def softmax(z: Array) -> Array:
    """Return exp(z) over its sum, which is that of all there is."""
    y: Array = np.exp(z) / np.sum(np.exp(z))  # 214: neither shift nor axis
    return y


def one_hot(indices: Array, num_classes: int, dtype: DTypeLike = np.float64) -> Array:
    """Return rows of zeros with a one in them."""
    rows = np.zeros((len(indices), num_classes), dtype)
    for row, index in zip(rows, indices, strict=True):
        row[index - 1] = 1  # 45: the last for a label of 0
    return rows


def target_of_an_earlier_cell(_: Array) -> Array:
    """Return the target that the backward pass takes, whatever it is handed."""
    return CELLS["t"]  # 243


def from_seed_1(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return unit normal weights, or biases; the notebook seeds NumPy's own generator."""
    return np.random.randn(*shape)  # noqa: NPY002 - 219-222, as it is


def in_order(X: Array, y: Array, *, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Yield the digits one by one, in the order of the file."""
    for i in range(len(X)):
        yield X[i : i + 1], y[i : i + 1]


def shapes_agree(network: Any, X: Array, y: Array) -> bool:
    """Say whether the gradients have the shapes of their parameters: all that is asserted."""
    grads = network.gradients(X, y)  # 253-256
    return all(grads[name].shape == p.shape for name, p in network.params.items())


@dataclass(frozen=True)
class Code:
    """What the story changes."""

    learning_rate: float = 0.01
    one_hot: Callable[..., Array] = one_hot
    target: Callable[[Array], Array] = target_of_an_earlier_cell
    sigmoid: Callable[[Array], Array] = sigmoid
    softmax: Callable[[Array], Array] = softmax
    draw: Callable[[tuple[int, ...], np.random.Generator], Array] = from_seed_1
    batches: Callable[..., Iterator[tuple[Array, Array]]] = in_order


@dataclass
class OneLayerMLP:
    """W, b to the hidden units and V, c to the outputs."""

    widths: tuple[int, ...]
    code: Code = field(default_factory=Code)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    def __post_init__(self) -> None:
        n_in, n_hidden, n_out = self.widths
        # In the order of the recipe, which draws each layer's biases after its weights.
        self.W = self.code.draw((n_in, n_hidden), self.rng).T.copy()
        self.b = self.code.draw((n_hidden,), self.rng)[:, None]
        self.V = self.code.draw((n_hidden, n_out), self.rng).T.copy()
        self.c = self.code.draw((n_out,), self.rng)[:, None]

    def forward(self, x: Array) -> list[Array]:
        """Return all there is between a column and its probabilities."""
        assert x.shape == (self.widths[0], 1)  # noqa: S101 - 232: one sample
        hprime = self.W @ x + self.b
        h = self.code.sigmoid(hprime)
        yprime = self.V @ h + self.c
        return [x, hprime, h, yprime, h, self.code.softmax(yprime)]  # 238: h twice

    def loss(self, y: Array, t: Array) -> Any:
        """Return minus the logarithm of the target's probability."""
        return -np.log(np.sum(t * y))  # 228: of the sum, were there more than one

    def backprop(self, trace: list[Array], target: Array, learning_rate: float) -> None:
        """Take one step on one digit."""
        x, h, y = trace[0], trace[2], trace[-1]
        t = self.code.target(target)
        dyprime = y - t
        dV = dyprime @ h.T
        dhprime = (self.V.T @ dyprime) * h * (1 - h)
        dW = dhprime @ x.T
        self.W = self.W - learning_rate * dW
        self.b = self.b - learning_rate * dhprime
        self.V = self.V - learning_rate * dV
        self.c = self.c - learning_rate * dyprime

    def logits(self, X: Array) -> Array:
        """Return what the softmax takes, for many digits in rows."""
        z: Array = self.code.sigmoid(X @ self.W.T + self.b.T) @ self.V.T + self.c.T
        return z


def earlier_cells(labels: Array, n_classes: int, code: Code) -> None:
    """Run the cells above the class, of which a variable is left: the first digit's target."""
    CELLS["t"] = code.one_hot(labels[:1], n_classes).T  # 66, 129


def looks(
    code: Code, train: tuple[Array, Array], rng: np.random.Generator
) -> Iterator[OneLayerMLP]:
    """Yield the network as it is drawn, and after each epoch of training, for ever."""
    earlier_cells(train[1], 10, code)
    network = OneLayerMLP((train[0].shape[1], 100, 10), code, rng)
    while True:
        yield network
        for X, y in code.batches(*train, rng=rng):
            trace = network.forward(X.T)
            network.backprop(trace, code.one_hot(y, 10).T, code.learning_rate)


def make_network(code: Code | None = None) -> Implementation:
    """Return the notebook's network for `gradbugs check`."""
    code = code or Code()
    problem = Problem("001", (5, 6, 3), ("sigmoid",), "softmax_cross_entropy", "one-hot", 4)
    return implementation("notebook 001", problem, lambda problem: _adapted(problem, code))


def make_all(code: Code | None = None) -> Implementation:
    """Return the network with what there is around it, for `gradbugs check`."""
    code = code or Code()
    return replace(
        make_network(code),
        softmax=code.softmax,
        one_hot=code.one_hot,
        initialisers={"he_normal": initialiser(code.draw)},
        gradient_checker=shapes_agree,
    )


def _adapted(problem: Problem, code: Code) -> Adapted:
    network = OneLayerMLP(problem.sizes, code)
    # As if the first digit of the file were a 2: there may be three classes only.
    earlier_cells(np.array([2]), problem.sizes[-1], code)
    return adapt(
        problem,
        attributes(network, "W", "b", "V", "c"),
        samples="one column",
        probabilities=lambda x: network.forward(x)[-1],
        loss=lambda x, t: network.loss(network.forward(x)[-1], t),
        step=lambda x, t, rate: network.backprop(network.forward(x), t, rate),
    )
