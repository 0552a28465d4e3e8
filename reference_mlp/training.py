"""Training: one step, an epoch of them, and epochs with a history."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reference_mlp import batches, clipping, evaluation
from reference_mlp._arrays import Array, Params, require_count, require_pairs
from reference_mlp._progress import progress_bar
from reference_mlp.early_stopping import EarlyStopping
from reference_mlp.evaluation import Evaluation
from reference_mlp.optimisers import Optimiser


class Trainable(Protocol):
    """What training asks of a network."""

    params: Params

    @property
    def trainable(self) -> tuple[str, ...]:
        """The names of the parameters that training may move."""

    def loss(self, X: Array, y: Array) -> Any:
        """Return the mean loss of the batch."""

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K)."""

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return the loss and dL/dparams."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of a history: its number from 1, its mean training loss, and what came of it."""

    number: int
    loss: float
    seconds: float
    validation: Evaluation | None = None


def train_step(
    network: Trainable,
    optimiser: Optimiser,
    X: Array,
    y: Array,
    *,
    rng: np.random.Generator | None = None,
    max_norm: float | None = None,
    clip_norm: Callable[..., Params] = clipping.clip_norm,
) -> float:
    """Move the trainable parameters one step down the gradient of a batch; return its loss.

    Given `rng`, a network with dropout is thinned by it, and the loss is the thinned one's. The
    gradients of the trainable parameters are clipped to `max_norm`, where given.

    >>> from reference_mlp import SGD, mlp
    >>> net = mlp((2, 3), rng=np.random.default_rng(0), initialiser="zeros")
    >>> round(train_step(net, SGD(0.1), np.ones((4, 2)), np.array([0, 1, 2, 0])), 6)
    1.098612
    """
    thin = getattr(network, "thinned", None)
    stepping = network if rng is None or thin is None else thin(rng)
    loss, grads = stepping.loss_and_gradients(X, y)
    grads = {name: grads[name] for name in network.trainable}
    if max_norm is not None:
        grads = clip_norm(grads, max_norm)
    optimiser.step(network.params, grads)
    return float(loss)


@dataclass(frozen=True, kw_only=True)
class Regime:
    """What the epochs of a training share.

    An epoch's rows come from `minibatches`, shuffled by `rng` and `batch_size` at a time, or all at
    once where that is None. For each batch `train_step` lets `optimiser` move the network, with
    gradients clipped to `max_norm` where given. In the end `evaluate` scores it on `validation`,
    where given.
    """

    optimiser: Optimiser
    rng: np.random.Generator
    batch_size: int | None = 32
    validation: tuple[Array, Array] | None = None
    max_norm: float | None = None
    minibatches: Callable[..., Any] = batches.minibatches
    train_step: Callable[..., float] = train_step
    evaluate: Callable[..., Evaluation] = evaluation.evaluate

    def options_of_a_step(self, network: Trainable) -> dict[str, Any]:
        """Return what `train_step` is passed beside a batch: no more than it needs to know."""
        options: dict[str, Any] = {} if self.max_norm is None else {"max_norm": self.max_norm}
        if getattr(network, "stochastic", False):
            options["rng"] = self.rng
        return options


def train_epoch(
    network: Trainable, X: Array, y: Array, regime: Regime, *, history: Sequence[Epoch] = ()
) -> Epoch:
    """Train `network` on each row once, and return the entry that comes next in `history`.

    Its loss is the mean over the rows, each as it was before its batch's step. Raises
    FloatingPointError as soon as a loss is NaN or infinite.

    >>> from reference_mlp import SGD, mlp
    >>> rng = np.random.default_rng(0)
    >>> net = mlp((2, 3), rng=rng, initialiser="zeros")
    >>> regime = Regime(optimiser=SGD(0.1), rng=rng)
    >>> epoch = train_epoch(net, np.eye(2), np.array([0, 1]), regime)
    >>> epoch.number, round(epoch.loss, 6)
    (1, 1.098612)
    """
    number = len(history) + 1
    options = regime.options_of_a_step(network)
    start = time.perf_counter()
    total, n_rows = 0.0, 0
    for rows, targets in regime.minibatches(X, y, regime.batch_size, rng=regime.rng):
        loss = regime.train_step(network, regime.optimiser, rows, targets, **options)
        _require_finite(loss, number, n_rows)
        total += loss * len(rows)
        n_rows += len(rows)
    seconds = time.perf_counter() - start
    scored = None if regime.validation is None else regime.evaluate(network, *regime.validation)
    return Epoch(number, total / n_rows, seconds, scored)


