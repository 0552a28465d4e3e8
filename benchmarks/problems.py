"""The networks that are timed, and batches for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import DTypeLike

from reference_mlp import Network, mlp, one_hot
from reference_mlp.digits import load_digits


@dataclass(frozen=True)
class Size:
    """The widths, activations and loss of a network, and its batch size."""

    widths: tuple[int, ...]
    activation: str | tuple[str, ...]
    batch: int
    loss: str = "softmax_cross_entropy"

    def network(self, dtype: DTypeLike) -> Network:
        """Return the network, always with the same weights."""
        rng = np.random.default_rng(0)
        return mlp(self.widths, rng=rng, activation=self.activation, loss=self.loss, dtype=dtype)

    def digits(self, dtype: DTypeLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the embedded training digits, their labels as the loss takes them."""
        X, y = load_digits(dtype=dtype).train
        if self.loss == "softmax_cross_entropy":
            return X, y
        return X, one_hot(y, self.widths[-1], dtype=dtype)


# Those that notebooks on MNIST have, and a large one that is all matrix products.
SIZES = {
    "784-10 sigmoid BCE batch 200": Size((784, 10), (), 200, "sigmoid_binary_cross_entropy"),
    "784-100-10 sigmoid batch 100": Size((784, 100, 10), "sigmoid", 100),
    "784-80-70-10 relu tanh batch 64": Size((784, 80, 70, 10), ("relu", "tanh"), 64),
    "784-128-128-10 relu batch 32": Size((784, 128, 128, 10), "relu", 32),
    "784-2048-2048-10 relu batch 256": Size((784, 2048, 2048, 10), "relu", 256),
}

sizes = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
dtypes = pytest.mark.parametrize(
    "dtype", [np.float32, np.float64], ids=lambda dtype: np.dtype(dtype).name
)
