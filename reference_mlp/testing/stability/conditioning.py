"""Condition numbers: how much a relative error of the argument is multiplied in the result.

Of f at x it is sum_j |x_j df/dx_j| / |f(x)| (Higham, "Accuracy and stability of numerical
algorithms", 2nd edition, section 1.6). A function that first rounds its argument, or an
intermediate result of the argument's size, errs by about that many units in the last place and
is as good as its input: such an error is not called unstable. Half an ULP is for the result's own
rounding.

Each function takes float64 or longdouble arrays, and returns what its oracle does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.stability import oracles
from reference_mlp.testing.stability.arithmetic import Arithmetic

Condition = Callable[..., Array]


def sigmoid(m: Arithmetic, z: Array) -> Array:
    """Return |z s' / s| = |z| (1 - s)."""
    return abs(z) * oracles.sigmoid(m, -z)


def sigmoid_derivative(m: Arithmetic, z: Array) -> Array:
    """Return |z s'' / s'| = |z (1 - 2 s)|."""
    return abs(z * m.tanh(z / 2))


def softplus(m: Arithmetic, z: Array) -> Array:
    """Return |z s / softplus|."""
    return abs(z) * _over(oracles.sigmoid(m, z), oracles.softplus(m, z))


def log_sigmoid(m: Arithmetic, z: Array) -> Array:
    """Return |z s(-z) / log s(z)|."""
    return softplus(m, -z)


def log_sigmoid_derivative(m: Arithmetic, z: Array) -> Array:
    """Return that of s(-z)."""
    return sigmoid(m, -z)


def tanh(m: Arithmetic, z: Array) -> Array:
    """Return |z (1 - t^2) / t|."""
    return abs(z) * _over(oracles.tanh_derivative(m, z), abs(m.tanh(z)), at_zero=1)


def tanh_derivative(m: Arithmetic, z: Array) -> Array:
    """Return |z t'' / t'| = |2 z t|."""
    return abs(2 * z * m.tanh(z))


def softmax(m: Arithmetic, z: Array) -> Array:
    """Return sum_j |z_j| |[j = k] - p_j| for each entry k."""
    # = sum_j |z_j| p_j + |z_k| (1 - 2 p_k), but 1 - p of the largest is the sum of the others.
    p = oracles.softmax(m, z)
    rows, largest = np.arange(len(z)), _largest(z)
    slopes: Array = (p * abs(z)).sum(axis=1, keepdims=True) + abs(z) * (1 - 2 * p)
    others = np.where(np.arange(z.shape[1]) == largest[:, None], 0, p)
    slopes[rows, largest] = (others * (abs(z) + abs(z)[rows, largest][:, None])).sum(axis=1)
    return slopes


def log_softmax(m: Arithmetic, z: Array) -> Array:
    """Return that of softmax over |log p|."""
    return _over(softmax(m, z), abs(oracles.log_softmax(m, z)))


def logsumexp(m: Arithmetic, z: Array) -> Array:
    """Return sum_j |z_j| p_j / |logsumexp|, (N, 1)."""
    p = oracles.softmax(m, z)
    return _over((p * abs(z)).sum(axis=1, keepdims=True), abs(oracles.logsumexp(m, z)))


def cross_entropy(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return that of log_softmax at the label, (N,)."""
    return log_softmax(m, z)[np.arange(len(z)), y]


def cross_entropy_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return that of softmax, and at the label y that of 1 - p_y.

    The latter is p_y (|z_y| + sum |z_j| p_j / (1 - p_y)), summed over the other classes.
    """
    p, condition = oracles.softmax(m, z), softmax(m, z)
    rows = np.arange(len(z))
    others = np.where(np.arange(z.shape[1]) == y[:, None], 0, p)
    share = _over(others, others.sum(axis=1, keepdims=True))
    condition[rows, y] = p[rows, y] * (abs(z)[rows, y] + (share * abs(z)).sum(axis=1))
    return condition


def binary_cross_entropy(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return sum |z (s - y)| / the loss, (N,)."""
    slopes = abs(z * oracles.binary_cross_entropy_gradient(m, z, y)).sum(axis=1)
    return _over(slopes, oracles.binary_cross_entropy(m, z, y))


def binary_cross_entropy_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return that of the sigmoid of z or -z."""
    return sigmoid(m, np.where(y == 1, -z, z))


def squared_error(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return sum (|z| + |y|) |z - y| / the loss, (N,)."""
    slopes = (abs(z) + abs(m.of(y))) * abs(z - m.of(y))
    return _over(slopes.sum(axis=1), oracles.squared_error(m, z, y))


def squared_error_gradient(m: Arithmetic, z: Array, y: Array) -> Array:
    """Return (|z| + |y|) / |z - y|."""
    return _over(abs(z) + abs(m.of(y)), abs(z - m.of(y)))


def _largest(z: Array) -> Any:
    return (z == z.max(axis=1, keepdims=True)).argmax(axis=1)


def _over(a: Array, b: Array, at_zero: float = 0) -> Array:
    """Return a / b, and `at_zero` where b is 0: nothing can be lost of an exact zero."""
    return np.where(b == 0, at_zero, a / np.where(b == 0, 1, b))
