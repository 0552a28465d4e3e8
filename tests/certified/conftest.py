"""Networks that are right, and the same with a fault in their gradients."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import reference_mlp as mlp


@dataclass
class Wrapped:
    """A network whose gradients pass through `spoil`."""

    network: Any
    spoil: Any

    @property
    def params(self):
        return self.network.params

    def loss(self, X, y):
        return self.network.loss(X, y)

    def gradients(self, X, y):
        grads = {name: g.copy() for name, g in self.network.gradients(X, y).items()}
        return self.spoil(grads) or grads


@pytest.fixture
def spoiled():
    return Wrapped


@pytest.fixture
def case():
    """Return a function that makes a network with a batch: (network, X, y)."""

    def make(sizes=(6, 7, 4), *, seed=0, rows=5, dtype=np.float64, zero_biases=False, **kwargs):
        rng = np.random.default_rng(seed)
        net = mlp.mlp(sizes, rng=rng, dtype=dtype, **kwargs)
        for name, p in net.params.items():
            if name.endswith("b") and not zero_biases:
                p[...] = rng.normal(0, 0.3, p.shape)
        X = rng.normal(size=(rows, sizes[0])).astype(dtype)
        return net, X, rng.integers(sizes[-1], size=rows)

    return make
