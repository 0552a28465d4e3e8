"""The problems that networks are checked on: small, and of sizes that no bug can hide in.

N, D, every H and K differ, so that an array of another layout can't pass for the right one;
one problem has a square hidden layer, because some bugs show only there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.batches import one_hot

Targets = Literal["labels", "one-hot", "fractions", "reals", "column"]
N = TypeVar("N", bound=Any)


@dataclass(frozen=True)
class Problem:
    """Sizes, activations, loss and targets of a network to be checked, and its data.

    `sizes` are the widths from input to output, `activation` names those of the hidden layers and,
    where it has one more, that of the outputs, which the loss then takes. `targets` is the form of
    `y`: integer "labels" (N,), "one-hot" rows, "fractions" in [0, 1], "reals", or a "column" of
    reals (N,) for the single output of a regression. `biases` is whether its layers have them.
    """

    name: str
    sizes: tuple[int, ...]
    activation: tuple[str, ...]
    loss: str
    targets: Targets
    n_rows: int
    l2: float = 0.0
    biases: bool = True

    def build(
        self, make_network: Callable[..., N], *, dtype: DTypeLike, rng: np.random.Generator
    ) -> N:
        """Return a network in which no entry of a parameter is left at zero.

        Fresh biases are zero, and at zero a bias that is dropped or added twice can't be seen. And
        without a bias a relu behind a dead layer is on its kink, where differences don't hold.
        """
        network = self.fresh(make_network, dtype=dtype, rng=rng)
        for p in network.params.values():
            # Entry by entry: a bias may be a row of the weights' array.
            zero = p == 0
            if zero.any():
                p[zero] = rng.normal(0, 0.3, int(zero.sum()))
        return network

    def fresh(
        self, make_network: Callable[..., N], *, dtype: DTypeLike, rng: np.random.Generator
    ) -> N:
        """Return a network as it is made, with the biases that it starts from."""
        network: N = make_network(
            self.sizes,
            activation=self.activation,
            loss=self.loss,
            l2=self.l2,
            dtype=np.dtype(dtype),
            rng=rng,
        )
        return network

    def batch(
        self, *, dtype: DTypeLike, rng: np.random.Generator, n_rows: int | None = None
    ) -> tuple[Array, Array]:
        """Return inputs (N, D) from N(0, 1) and targets in the form that `targets` names."""
        n, d, k = n_rows or self.n_rows, self.sizes[0], self.sizes[-1]
        X = rng.normal(size=(n, d)).astype(dtype)
        if self.targets in {"labels", "one-hot"}:
            labels = rng.integers(k, size=n)
            return X, labels if self.targets == "labels" else one_hot(labels, k, dtype=dtype)
        if self.targets == "fractions":
            return X, rng.uniform(size=(n, k)).astype(dtype)
        return X, rng.normal(size=n if self.targets == "column" else (n, k)).astype(dtype)

    def enlarged(self, factor: int) -> Problem:
        """Return the same problem with layers and batch `factor` times as large and one more.

        A single output remains one, equal widths remain equal and different ones different.
        """
        sizes = tuple(n if n == 1 else factor * n + 1 for n in self.sizes)
        return replace(self, sizes=sizes, n_rows=factor * self.n_rows + 1)


PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "relu network, cross-entropy, L2",
        (7, 9, 8, 5),
        ("relu", "relu"),
        "softmax_cross_entropy",
        "labels",
        n_rows=6,
        l2=0.05,
    ),
    Problem(
        "tanh network with a square layer, cross-entropy",
        (5, 6, 6, 4),
        ("tanh", "tanh"),
        "softmax_cross_entropy",
        "one-hot",
        n_rows=7,
    ),
    Problem(
        "sigmoid network, binary cross-entropy",
        (6, 7, 3),
        ("sigmoid",),
        "sigmoid_binary_cross_entropy",
        "fractions",
        n_rows=5,
    ),
    Problem(
        "tanh network, squared error, L2",
        (4, 8, 3),
        ("tanh",),
        "squared_error",
        "reals",
        n_rows=6,
        l2=0.02,
    ),
    Problem(
        "relu network of one output, squared error",
        (5, 7, 1),
        ("relu",),
        "squared_error",
        "column",
        n_rows=6,
    ),
)
