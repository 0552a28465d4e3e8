"""One batch forward, and forward and backward."""

import numpy as np
import pytest

from benchmarks.problems import dtypes, sizes


@pytest.fixture
def batch(size, dtype):
    """The network and its first batch of digits."""
    X, y = size.digits(dtype)
    return size.network(dtype), X[: size.batch], y[: size.batch]


@pytest.mark.benchmark(group="forward: one batch to logits")
@sizes
@dtypes
def test_forward(benchmark, batch, size):
    net, X, _ = batch
    logits, _ = benchmark(net.forward, X)
    assert logits.shape == (size.batch, 10)


@pytest.mark.benchmark(group="forward and backward: one batch to loss and gradients")
@sizes
@dtypes
def test_loss_and_gradients(benchmark, batch):
    net, X, y = batch
    loss, grads = benchmark(net.loss_and_gradients, X, y)
    assert np.isfinite(loss)
    assert grads.keys() == net.params.keys()
