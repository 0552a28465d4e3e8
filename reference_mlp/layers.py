"""Layers as pairs of pure functions: forward, and its vector-Jacobian product.

`forward` returns the output and a cache; `backward` takes that cache back. No layer
remembers a batch, so no layer can mix up two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.functions import sigmoid, sigmoid_derivative, tanh, tanh_derivative


class Activation(Protocol):
    """An elementwise layer without parameters."""

    def forward(self, z: Array) -> tuple[Array, Any]:
        """Return the output, of the shape of `z`, and a cache for `backward`."""

    def backward(self, cache: Any, dh: Array) -> Array:
        """Return dL/dz from dL/dh, both of the shape of `z`."""


class Layer(Protocol):
    """A layer with parameters, which it is handed at each call."""

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Any]:
        """Return the output (N, n_out) for `x` (N, n_in), and a cache for `backward`."""

    def backward(self, cache: Any, dz: Array, params: Mapping[str, Array]) -> tuple[Array, Params]:
        """Return dL/dx (N, n_in) and dL/dparams from dL/dz (N, n_out)."""


class Linear:
    """The affine map z = x W + b, with W of shape (n_in, n_out) and b of shape (n_out,).

    >>> params = {"W": np.array([[1.0], [2.0]]), "b": np.array([0.5])}
    >>> z, cache = Linear().forward(np.array([[3.0, 4.0]]), params)
    >>> z
    array([[11.5]])
    >>> dx, grads = Linear().backward(cache, np.array([[1.0]]), params)
    >>> grads["W"].T
    array([[3., 4.]])
    """

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return z (N, n_out) for `x` (N, n_in); the cache is `x` itself."""
        z = x @ params["W"] + params["b"]
        return z, x

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        """Return dx = dz W^T, and dW = x^T dz with db, the sum of dz over the batch."""
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        # In float64 whatever the dtype: a sum of a million float32 rows loses three digits.
        db = dz.sum(axis=0, dtype=np.result_type(dz, np.float64)).astype(dz.dtype)
        return dx, {"W": dW, "b": db}


class Relu:
    """max(z, 0); at z == 0 the derivative is taken as 0.

    >>> h, cache = Relu().forward(np.array([-1.0, 0.0, 2.0]))
    >>> Relu().backward(cache, np.ones(3))
    array([0., 0., 1.])
    """

    def forward(self, z: Array) -> tuple[Array, Array]:
        """Return max(z, 0), of the shape of `z`; the cache is `z` itself."""
        h = np.maximum(z, 0)
        return h, z

    def backward(self, cache: Array, dh: Array) -> Array:
        """Return dh where z > 0, and 0 elsewhere."""
        z = cache
        dz: Array = dh * (z > 0)
        return dz


class Sigmoid:
    """s = 1 / (1 + exp(-z)), with s' = s (1 - s).

    >>> h, cache = Sigmoid().forward(np.array([0.0]))
    >>> Sigmoid().backward(cache, np.array([1.0]))
    array([0.25])
    """

    def forward(self, z: Array) -> tuple[Array, Array]:
        """Return s, of the shape of `z`; the cache is `z` itself."""
        return sigmoid(z), z

    def backward(self, cache: Array, dh: Array) -> Array:
        """Return dh s (1 - s)."""
        z = cache
        # Of z, not of s: where s has rounded to 1, 1 - s is 0 and the derivative isn't.
        dz: Array = dh * sigmoid_derivative(z)
        return dz


class Tanh:
    """t = tanh(z), with t' = 1 - t^2.

    >>> h, cache = Tanh().forward(np.array([0.0]))
    >>> Tanh().backward(cache, np.array([1.0]))
    array([1.])
    """

    def forward(self, z: Array) -> tuple[Array, Array]:
        """Return t, of the shape of `z`; the cache is `z` itself."""
        return tanh(z), z

    def backward(self, cache: Array, dh: Array) -> Array:
        """Return dh (1 - t^2)."""
        z = cache
        # Of z, not of t: where t has rounded to 1, 1 - t^2 is 0 and the derivative isn't.
        dz: Array = dh * tanh_derivative(z)
        return dz


class Identity:
    """h = z: no activation.

    >>> h, cache = Identity().forward(np.array([3.0]))
    >>> Identity().backward(cache, np.array([2.0]))
    array([2.])
    """

    def forward(self, z: Array) -> tuple[Array, None]:
        """Return `z` itself; there is nothing to remember."""
        return z, None

    def backward(self, cache: None, dh: Array) -> Array:
        """Return `dh` itself."""
        return dh


ACTIVATIONS: Mapping[str, Callable[[], Activation]] = {
    "relu": Relu,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "identity": Identity,
}
