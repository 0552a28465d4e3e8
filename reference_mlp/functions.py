"""Elementwise and rowwise functions in forms that neither overflow nor cancel."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from reference_mlp._arrays import Array


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)) for each entry.

    `z` has any shape; the result has its shape and dtype. No argument overflows.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    p: Array = expit(z)
    return p


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)) for each entry, as max(z, 0) + log1p(exp(-abs(z))).

    `z` has any shape; the result has its shape and dtype.

    >>> softplus(np.array([-1000.0, 0.0, 10.0])).round(6)
    array([ 0.      ,  0.693147, 10.000045])
    """
    # The smaller term goes last: adding log1p(...) to max(z, 0) rounds once.
    # min(z, -z), as -|z| would drop the imaginary part of a complex step.
    p: Array = np.maximum(z, 0) + np.log1p(np.exp(np.minimum(z, -z)))
    return p


def logsumexp(z: Array) -> Array:
    """Return log(sum(exp(z))) of each row, shifted by the row's maximum.

    `z` has shape (N, K); the result (N, 1). Formula: Blanchard, Higham and Higham 2021,
    "Accurately computing the log-sum-exp and softmax functions", eq. 1.3.

    >>> logsumexp(np.array([[1000.0, 1000.0]]))
    array([[1000.69314718]])
    """
    top = _row_maximum(z)
    s: Array = top + np.log(np.exp(z - top).sum(axis=1, keepdims=True))
    return s


def log_softmax(z: Array) -> Array:
    """Return the logarithm of the softmax of each row, without forming the softmax.

    `z` has shape (N, K), as has the result.

    >>> log_softmax(np.array([[0.0, 1000.0]]))
    array([[-1000.,     0.]])
    """
    shifted = z - _row_maximum(z)
    p: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return p


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) of each row, shifted by the row's maximum.

    `z` has shape (N, K), as has the result; each row sums to 1.

    >>> softmax(np.array([[0.0, 0.0], [0.0, 1000.0]]))
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    e = np.exp(z - _row_maximum(z))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


def _row_maximum(z: Array) -> Array:
    # Of complex rows the maximum of the real parts: any constant shift is right,
    # and this one is analytic almost everywhere, as the complex step needs.
    top: Array = z.real.max(axis=1, keepdims=True)
    return top
