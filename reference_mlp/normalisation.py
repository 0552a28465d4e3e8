"""Batch normalisation: a layer whose rows depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Array, Params, require_positive


@dataclass(frozen=True)
class BatchNorm:
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, by columns of the batch.

    Ioffe and Szegedy 2015, algorithm 1: `gamma` and `beta` have shape (D,), mean and variance
    are the batch's own, the variance the biased one (divided by N, not N - 1). This is the layer
    of training; there are no running averages. Raises ValueError unless 0 < epsilon < infinity.

    >>> params = {"gamma": np.array([2.0]), "beta": np.array([5.0])}
    >>> y, cache = BatchNorm(epsilon=1e-12).forward(np.array([[1.0], [3.0]]), params)
    >>> y.T
    array([[3., 7.]])
    >>> dx, grads = BatchNorm().backward(cache, np.array([[1.0], [0.0]]), params)
    >>> grads
    {'gamma': array([-1.]), 'beta': array([1.])}

    The output doesn't change when the input is shifted or, but for epsilon, scaled, so dL/dx of
    two rows is 0:

    >>> np.abs(dx).max() < 1e-11
    np.True_
    """

    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        # Python's float, as NumPy's would turn float32 into float64.
        object.__setattr__(self, "epsilon", float(require_positive("epsilon", self.epsilon)))

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, tuple[Array, Array]]:
        """Return y (N, D) for `x` (N, D).

        The cache is the normalised x (N, D) and the reciprocal standard deviation (D,).
        """
        centred = x - x.mean(axis=0)
        # Again: the mean of numbers far from 0 is off by a rounding of their size.
        centred -= centred.mean(axis=0)
        # The mean of squares after centring: the difference of E[x^2] and E[x]^2 cancels.
        variance = (centred * centred).mean(axis=0)
        reciprocal = 1 / np.sqrt(variance + self.epsilon)
        normalised = centred * reciprocal
        y = params["gamma"] * normalised + params["beta"]
        return y, (normalised, reciprocal)

    def backward(
        self, cache: tuple[Array, Array], dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        """Return dL/dx (N, D), through mean and variance too, and dL/dgamma with dL/dbeta (D,)."""
        normalised, reciprocal = cache
        dgamma = (dz * normalised).sum(axis=0)
        dbeta = dz.sum(axis=0)
        dh = dz * params["gamma"]
        through_mean = dh.mean(axis=0)
        through_variance = normalised * (dh * normalised).mean(axis=0)
        dx: Array = reciprocal * (dh - through_mean - through_variance)
        return dx, {"gamma": dgamma, "beta": dbeta}