def fit(
    network: Trainable,
    X: Array,
    y: Array,
    *,
    optimiser: Optimiser,
    epochs: int,
    rng: np.random.Generator,
    batch_size: int | None = 32,
    validation: tuple[Array, Array] | None = None,
    early_stopping: EarlyStopping | None = None,
    max_norm: float | None = None,
    progress: bool = False,
    minibatches: Callable[..., Any] = batches.minibatches,
    train_step: Callable[..., float] = train_step,
    evaluate: Callable[..., Evaluation] = evaluation.evaluate,
    train_epoch: Callable[..., Epoch] = train_epoch,
) -> list[Epoch]:
    """Train `network` for `epochs` and return the history, one entry an epoch.

    `X` is (N, D) and `y` what the network's loss takes; `batch_size` None is gradient descent
    on all rows at once. After each epoch the network is evaluated on `validation`, where given,
    and `progress` shows a bar with loss and accuracy on standard error. `early_stopping` takes
    the loss on `validation` after each epoch, may end the training, and puts the parameters of
    the lowest back at the end. Gradients are clipped to `max_norm`, where given. The last four
    arguments replace the parts that training is made of; `train_step` is passed `rng` only for a
    network that is `stochastic`, and `max_norm` only where given.

    Raises ValueError for an empty or uneven set or for early stopping without `validation`, and
    FloatingPointError as soon as a loss is NaN or infinite.

    >>> from reference_mlp import SGD, mlp
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(20, 2)), rng.integers(3, size=20)
    >>> history = fit(mlp((2, 3), rng=rng), X, y, optimiser=SGD(0.1), epochs=2, rng=rng)
    >>> [epoch.number for epoch in history]
    [1, 2]
    """
    epochs = require_count("epochs", epochs)
    _require_sets(network, (X, y), validation, early_stopping)
    regime = Regime(
        optimiser=optimiser,
        rng=rng,
        batch_size=batch_size,
        validation=validation,
        max_norm=max_norm,
        minibatches=minibatches,
        train_step=train_step,
        evaluate=evaluate,
    )
    history: list[Epoch] = []
    with progress_bar(epochs, shown=progress) as advance:
        for _ in range(epochs):
            epoch = train_epoch(network, X, y, regime, history=history)
            history.append(epoch)
            advance(epoch)
            if _is_to_stop(early_stopping, epoch.validation, network):
                break
    if early_stopping is not None:
        early_stopping.restore(network.params)
    return history


def _require_finite(loss: float, number: int, n_rows: int) -> None:
    if not np.isfinite(loss):
        msg = (
            f"the loss became {loss} in epoch {number} after {n_rows} rows; "
            "a smaller learning rate or scaled inputs may help"
        )
        raise FloatingPointError(msg)


def _require_sets(
    network: Trainable,
    train: tuple[Array, Array],
    validation: tuple[Array, Array] | None,
    early_stopping: EarlyStopping | None,
) -> None:
    _require_trainable(network, *train)
    if validation is not None:
        _require_trainable(network, *validation)
    if early_stopping is not None and validation is None:
        msg = "early_stopping is given and validation is None, expected a set to stop by"
        raise ValueError(msg)


def _require_trainable(network: Trainable, X: Array, y: Array) -> None:
    """Let the network refuse any row that it can't take, before the first step moves anything."""
    require_pairs(X, y)
    for start in range(0, len(X), 1000):
        rows = slice(start, start + 1000)
        network.loss(X[rows], y[rows])


def _is_to_stop(
    early_stopping: EarlyStopping | None, scored: Evaluation | None, network: Trainable
) -> bool:
    if early_stopping is None or scored is None:
        return False
    return early_stopping.update(scored.loss, network.params)
