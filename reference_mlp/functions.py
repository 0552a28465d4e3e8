"""Elementwise and rowwise functions in forms that neither overflow nor cancel.

They take float16, 32 and 64 and return the same; the two narrow ones are computed in float64 and
rounded once. No finite input raises a floating-point warning. NaN gives NaN, in a row the whole
row, and infinity gives the limit where there is one, else NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reference_mlp import _tanh
from reference_mlp._arrays import Array
from reference_mlp._sums import accurate_sum


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)) for each entry.

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off. No
    argument overflows, and the result is 0 only where the smallest subnormal is too large.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = _wide(z)
    e = _exp_of_minus_size(x)
    # The larger part less a small one rounds once: s = 1 - w above 0, and e - e w = w below.
    w = e / (1 + e)
    k = np.where(x.real < 0, e, 1)
    return _narrow(k - k * w, z)


def sigmoid_derivative(z: Array) -> Array:
    """Return s (1 - s) for each entry, with s = sigmoid(z).

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off. It is
    computed from `z`, as 1 - s of an s near 1 has no digits left.

    >>> sigmoid_derivative(np.array([-50.0, 0.0, 50.0]))
    array([1.92874985e-22, 2.50000000e-01, 1.92874985e-22])
    """
    return _narrow(_slope(_wide(z)), z)


def tanh(z: Array) -> Array:
    """Return (exp(z) - exp(-z)) / (exp(z) + exp(-z)) for each entry.

    `z` has any shape; the result has its shape and dtype, and is less than 0.55 ULP off.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    if z.dtype == np.float64:
        return _tanh.tanh(z)
    x = _wide(z)
    if x.dtype != np.float64:  # complex, or wider
        return _narrow(np.tanh(x), z)
    e = np.expm1(2 * np.minimum(x, 20))
    return _narrow(e / (e + 2), z)


def tanh_derivative(z: Array) -> Array:
    """Return 1 - tanh(z)^2 for each entry.

    `z` has any shape; the result has its shape and dtype, and is at most 2 ULP off. It is computed
    from `z`, as 1 - t^2 of a t near 1 has no digits left.

    >>> tanh_derivative(np.array([-25.0, 0.0, 25.0]))
    array([7.71499939e-22, 1.00000000e+00, 7.71499939e-22])
    """
    with np.errstate(over="ignore"):
        return _narrow(4 * _slope(2 * _wide(z)), z)


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)) for each entry, as max(z, 0) + log1p(exp(-abs(z))).

    `z` has any shape; the result has its shape and dtype, and is less than 2 ULP off.

    >>> softplus(np.array([-1000.0, 0.0, 10.0])).round(6)
    array([ 0.      ,  0.693147, 10.000045])
    """
    x = _wide(z)
    # The smaller term goes last: adding log1p(...) to max(z, 0) rounds once.
    return _narrow(np.maximum(x, 0) + np.log1p(_exp_of_minus_size(x)), z)


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
    row = _shifted(z)
    top, others = row.top, _sum_of_others(row)
    log_sum = np.where(np.isinf(top), top, top + np.log1p(others))
    cancelled = (np.abs(log_sum) < np.minimum(np.abs(top), 0.2) / 2)[:, 0]
    if cancelled.any():
        # About 0: from the sum of the exponentials themselves less 1, which is added with them.
        e = np.exp(_wide(z)[cancelled])
        less_1 = accurate_sum(np.append(e, -np.ones_like(e[:, :1]), axis=1), axis=1)
        log_sum[cancelled] = np.log1p(less_1)
    return _narrow(log_sum, z)


def log_softmax(z: Array) -> Array:
    """Return the logarithm of the softmax of each row, without forming the softmax.

    `z` has shape (N, K), as has the result. Of a probability near 1 it is about minus the sum of
    the others, to the last digits. A difference of logits that overflows is -inf.

    >>> log_softmax(np.array([[0.0, 1000.0], [0.0, 50.0]]))
    array([[-1.00000000e+03,  0.00000000e+00],
           [-5.00000000e+01, -1.92874985e-22]])
    """
    row = _shifted(z)
    return _narrow((row.d - np.log1p(_sum_of_others(row))) + row.lost, z)


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) of each row, shifted by the row's maximum.

    `z` has shape (N, K), as has the result; each row sums to 1.

    >>> softmax(np.array([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    e = _shifted(z).e
    return _narrow(e / e.sum(axis=1, keepdims=True), z)


class _Shifted(NamedTuple):
    """Rows less their largest logit: z - top = d + lost, and e = exp(z - top)."""

    at: tuple[Array, Array]  # where the largest is
    top: Array
    d: Array
    lost: Array | float
    e: Array


def _shifted(z: Array) -> _Shifted:
    """Return z less the largest logit of each row, and its exponentials.

    -inf where the difference overflows. Of one infinity that is the largest, inf - inf is 0,
    as is its limit; of several it has none, and is NaN.
    """
    x = _wide(z)
    at = np.arange(len(x)), x.real.argmax(axis=1)  # the first NaN where there is one
    # Of complex rows the entry itself: any constant shift is right, and this one is analytic
    # almost everywhere, as the complex step needs.
    top = x[at][:, None]
    lost: Array | float = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        d = x - top
        if x is z:  # in a wider dtype, what is lost doesn't reach the result
            minus_top = d - x
            lost = (x - (d - minus_top)) - (top + minus_top)  # Knuth's two-sum
    if not np.isfinite(d).all():
        lost = np.where(np.isfinite(lost), lost, 0)
        infinite = x == np.inf
        d[infinite & (infinite.sum(axis=1, keepdims=True) == 1)] = 0
    e = np.exp(d)
    if x is z:
        e += e * lost  # near 700 it is 2^-44, which exp makes a relative error
    return _Shifted(at, top, d, lost, e)


def _sum_of_others(row: _Shifted) -> Array:
    """Return the sum of exp(z - top) of each row but for the largest, which is 1."""
    e = row.e.copy()
    e[row.at] = 0
    others: Array = e.sum(axis=1, keepdims=True)
    if others.real.min() < 1e-290:
        # Subnormal terms have lost digits, each of them: summed up larger, it is lost once.
        e = np.exp(row.d + 32)
        e[row.at] = 0
        others = np.where(others.real < 1e-290, e.sum(axis=1, keepdims=True) * np.exp(-32), others)
    return others


def _slope(x: Array) -> Array:
    """Return e / (1 + e)^2 for e = exp(-abs(x)), the derivative of the sigmoid."""
    e = _exp_of_minus_size(x)
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


def _wide(z: Array) -> Array:
    """Return `z` itself if it is as wide as float64, else a copy that is."""
    return z.astype(np.result_type(z.dtype, np.float64), copy=False)


def _narrow(x: Array, z: Array) -> Array:
    """Return `x` in the dtype of `z`, rounded once; a large one may become an infinity."""
    if x.dtype == z.dtype or z.dtype.kind not in "fc":
        return x
    with np.errstate(over="ignore"):
        return x.astype(z.dtype)
