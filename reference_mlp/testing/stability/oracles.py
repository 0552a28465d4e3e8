"""What the functions of a network are, to more digits than a float holds.

Each oracle takes an `Arithmetic` and arrays of its numbers, and returns such an array: of the
shape of `z` for elementwise functions and gradients, (N, 1) for the logsumexp and (N,) for the
loss of each row. Formulas are those of the definitions, rearranged only where the definition
would cancel or overflow in a longdouble. Arguments are finite.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.arithmetic import Arithmetic

Oracle = Callable[..., Array]


def sigmoid(m: Arithmetic, z: Array) -> Array:
    """Return 1 / (1 + e^-z), as e^z / (1 + e^z) below 0."""
    e = m.exp(-abs(z))
    s: Array = np.where(z < 0, e, 1) / (1 + e)
    return s


def sigmoid_derivative(m: Arithmetic, z: Array) -> Array:
    """Return s (1 - s) = e^-|z| / (1 + e^-|z|)^2."""
    e = m.exp(-abs(z))
    out: Array = e / (1 + e) ** 2
    return out


def softplus(m: Arithmetic, z: Array) -> Array:
    """Return log(1 + e^z)."""
    return np.where(z > 0, z, 0) + m.log1p(m.exp(-abs(z)))


def log_sigmoid(m: Arithmetic, z: Array) -> Array:
    """Return log s(z) = -log(1 + e^-z)."""
    return -softplus(m, -z)


def log_sigmoid_derivative(m: Arithmetic, z: Array) -> Array:
    """Return s(-z)."""
    return sigmoid(m, -z)


def tanh(m: Arithmetic, z: Array) -> Array:
    """Return (e^z - e^-z) / (e^z + e^-z)."""
    return m.tanh(z)


def tanh_derivative(m: Arithmetic, z: Array) -> Array:
    """Return 1 - tanh(z)^2 = 4 e^-2|z| / (1 + e^-2|z|)^2."""
    return 4 * sigmoid_derivative(m, 2 * z)


def log_softmax(m: Arithmetic, z: Array) -> Array:
    """Return z - log sum e^z of each row."""
    d, rest, _, others = _shifted(m, z)
    return (d - m.log1p(others)) + rest


def softmax(m: Arithmetic, z: Array) -> Array:
    """Return e^z / sum e^z of each row."""
    _, _, e, others = _shifted(m, z)
    out: Array = e / (1 + others)
    return out


def logsumexp(m: Arithmetic, z: Array) -> Array:
    """Return log sum e^z of each row, (N, 1)."""
    _, _, _, others = _shifted(m, z)
    out: Array = _top(z) + m.log1p(others)
    return out


def cross_entropy(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return -log softmax(z)[y] of each row, (N,), for labels `y` (N,)."""
    return -log_softmax(m, z)[np.arange(len(z)), y]


def cross_entropy_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return softmax(z) - onehot(y); at the label that is minus the sum of the others."""
    p = softmax(m, z)
    rows = np.arange(len(z))
    p[rows, y] = p[rows, y] * 0
    p[rows, y] = -p.sum(axis=1)
    return p


def binary_cross_entropy(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return the sum of softplus(z) - y z over each row, (N,), for targets `y` of 0 or 1."""
    # For y = 1 that is softplus(-z), without the cancellation.
    return np.asarray(softplus(m, np.where(y == 1, -z, z)).sum(axis=1))


def binary_cross_entropy_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return s(z) - y, which is -s(-z) where y is 1."""
    return np.where(y == 1, -sigmoid(m, -z), sigmoid(m, z))


def squared_error(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return the sum of (z - y)^2 / 2 over each row, (N,)."""
    d, rest = m.difference(z, m.of(y))
    # (d + rest)^2; the square of the rest is far below the last digit.
    return np.asarray((d * d + 2 * d * rest).sum(axis=1) / 2)


def squared_error_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return z - y."""
    return m.difference(z, m.of(y))[0]


def _top(z: Array) -> Any:
    return z.max(axis=1, keepdims=True)


def _shifted(m: Arithmetic, z: Array) -> tuple[Array, Array, Array, Array]:
    """Return z less its row's largest with what that lost, e to it, and the sum of the others."""
    d, rest = m.difference(z, _top(z))
    e = m.exp(d) * (1 + rest)
    # The largest is 1 and goes in last, by log1p or as 1 + others: small others then count.
    largest = (z == _top(z)).argmax(axis=1)
    small = e.copy()
    small[np.arange(len(z)), largest] = e[np.arange(len(z)), largest] * 0
    return d, rest, e, small.sum(axis=1, keepdims=True)
