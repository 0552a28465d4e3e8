"""Accuracy and loss of a network on a set of samples."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from reference_mlp._arrays import (
    Array,
    require_array,
    require_count,
    require_finite,
    require_labels,
    require_pairs,
)


class Scored(Protocol):
    """What `evaluate` asks of a network."""

    def loss(self, X: Array, y: Array) -> Any:
        """Return the mean loss of the batch."""

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K)."""


class Evaluation(NamedTuple):
    """The mean loss and the accuracy over a set."""

    loss: float
    accuracy: float


def accuracy(scores: Array, y: Array) -> float:
    """Return the fraction of rows of `scores` (N, K) whose largest entry is at the label.

    `scores` are logits or probabilities; `y` integers (N,) or one-hot rows (N, K). Raises
    ValueError for NaN or infinite scores: argmax calls a row of NaN class 0, and one digit in
    ten is a 0.

    >>> import numpy as np
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores = require_array("scores", scores)
    if scores.ndim != 2:
        msg = f"scores has shape {scores.shape}, expected (N, K)"
        raise ValueError(msg)
    require_finite("scores", scores)
    labels = require_labels("y", y, n_rows=len(scores), n_classes=scores.shape[1])
    return float((scores.argmax(axis=1) == labels).mean())


def evaluate(network: Scored, X: Array, y: Array, *, batch_size: int = 1000) -> Evaluation:
    """Return the loss and accuracy of `network` on `X` (N, D) and `y`, `batch_size` rows at a time.

    `y` are classes, as integers (N,) or one-hot rows (N, K). Batches count by their rows, so a
    smaller last one weighs no more than it should.

    >>> import numpy as np
    >>> from reference_mlp import mlp
    >>> net = mlp((2, 3), rng=np.random.default_rng(0), initialiser="zeros")
    >>> evaluate(net, np.ones((5, 2)), np.zeros(5, int), batch_size=2).accuracy
    1.0
    """
    require_pairs(X, y)
    batch_size = require_count("batch_size", batch_size)
    loss = hits = 0.0
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        n = len(X[rows])
        mean_loss, logits = loss_and_logits(network, X[rows], y[rows])
        loss += n * float(mean_loss)
        hits += n * accuracy(logits, y[rows])
    return Evaluation(loss / len(X), hits / len(X))


def loss_and_logits(network: Scored, X: Array, y: Array) -> tuple[Any, Array]:
    """Return the mean loss of a batch and its logits, from one pass where the network has such."""
    if hasattr(network, "loss_and_logits"):
        both: tuple[Any, Array] = network.loss_and_logits(X, y)
        return both
    return network.loss(X, y), network.logits(X)
