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

>>> import numpy as np
>>> from reference_mlp import SGD, evaluate, mlp
>>> rng, X, y = np.random.default_rng(0), np.eye(3), np.arange(3)
>>> net = mlp((3, 3), rng=rng)
>>> held_out = X, (y + 1) % 3
>>> regime = Regime(optimiser=SGD(3.0), rng=rng, validation=held_out)
>>> for _ in range(5):
...     epoch = train_epoch(net, X, y, regime)
>>> epoch.validation.accuracy, evaluate(net, *held_out).accuracy
(1.0, 0.0)
"""

import time
from collections.abc import Sequence

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array
from reference_mlp.training import Epoch, Regime, Trainable, _require_finite


def train_epoch(
    network: Trainable, X: Array, y: Array, regime: Regime, *, history: Sequence[Epoch] = ()
) -> Epoch:
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
    # BUG: on the rows trained on
    scored = None if regime.validation is None else regime.evaluate(network, X, y)
    return Epoch(number, total / n_rows, seconds, scored)


bug = Bug(
    replaces={"train_epoch": train_epoch},
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
