"""One epoch of training on the 5,000 embedded digits, data loaded beforehand."""

import numpy as np
import pytest

from benchmarks.problems import SIZES, dtypes, sizes
from reference_mlp import SGD, Adam, Momentum, Nesterov, fit

OPTIMISERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: Momentum(0.01),
    "nesterov": lambda: Nesterov(0.01),
    "adam": lambda: Adam(0.001),
}


def one_epoch(benchmark, size, dtype, make_optimiser):
    """A function that sets up a fresh network for each round, and one that trains it.

    Two batches where nothing is timed.
    """
    X, y = size.digits(dtype)
    if benchmark.disabled:
        X, y = X[: 2 * size.batch], y[: 2 * size.batch]

    def setup():
        return (size.network(dtype), make_optimiser(), np.random.default_rng(0)), {}

    def train(net, optimiser, rng):
        return fit(net, X, y, optimiser=optimiser, epochs=1, rng=rng, batch_size=size.batch)

    return setup, train


def time_epoch(benchmark, setup, train):
    """A round is one epoch: long enough for the clock, and the large one takes seconds."""
    [epoch] = benchmark.pedantic(train, setup=setup, rounds=3, warmup_rounds=1)
    assert np.isfinite(epoch.loss)


@pytest.mark.benchmark(group="training: one epoch of 5,000 digits, SGD")
@sizes
@dtypes
def test_epoch(benchmark, size, dtype):
    time_epoch(benchmark, *one_epoch(benchmark, size, dtype, OPTIMISERS["sgd"]))


@pytest.mark.benchmark(group="training: one epoch of 5,000 digits, 784-100-10 sigmoid batch 100")
@pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS)
@dtypes
def test_optimiser(benchmark, make, dtype):
    size = SIZES["784-100-10 sigmoid batch 100"]
    time_epoch(benchmark, *one_epoch(benchmark, size, dtype, make))
