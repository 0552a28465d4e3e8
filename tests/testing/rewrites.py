"""Correct networks that share no code with the reference, in the layouts that people write.

No check was tuned on these: whatever flags one of them is a false alarm.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.special import expit

from tests.testing.rows_in_place import BiasRow, OneVector, RowsInPlace

_FORWARD = {
    "relu": lambda z: np.where(z > 0, z, np.zeros_like(z)),
    "sigmoid": expit,
    "tanh": np.tanh,
    "identity": lambda z: z,
}
_SLOPE = {
    "relu": lambda z: (z > 0).astype(z.dtype),
    "sigmoid": lambda z: expit(z) * expit(-z),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "identity": np.ones_like,
}


class FeaturesFirst:
    """Columns are samples: inputs are turned to (D, N), weights are (out, in), biases (out, 1).

    Its softmax and its cross-entropy are two steps, each with a derivative of its own.
    """

    def __init__(self, sizes, *, activation, loss, l2, dtype, rng):
        self.kinds, self.kind_of_loss, self.l2 = activation, loss, l2
        self.params = {}
        for i, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            scale = np.sqrt(2 / (n_in + n_out))
            self.params[f"W{i}"] = (scale * rng.standard_normal((n_out, n_in))).astype(dtype)
            self.params[f"b{i}"] = np.zeros((n_out, 1), dtype)
        self.depth = len(sizes) - 1

    @property
    def trainable(self):
        return tuple(self.params)

    def _run(self, X):
        a, trace = X.T, []
        for i in range(1, self.depth + 1):
            z = self.params[f"W{i}"] @ a + self.params[f"b{i}"]
            trace.append((a, z))
            a = _FORWARD[self.kinds[i - 1]](z) if i < self.depth else z
        return a, trace

    def logits(self, X):
        return np.ascontiguousarray(self._run(X)[0].T)

    def loss(self, X, y):
        penalty = sum(np.vdot(p, p) for name, p in self.params.items() if name[0] == "W")
        return self._data_loss(self._run(X)[0], y)[0] + self.l2 / 2 * penalty

    def _data_loss(self, z, y):
        """Return the mean loss of logits (K, N) and its gradient, by way of log-probabilities."""
        k, n = z.shape
        if self.kind_of_loss == "softmax_cross_entropy":
            t = y.T if y.ndim == 2 else (np.arange(k)[:, None] == y).astype(z.dtype)
            shifted = z - z.max(axis=0)
            log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
            # Unfused: first back to the log-probabilities, then through the log-softmax.
            g = -t / n
            return -(t * log_p).sum() / n, g - np.exp(log_p) * g.sum(axis=0)
        if self.kind_of_loss == "sigmoid_binary_cross_entropy":
            t = y.T
            losses = np.where(z > 0, (1 - t) * z, -t * z) + np.log1p(np.exp(-abs(z)))
            return losses.sum() / n, (expit(z) - t) / n
        r = z - (y.T if y.ndim == 2 else y[None, :])
        return (r * r).sum() / (2 * n), r / n

    def _backward(self, X, y):
        z, trace = self._run(X)
        dz = self._data_loss(z, y)[1]
        grads = {}
        for i in range(self.depth, 0, -1):
            a, _ = trace[i - 1]
            grads[f"W{i}"] = dz @ a.T + self.l2 * self.params[f"W{i}"]
            grads[f"b{i}"] = dz.sum(axis=1, keepdims=True)
            da = self.params[f"W{i}"].T @ dz
            if i > 1:
                dz = da * _SLOPE[self.kinds[i - 2]](trace[i - 2][1])
        return {name: grads[name].astype(p.dtype) for name, p in self.params.items()}, da.T

    def gradients(self, X, y):
        return self._backward(X, y)[0]

    def loss_and_gradients(self, X, y):
        return self.loss(X, y), self.gradients(X, y)

    def input_gradient(self, X, y):
        return np.ascontiguousarray(self._backward(X, y)[1])


class InPlaceButCorrect(FeaturesFirst):
    """One set of gradient buffers for life, filled anew at each call and handed out as they are."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.buffers = {name: np.empty_like(p) for name, p in self.params.items()}

    def gradients(self, X, y):
        for name, g in self._backward(X, y)[0].items():
            self.buffers[name][...] = g
        return self.buffers


class HalfwayKept(FeaturesFirst):
    """Remembers its last forward pass, as layer objects do, and always makes a fresh one."""

    def _run(self, X):
        self.last = super()._run(X)
        return self.last


class DoubleInside(FeaturesFirst):
    """Computes in float64 whatever it is given, and rounds what it hands out."""

    def _run(self, X):
        return super()._run(X.astype(np.float64))

    def logits(self, X):
        return super().logits(X).astype(X.dtype)

    def loss(self, X, y):
        return X.dtype.type(super().loss(X, y))

    def input_gradient(self, X, y):
        return super().input_gradient(X, y).astype(X.dtype)


REWRITES = (
    FeaturesFirst,
    InPlaceButCorrect,
    HalfwayKept,
    DoubleInside,
    RowsInPlace,
    OneVector,
)
UNREADABLE = (BiasRow,)
"""Correct as well, but no check can say which array is a layer's weights."""
