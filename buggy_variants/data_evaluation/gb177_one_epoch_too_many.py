r"""One epoch too many.

`for epoch in range(max_epochs + 1)` counts from 0 to `max_epochs`, which is one more than the name
promises. In the notebook the arrays of losses have `max_epochs + 1` entries as well, so that all
fits together and nothing overflows. It comes of a good idea: entry 0 is to be the network before
training, and entry e the one after e epochs. The loop trains in entry 0 too, so the idea is lost
and the extra epoch is left.

A hundred epochs and one more differ by nothing that anybody would see. With a few it's another
matter. A comparison of "one epoch" between two programs is a comparison of one with two; a
learning rate that is meant to reach 0 in the last epoch is computed past it, and may be negative
there; a run in stages, five times one epoch, trains for ten. And the history is longer by one than
the axis it is plotted over, which is how it's mostly found.

Two epochs are asked for:

>>> from reference_mlp import SGD, mlp
>>> rng, X, y = np.random.default_rng(0), np.eye(3), np.arange(3)
>>> net = mlp((3, 3), rng=rng)
>>> [epoch.number for epoch in fit(net, X, y, optimiser=SGD(0.1), epochs=2, rng=rng)]
[0, 1, 2]
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import batches, evaluation
from reference_mlp._arrays import Array, require_count
from reference_mlp._progress import progress_bar
from reference_mlp.early_stopping import EarlyStopping
from reference_mlp.evaluation import Evaluation
from reference_mlp.optimisers import Optimiser
from reference_mlp.training import (
    Epoch,
    Regime,
    Trainable,
    _is_to_stop,
    _require_sets,
    train_epoch,
    train_step,
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
    train_step: Callable[..., float] = train_step,
    evaluate: Callable[..., Evaluation] = evaluation.evaluate,
    train_epoch: Callable[..., Epoch] = train_epoch,
) -> list[Epoch]:
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
        for number in range(epochs + 1):  # BUG: from 0 to epochs, one more than asked for
            epoch = train_epoch(network, X, y, regime, history=history)
            history.append(replace(epoch, number=number))
            advance(history[-1])
            if _is_to_stop(early_stopping, epoch.validation, network):
                break
    if early_stopping is not None:
        early_stopping.restore(network.params)
    return history


bug = Bug(
    replaces={"fit": fit},
    severity=Severity.WORSE,
    flagged_by=("history_reported",),
    right=r"$t = 1, \dots, T$",
    wrong=r"$t = 0, \dots, T$",
    symptom="A history of one entry more than asked for, the first of them numbered 0.",
    preconditions="None.",
    why_missed="The losses fall, and arrays that were made one longer hold them all.",
    fix="`range(epochs)`; score the untrained network before the loop, if wanted.",
    origin=("notebook 002, line 403",),
    related=("GB183",),
)
