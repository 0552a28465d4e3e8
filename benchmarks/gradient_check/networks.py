"""Random correct networks, and faults put into the gradients of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import reference_mlp as mlp

ACTIVATIONS = ("relu", "sigmoid", "tanh", "identity")
LOSSES = ("softmax_cross_entropy", "sigmoid_binary_cross_entropy", "squared_error")
Gradients = dict[str, Any]


@dataclass
class WithGradients:
    """A network whose gradients are changed by `spoil` on their way out."""

    network: mlp.Network
    spoil: Callable[[Gradients], Gradients]

    @property
    def params(self):
        return self.network.params

    def loss(self, X, y):
        return self.network.loss(X, y)

    def gradients(self, X, y):
        return self.spoil(self.network.gradients(X, y))


def random_case(rng: np.random.Generator, dtype=np.float64):
    """Return a correct network of 1 to 4 layers with a batch of 1 to 128 rows: (net, X, y)."""
    depth = int(rng.integers(1, 5))
    sizes = tuple(int(n) for n in rng.integers(1, 40, size=depth + 1))
    loss = str(rng.choice(LOSSES))
    if loss == "softmax_cross_entropy":
        sizes = (*sizes[:-1], max(sizes[-1], 2))
    net = mlp.mlp(
        sizes,
        rng=rng,
        activation=[str(a) for a in rng.choice(ACTIVATIONS, size=depth - 1)],
        loss=loss,
        l2=float(rng.choice([0.0, 1e-4, 0.1])),
        dtype=dtype,
    )
    if rng.random() < 0.5:
        for name, p in net.params.items():
            if name.endswith("b"):
                p[...] = rng.normal(0, 0.3, p.shape)
    n = int(rng.integers(1, 129))
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    if loss == "softmax_cross_entropy":
        y = rng.integers(sizes[-1], size=n)
    elif loss == "squared_error":
        y = rng.normal(size=(n, sizes[-1])).astype(dtype)
    else:
        y = rng.uniform(size=(n, sizes[-1])).astype(dtype)
    return net, X, y


def digits_case(rng: np.random.Generator, *, activation="sigmoid", hidden=100, rows=8):
    """Return a 784-hidden-10 network with a batch in which a fifth of the pixels is dead."""
    net = mlp.mlp((784, hidden, 10), rng=rng, activation=activation)
    X = rng.random((rows, 784))
    X[:, rng.permutation(784)[:154]] = 0
    return net, X, rng.integers(10, size=rows)


def _live(g: np.ndarray, rng: np.random.Generator) -> tuple[int, ...]:
    """Return a random entry whose gradient is not zero: elsewhere no factor shows."""
    return tuple(int(i) for i in rng.choice(np.argwhere(g)))


def one_entry(factor: float):
    def spoil(grads, params, rng):
        g = grads["0.W"]
        g[_live(g, rng)] *= factor

    return spoil


def swapped_bias(grads, params, rng):
    i, j = rng.choice(len(grads["0.b"]), size=2, replace=False)
    grads["0.b"][[i, j]] = grads["0.b"][[j, i]]


def l2_missing(grads, params, rng):
    # The same as a penalty of 1e-4 in the loss and not here, whose loss is not touched.
    for name, g in grads.items():
        if name.endswith("W"):
            g -= 1e-4 * params[name]


def all_scaled(grads, params, rng):
    for g in grads.values():
        g *= 1.001


def column_zeroed(grads, params, rng):
    grads["0.W"][:, rng.integers(grads["0.W"].shape[1])] = 0


FAULTS: Mapping[str, Callable[[Any, Any, np.random.Generator], None]] = {
    "one weight off by 1e-3": one_entry(1 + 1e-3),
    "one weight off by 1e-2": one_entry(1 + 1e-2),
    "one weight zeroed": one_entry(0.0),
    "two bias entries swapped": swapped_bias,
    "L2 term of 1e-4 missing": l2_missing,
    "everything x 1.001": all_scaled,
    "one column zeroed": column_zeroed,
}
"""The seven faults; each changes the gradients in place."""


def spoiled(net: mlp.Network, fault: Callable[..., None], seed: int) -> WithGradients:
    """Return `net` with `fault` in its gradients, the same at each call."""

    def spoil(grads: Gradients) -> Gradients:
        grads = {name: g.copy() for name, g in grads.items()}
        fault(grads, net.params, np.random.default_rng(seed))
        return grads

    return WithGradients(net, spoil)
