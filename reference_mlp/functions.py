"""Elementwise and rowwise functions in forms that neither overflow nor cancel.

They take float16, 32 and 64 and return the same; the two narrow ones are computed in float64 and
rounded once. No finite input raises a floating-point warning. NaN gives NaN, in a row the whole
row, and infinity gives the limit where there is one, else NaN.
"""

from __future__ import annotations

import numpy as np

from reference_mlp import _tanh
from reference_mlp._arrays import Array
from reference_mlp._shifted import Shifted, shifted, sum_of_others
from reference_mlp._sums import accurate_sum
from reference_mlp._widths import narrow, wide


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)) for each entry.

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off. No
    argument overflows, and the result is 0 only where the smallest subnormal is too large.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = wide(z)
    e = _exp_of_minus_size(x)
    # The larger part less a small one rounds once: s = 1 - w above 0, and e - e w = w below.
    w = e / (1 + e)
    k = np.where(x.real < 0, e, 1)
    return narrow(k - k * w, z)


def sigmoid_derivative(z: Array) -> Array:
    """Return s (1 - s) for each entry, with s = sigmoid(z).

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off. It is
    computed from `z`, as 1 - s of an s near 1 has no digits left.

    >>> sigmoid_derivative(np.array([-50.0, 0.0, 50.0]))
    array([1.92874985e-22, 2.50000000e-01, 1.92874985e-22])
    """
    x = wide(z)
    return narrow(_slope(x, to_the_last_digit=x is z), z)


def tanh(z: Array) -> Array:
    """Return (exp(z) - exp(-z)) / (exp(z) + exp(-z)) for each entry.

    `z` has any shape; the result has its shape and dtype, and is less than 0.55 ULP off.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    if z.dtype == np.float64:
        return _tanh.tanh(z)
    x = wide(z)
    if x.dtype != np.float64:  # complex, or wider
        return narrow(np.tanh(x), z)
    e = np.expm1(2 * np.minimum(x, 20))
    return narrow(e / (e + 2), z)


def tanh_derivative(z: Array) -> Array:
    """Return 1 - tanh(z)^2 for each entry.

    `z` has any shape; the result has its shape and dtype, and is at most 2 ULP off. It is computed
    from `z`, as 1 - t^2 of a t near 1 has no digits left.

    >>> tanh_derivative(np.array([-25.0, 0.0, 25.0]))
    array([7.71499939e-22, 1.00000000e+00, 7.71499939e-22])
    """
    x = wide(z)
    with np.errstate(over="ignore"):
        return narrow(4 * _slope(2 * x, to_the_last_digit=x is z), z)


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)) for each entry, as max(z, 0) + log1p(exp(-abs(z))).

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off.

    >>> softplus(np.array([-1000.0, 0.0, 10.0])).round(6)
    array([ 0.      ,  0.693147, 10.000045])
    """
    x = wide(z)
    # The smaller term goes last: adding log1p(...) to max(z, 0) rounds once.
    return narrow(np.maximum(x, 0) + np.log1p(_exp_of_minus_size(x)), z)


def log_sigmoid(z: Array) -> Array:
    """Return log(sigmoid(z)) = -softplus(-z) for each entry, without forming the sigmoid.

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0])).round(6)
    array([-1.00000e+03, -6.93147e-01, -0.00000e+00])
    """
    return -softplus(-z)


def logsumexp(z: Array) -> Array:
    """Return log(sum(exp(z))) of each row, shifted by the row's maximum.

    `z` has shape (N, K); the result (N, 1). Formula: Blanchard, Higham and Higham 2021,
    "Accurately computing the log-sum-exp and softmax functions", eq. 1.3 and section 4: the
    largest term is 1 and enters by log1p, so that small others aren't lost beside it.

    >>> logsumexp(np.array([[1000.0, 1000.0]]))
    array([[1000.69314718]])
    """
    row = shifted(z)
    top, others = row.top, sum_of_others(row)
    log_sum = np.where(np.isinf(top), top, top + np.log1p(others))
    cancelled = (np.abs(log_sum) < np.minimum(np.abs(top), 0.2) / 2)[:, 0]
    if cancelled.any():
        # About 0: from the sum of the exponentials themselves less 1, which is added with them.
        e = np.exp(wide(z)[cancelled])
        less_1 = accurate_sum(np.append(e, -np.ones_like(e[:, :1]), axis=1), axis=1)
        log_sum[cancelled] = np.log1p(less_1)
    return narrow(log_sum, z)


def log_softmax(z: Array) -> Array:
    """Return the logarithm of the softmax of each row, without forming the softmax.

    `z` has shape (N, K), as has the result. Of a probability near 1 it is about minus the sum of
    the others, to the last digits. A difference of logits that overflows is -inf.

    >>> log_softmax(np.array([[0.0, 1000.0], [0.0, 50.0]]))
    array([[-1.00000000e+03,  0.00000000e+00],
           [-5.00000000e+01, -1.92874985e-22]])
    """
    return _log_softmax(shifted(z), z)


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) of each row, shifted by the row's maximum.

    `z` has shape (N, K), as has the result; each row sums to 1.

    >>> softmax(np.array([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    return _softmax(shifted(z), z)


def softmax_and_log(z: Array) -> tuple[Array, Array]:
    """Return `softmax(z)` and `log_softmax(z)`, for little more than one of them.

    `z` has shape (N, K), as have both results.

    >>> [r.round(6) for r in softmax_and_log(np.array([[0.0, 0.0]]))]
    [array([[0.5, 0.5]]), array([[-0.693147, -0.693147]])]
    """
    row = shifted(z)
    return _softmax(row, z), _log_softmax(row, z)


def _softmax(row: Shifted, z: Array) -> Array:
    return narrow(row.e / row.e.sum(axis=1, keepdims=True), z)


def _log_softmax(row: Shifted, z: Array) -> Array:
    return narrow((row.d - np.log1p(sum_of_others(row))) + row.lost, z)


def _slope(x: Array, *, to_the_last_digit: bool) -> Array:
    """Return e / (1 + e)^2 for e = exp(-abs(x)), the derivative of the sigmoid.

    It is right `to_the_last_digit` where that is wanted: a narrower dtype has no room for it.
    """
    e = _exp_of_minus_size(x)
    if not to_the_last_digit:
        slope: Array = e / ((1 + e) * (1 + e))
        return slope
    q = 2 * e + e * e
    square = 1 + q
    slope = e / square
    # What the sum has lost is made good: half an ULP of the result.
    lost = q - (square - 1)
    rounded: Array = slope - slope * (lost / square)
    return rounded


def _exp_of_minus_size(x: Array) -> Array:
    # Of complex numbers -|x| would drop the imaginary part of a complex step.
    e: Array = np.exp(np.where(x.real < 0, x, -x) if x.dtype.kind == "c" else -np.abs(x))
    return e
