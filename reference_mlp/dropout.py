"""Dropout: a layer that training thins, and that leaves its input alone otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Array, Params, require_fraction
from reference_mlp.layers import Layer


@dataclass(frozen=True)
class Dropout:
    """Units that are dropped at random in training: Srivastava et al. 2014, section 4.

    In itself it is the layer of evaluation, the identity. `thinned` returns the layer of one
    step of training, in which each unit of each row is dropped with probability `rate` and the
    others are scaled by 1 / (1 - rate), so that their mean stays what it is in evaluation (the
    "inverted" form; the paper's section 10 scales the weights after training instead).

    Raises ValueError unless 0 <= rate < 1.

    >>> x = np.ones((2, 3))
    >>> h, _ = Dropout(0.5).forward(x, {})
    >>> h
    array([[1., 1., 1.],
           [1., 1., 1.]])
    >>> layer = Dropout(0.5).thinned(np.random.default_rng(0))
    >>> layer.forward(x, {})[0]
    array([[0., 2., 0.],
           [2., 0., 2.]])
    """

    rate: float

    def __post_init__(self) -> None:
        # Python's float, as NumPy's would turn float32 into float64.
        object.__setattr__(self, "rate", float(require_fraction("rate", self.rate)))

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, None]:
        """Return `x` (N, D) itself; there is nothing to remember."""
        return x, None

    def backward(self, cache: None, dz: Array, params: Mapping[str, Array]) -> tuple[Array, Params]:
        """Return `dz` (N, D) itself, and no gradients of parameters."""
        return dz, {}

    def thinned(self, rng: np.random.Generator) -> Layer:
        """Return the layer of one thinned network, which draws one number from `rng`."""
        return ThinnedDropout(self.rate, int(rng.integers(2**63)))


@dataclass(frozen=True)
class ThinnedDropout:
    """The layer of one thinned network: a product with a mask of 0 and 1 / (1 - rate).

    The mask follows from `seed` and the shape of the input alone. So the layer is a function
    like any other, whose gradient can be checked, and a network of it is one network, however
    often it is asked.
    """

    rate: float
    seed: int

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return `x` (N, D) times the mask, of the dtype of `x`; the cache is the mask (N, D)."""
        kept = np.random.default_rng(self.seed).random(x.shape) >= self.rate
        mask: Array = kept.astype(x.real.dtype) / (1 - self.rate)
        return x * mask, mask

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        """Return dz (N, D) times the mask of the forward pass, and no gradients of parameters."""
        mask = cache
        return dz * mask, {}
