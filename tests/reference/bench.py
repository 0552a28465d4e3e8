"""What a call could change, and the assertion that a refused one changed none of it."""

import copy

import numpy as np
import pytest

from reference_mlp import Adam, fit, mlp, train_step

N, D, K = 6, 3, 4


class Bench:
    """A network, an optimiser in use, a generator and a batch: all that a call could change."""

    def __init__(self, loss="softmax_cross_entropy", n_out=K):
        self.rng = np.random.default_rng(0)
        self.net = mlp((D, 5, n_out), rng=self.rng, loss=loss, l2=0.1)
        self.X = self.rng.normal(size=(N, D))
        self.y = np.arange(N) % K
        self.targets = self.rng.random((N, n_out))
        self.optimiser = Adam(0.1)
        y = self.y if loss == "softmax_cross_entropy" else self.targets
        train_step(self.net, self.optimiser, self.X, y)

    def trace(self):
        """Everything that must not change, by name."""
        arrays = {"X": self.X, "y": self.y, "targets": self.targets, **self.net.params}
        state = vars(self.optimiser) | {"rng": self.rng.bit_generator.state}
        return copy.deepcopy((arrays, state))


def assert_refused(bench, call, error, complaint, *arguments):
    """`call` raises `error` with all of `complaint` in its message, and changes nothing."""
    arguments = tuple(a for a in arguments if isinstance(a, np.ndarray))
    before = bench.trace(), copy.deepcopy(arguments)
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for part in complaint:
        assert part in message
    np.testing.assert_equal((bench.trace(), arguments), before)


def put(array, place, value):
    array = array.copy()
    array[place] = value
    return array


def training(bench, X, y, **options):
    # A generator of its own: what it has drawn when a row turns out bad is not the caller's.
    rng = np.random.default_rng(0)
    return fit(bench.net, X, y, optimiser=bench.optimiser, epochs=2, rng=rng, **options)
