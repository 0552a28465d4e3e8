r"""Validation on the training set.

One name is wrong: `evaluate(network, X, y)` where the held-out pair was meant. In a function that
has both sets in scope it's an easy slip, and a copied line does it too. The number is real, an
accuracy of this network on real data, and it's an excellent one.

What it measures is how well the rows were learned that were trained on. It rises to 1 for any
network that's large enough. There's no overfitting to be seen, ever: the gap between training and
validation is a little negative, since the loss is averaged while the epoch goes on and the
evaluation comes at its end. Early stopping never stops. Whoever compares networks by it picks the
largest.

A relative is the test set used to monitor training, as in the notebook that prints test accuracy
every thousand steps. There the rows are held out, and it's the reader who fits to them, by
stopping and tuning at the best value seen; what's then missing is a set that nobody has looked at.

A training set that's learned by heart, and a validation set in which every label is another:

>>> from reference_mlp import SGD, mlp
>>> rng, X, y = np.random.default_rng(0), np.eye(3), np.arange(3)
>>> net = mlp((3, 3), rng=rng)
>>> held_out = X, (y + 1) % 3
>>> history = fit(net, X, y, optimiser=SGD(3.0), epochs=5, rng=rng, validation=held_out)
>>> history[-1].validation.accuracy, evaluation.evaluate(net, *held_out).accuracy
(1.0, 0.0)
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import batches, evaluation, training
from reference_mlp._arrays import Array, require_count
from reference_mlp.early_stopping import EarlyStopping
from reference_mlp.evaluation import Evaluation
from reference_mlp.optimisers import Optimiser
from reference_mlp.training import (
    Epoch,
    Trainable,
    _is_to_stop,
    _progress_bar,
    _require_trainable,
)


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
    train_step: Callable[..., float] = training.train_step,
    evaluate: Callable[..., Evaluation] = evaluation.evaluate,
) -> list[Epoch]:
    epochs = require_count("epochs", epochs)
    _require_trainable(network, X, y)
    if validation is not None:
        _require_trainable(network, *validation)
    if early_stopping is not None and validation is None:
        msg = "early_stopping is given and validation is None, expected a set to stop by"
        raise ValueError(msg)
    options: dict[str, Any] = {} if max_norm is None else {"max_norm": max_norm}
    if getattr(network, "stochastic", False):
        options["rng"] = rng
    history: list[Epoch] = []
    with _progress_bar(epochs, shown=progress) as advance:
        for number in range(1, epochs + 1):
            start = time.perf_counter()
            total, n_rows = 0.0, 0
            for rows, targets in minibatches(X, y, batch_size, rng=rng):
                loss = train_step(network, optimiser, rows, targets, **options)
                if not np.isfinite(loss):
                    msg = (
                        f"the loss became {loss} in epoch {number} after {n_rows} rows; "
                        "a smaller learning rate or scaled inputs may help"
                    )
                    raise FloatingPointError(msg)
                total += loss * len(rows)
                n_rows += len(rows)
            seconds = time.perf_counter() - start
            scored = None if validation is None else evaluate(network, X, y)  # BUG: trained on
            history.append(Epoch(number, total / n_rows, seconds, scored))
            advance(history[-1])
            if _is_to_stop(early_stopping, scored, network):
                break
    if early_stopping is not None:
        early_stopping.restore(network.params)
    return history


bug = Bug(
    replaces={"fit": fit},
    severity=Severity.WRONG,
    flagged_by=("history_reported",),
    right=r"$L(\theta; X_\text{valid}, y_\text{valid})$",
    wrong=r"$L(\theta; X_\text{train}, y_\text{train})$",
    symptom="Validation is as good as training or better, to the end; nothing overfits.",
    preconditions="A validation set.",
    why_missed="The number is plausible and good news.",
    fix="`evaluate(network, *validation)`, and a test with labels that make the two sets differ.",
    origin=("synthetic", "notebook 004, line 162: the test set as monitor"),
    related=("GB165",),
)
