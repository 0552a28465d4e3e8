"""Correct networks whose rows are samples, which write over arrays of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.special import expit, logsumexp, softmax

_OVERWRITE = {
    "relu": lambda z: np.maximum(z, 0, out=z),
    "sigmoid": lambda z: expit(z, out=z),
    "tanh": lambda z: np.tanh(z, out=z),
    "identity": lambda z: z,
}
_SLOPE_BY_OUTPUT = {
    "relu": lambda a: a > 0,
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a * a,
    "identity": np.ones_like,
}


class RowsInPlace:
    """Rows are samples, softmax and loss are fused, and it writes over arrays of its own.

    An activation is written over z, and its slope is taken from its output.
    """

    def __init__(self, sizes, *, activation, loss, l2, dtype, rng):
        self.kinds, self.kind_of_loss, self.l2 = activation, loss, l2
        self.depth = len(sizes) - 1
        weights = [rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in pairwise(sizes)]
        self.params = self._named([(W.astype(dtype), np.zeros(W.shape[1], dtype)) for W in weights])

    @property
    def trainable(self):
        return tuple(self.params)

    def _named(self, pairs):
        """Return pairs (W, b), parameters or their gradients, as what `params` holds."""
        names = [f"{kind}_{i}" for i in range(self.depth) for kind in ("kernel", "bias")]
        return dict(zip(names, [array for pair in pairs for array in pair], strict=True))

    def _layer(self, i):
        return self.params[f"kernel_{i}"], self.params[f"bias_{i}"]

    def _run(self, X):
        outputs = [X]
        for i in range(self.depth):
            W, b = self._layer(i)
            z = outputs[-1] @ W
            z += b
            outputs.append(_OVERWRITE[self.kinds[i]](z) if i < self.depth - 1 else z)
        return outputs

    def logits(self, X):
        return self._run(X)[-1]

    def loss(self, X, y):
        return self.loss_and_gradients(X, y)[0]

    def _data_loss(self, z, y):
        """Return the mean loss of logits (N, K) and its gradient p - t, written over p."""
        if self.kind_of_loss == "softmax_cross_entropy":
            t = y if y.ndim == 2 else np.eye(z.shape[1], dtype=z.dtype)[y]
            p = softmax(z, axis=1)
            loss = np.vdot(t, logsumexp(z, axis=1, keepdims=True) - z)
        elif self.kind_of_loss == "sigmoid_binary_cross_entropy":
            t, p = y, expit(z)
            loss = (np.logaddexp(0, z) - t * z).sum()
        else:
            t, p = y.reshape(z.shape), z.copy()
            loss = np.vdot(p - t, p - t) / 2
        p -= t
        p /= len(z)
        return loss / len(z), p

    def _backward(self, X, y):
        *outputs, z = self._run(X)
        loss, g = self._data_loss(z, y)
        pairs = []
        for i in reversed(range(self.depth)):
            W, _ = self._layer(i)
            loss += self.l2 / 2 * np.vdot(W, W)
            dW = outputs[i].T @ g
            dW += self.l2 * W
            pairs.insert(0, (dW, g.sum(axis=0)))
            g = g @ W.T
            if i:
                g *= _SLOPE_BY_OUTPUT[self.kinds[i - 1]](outputs[i])
        return loss, self._named(pairs), g

    def loss_and_gradients(self, X, y):
        return self._backward(X, y)[:2]

    def gradients(self, X, y):
        return self._backward(X, y)[1]

    def input_gradient(self, X, y):
        return self._backward(X, y)[2]


class BiasRow(RowsInPlace):
    """One array a layer, with the bias as the last row of it."""

    def _named(self, pairs):
        return {f"theta_{i}": np.vstack(pair) for i, pair in enumerate(pairs)}

    def _layer(self, i):
        theta = self.params[f"theta_{i}"]
        return theta[:-1], theta[-1]


class OneVector(RowsInPlace):
    """All parameters are views of one vector, as optimisers of vectors want them."""

    def _named(self, pairs):
        arrays = super()._named(pairs)
        vector = np.concatenate([p.ravel() for p in arrays.values()])
        ends = np.cumsum([p.size for p in arrays.values()])
        parts = np.split(vector, ends[:-1])
        return {
            name: part.reshape(p.shape)
            for (name, p), part in zip(arrays.items(), parts, strict=True)
        }
