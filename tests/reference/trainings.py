"""A small problem, a training of it, and every optimiser."""

import numpy as np
import pytest

from reference_mlp import SGD, Adam, Momentum, Nesterov, fit, mlp

OPTIMISERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: Momentum(0.1),
    "nesterov": lambda: Nesterov(0.1),
    "adam": lambda: Adam(0.01),
}


every_optimiser = pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS)


def problem(seed=0, n=20, dtype=np.float64, **options):
    rng = np.random.default_rng(seed)
    net = mlp((3, 6, 4), rng=rng, dtype=dtype, activation="tanh", **options)
    return net, rng.normal(size=(n, 3)).astype(dtype), rng.integers(4, size=n)


def copied(params):
    return {name: p.copy() for name, p in params.items()}


class Recorder:
    """An optimiser that moves nothing and keeps what it is given."""

    def __init__(self):
        self.grads = []

    def step(self, params, grads):
        self.grads.append(copied(grads))


def run(net, X, y, *, optimiser=None, epochs=3, seed=1, **options):
    rng = np.random.default_rng(seed)
    return fit(net, X, y, optimiser=optimiser or SGD(0.1), epochs=epochs, rng=rng, **options)
