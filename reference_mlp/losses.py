"""Losses on logits: the mean over the batch of a sum over the outputs.

Each loss takes logits `z` (N, K) and targets `y`, and is fused with its softmax or
sigmoid, so that neither log(0) nor 1/0 can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reference_mlp import functions
from reference_mlp._arrays import Array, Params, require_labels, require_targets
from reference_mlp._sums import accurate_sum


class Loss(Protocol):
    """A scalar function of logits (N, K) and targets, with its gradient."""

    def value(self, z: Array, y: Array) -> Any:
        """Return the mean loss of the batch, a scalar of the dtype of `z`."""

    def gradient(self, z: Array, y: Array) -> Array:
        """Return dL/dz, of the shape and dtype of `z`."""

    def probabilities(self, z: Array) -> Array:
        """Return what the logits stand for, of the shape of `z`."""


@dataclass(frozen=True)
class SoftmaxCrossEntropy:
    """-log softmax(z)[y], with y integers (N,) or one-hot rows (N, K).

    Its gradient is (softmax(z) - onehot(y)) / N. Raises ValueError or TypeError for labels
    of another shape or dtype, or out of range.

    >>> z = np.array([[0.0, 0.0], [0.0, 1000.0]])
    >>> SoftmaxCrossEntropy().value(z, np.array([0, 0])).round(6)
    np.float64(500.346574)
    """

    softmax: Callable[[Array], Array] = functions.softmax

    def value(self, z: Array, y: Array) -> Any:
        """Return the mean over the batch of -log softmax(z)[y]."""
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        return mean(-functions.log_softmax(z)[np.arange(n), labels])

    def gradient(self, z: Array, y: Array) -> Array:
        """Return (softmax(z) - onehot(y)) / N."""
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), labels)
        dz /= n
        return dz

    def probabilities(self, z: Array) -> Array:
        """Return softmax(z)."""
        return self.softmax(z)


@dataclass(frozen=True)
class SigmoidBinaryCrossEntropy:
    """-y log s(z) - (1 - y) log(1 - s(z)), summed over the outputs, with y (N, K) in [0, 1].

    It equals softplus(z) - y z, and its gradient is (s(z) - y) / N. Raises ValueError or
    TypeError for targets of another shape or outside [0, 1].

    >>> SigmoidBinaryCrossEntropy().value(np.array([[1000.0, -1000.0]]), np.array([[1, 1]]))
    np.float64(1000.0)
    """

    sigmoid: Callable[[Array], Array] = functions.sigmoid

    def value(self, z: Array, y: Array) -> Any:
        """Return the mean over the batch of softplus(z) - y z, summed over the outputs."""
        y = self._targets(z, y)
        # Split as softplus(z) = max(z, 0) + softplus(-|z|), as softplus(z) - y z would cancel.
        weight = np.where(z.real >= 0, 1 - y, -y)
        # Where the logit goes all the way with its target nothing is added, be it infinite.
        linear = np.multiply(weight, z, out=np.zeros_like(z), where=weight != 0)
        with np.errstate(over="ignore"):
            return mean((linear + functions.softplus(np.minimum(z, -z))).sum(axis=1))

    def gradient(self, z: Array, y: Array) -> Array:
        """Return (s(z) - y) / N."""
        return self._sigmoid_less(z, self._targets(z, y)) / len(z)

    def probabilities(self, z: Array) -> Array:
        """Return s(z), the probability of each output by itself."""
        return self.sigmoid(z)

    def _sigmoid_less(self, z: Array, y: Array) -> Array:
        # s(z) - y = (1 - y) - s(-z): of the two the one that has its digits where s nears y.
        sign = np.where(y > 0.5, -1, 1).astype(y.dtype)
        difference: Array = sign * (self.sigmoid(sign * z) - np.where(y > 0.5, 1 - y, y))
        return difference

    @staticmethod
    def _targets(z: Array, y: Array) -> Array:
        y = require_targets("y", y, shape=z.shape).astype(z.real.dtype, copy=False)
        if y.min() < 0 or y.max() > 1:
            msg = f"y has targets from {y.min()} to {y.max()}, expected 0 <= y <= 1"
            raise ValueError(msg)
        return y


@dataclass(frozen=True)
class SquaredError:
    """(z - y)^2 / 2 summed over the outputs, with y (N, K), or (N,) where K is 1.

    Its gradient is (z - y) / N. Raises ValueError or TypeError for targets of another shape.

    >>> SquaredError().value(np.array([[1.0], [5.0]]), np.array([0.0, 2.0]))
    np.float64(2.5)
    """

    def value(self, z: Array, y: Array) -> Any:
        """Return the mean over the batch of the halved squares, summed over the outputs."""
        with np.errstate(over="ignore"):
            # In float64 at least: a float32 is then rounded once, at the end.
            r = np.subtract(z, self._targets(z, y), dtype=np.result_type(z, np.float64))
            return _sum_of_squares(r, 0.5 / len(r), add=accurate_sum).astype(z.dtype)

    def gradient(self, z: Array, y: Array) -> Array:
        """Return (z - y) / N."""
        with np.errstate(over="ignore"):
            return (z - self._targets(z, y)) / len(z)

    def probabilities(self, z: Array) -> Array:
        """Return `z`: the outputs are the predictions themselves."""
        return z

    @staticmethod
    def _targets(z: Array, y: Array) -> Array:
        return require_targets("y", y, shape=z.shape).astype(z.real.dtype, copy=False)


@dataclass(frozen=True)
class L2Penalty:
    """strength / 2 times the sum of the squared weights; biases are left out.

    >>> params = {"0.W": np.array([[3.0, 4.0]]), "0.b": np.array([9.0, 9.0])}
    >>> L2Penalty(0.1).value(params)
    np.float64(1.25)
    >>> L2Penalty(0.1).gradient(params)
    {'0.W': array([[0.3, 0.4]])}
    """

    strength: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.strength) and self.strength >= 0):
            msg = f"l2 is {self.strength}, expected a finite number of at least 0"
            raise ValueError(msg)
        # Python's float, as NumPy's would turn weights of float32 into float64.
        object.__setattr__(self, "strength", float(self.strength))

    def value(self, params: Mapping[str, Array]) -> Any:
        """Return strength / 2 * sum(W^2), a scalar."""
        return sum(_sum_of_squares(W, 0.5 * self.strength) for W in _weights(params).values())

    def gradient(self, params: Mapping[str, Array]) -> Params:
        """Return strength * W for each weight, by the name of its parameter."""
        return {name: self.strength * W for name, W in _weights(params).items()}


def less_one_hot(p: Array, labels: Array) -> Array:
    """Turn the probabilities `p` (N, K) into p - onehot(labels), and return them."""
    at_label = np.arange(len(p)), labels
    # p - 1 is minus the sum of the others, which has its digits even where p rounds to 1.
    p[at_label] = 0
    p[at_label] = -p.sum(axis=1)
    return p


def mean(v: Array) -> Any:
    """Return the mean of `v` (N,), infinite only where it is too large itself, not the sum."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = v.mean()
        return found if np.isfinite(found) else (v / len(v)).sum()


def _sum_of_squares(A: Array, factor: float, add: Callable[[Array], Any] = np.sum) -> Any:
    """Return factor * sum(A^2), infinite only where that is too large itself, not the squares."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = factor * add(A * A)
        if np.isfinite(total):
            return total
        # A power of two scales without rounding.
        scale = np.ldexp(A.real.dtype.type(1), np.frexp(np.abs(A.real).max())[1] - 1)
        return factor * add((A / scale) ** 2) * scale * scale


def _weights(params: Mapping[str, Array]) -> dict[str, Array]:
    return {name: p for name, p in params.items() if name.endswith("W")}


LOSSES: Mapping[str, Loss] = {
    "softmax_cross_entropy": SoftmaxCrossEntropy(),
    "sigmoid_binary_cross_entropy": SigmoidBinaryCrossEntropy(),
    "squared_error": SquaredError(),
}
