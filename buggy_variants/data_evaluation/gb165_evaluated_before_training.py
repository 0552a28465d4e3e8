r"""Evaluation before the epoch's training.

The notebook's loop starts each epoch by printing the accuracy on the validation set and then goes
through the batches. So the first number belongs to the untrained network, which makes a nice first
line, 0.0758, and each further one to the epoch before. The network that comes out after the last
epoch is never scored: the best accuracy on the page, 0.9514, isn't that of the weights one
has in the end.

Where only a person reads the numbers that's an offset of one. In a history they are paired with
the training loss of the same epoch, and the two belong to different networks. Early stopping pairs
them with weights: it hears of the loss before the epoch and keeps a copy of the parameters after
it. What it restores is the epoch after the best one, whose loss it doesn't know.

The last epoch trained is also the one most likely to have gone wrong, with a loss that has become
NaN or a rate that was too high, and it's the one that nobody looked at.

The validation loss of the one epoch reported, and that of the network afterwards:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> rng = np.random.default_rng(0)
>>> X, y = np.eye(3), np.arange(3)
>>> net = mlp((3, 3), rng=rng, initialiser="zeros")
>>> regime = Regime(optimiser=SGD(3.0), rng=rng, validation=(X, y))
>>> epoch = train_epoch(net, X, y, regime)
>>> round(epoch.validation.loss, 3), round(float(net.loss(X, y)), 3)
(1.099, 0.551)
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
    # BUG: the network as the epoch before has left it, or as it was drawn
    scored = None if regime.validation is None else regime.evaluate(network, *regime.validation)
    start = time.perf_counter()
    total, n_rows = 0.0, 0
    for rows, targets in regime.minibatches(X, y, regime.batch_size, rng=regime.rng):
        loss = regime.train_step(network, regime.optimiser, rows, targets, **options)
        _require_finite(loss, number, n_rows)
        total += loss * len(rows)
        n_rows += len(rows)
    seconds = time.perf_counter() - start
    return Epoch(number, total / n_rows, seconds, scored)


bug = Bug(
    replaces={"train_epoch": train_epoch},
    severity=Severity.WRONG,
    flagged_by=("history_reported",),
    right=r"$L_\text{valid}(\theta_t)$ reported of epoch $t$, which ends at $\theta_t$",
    wrong=r"$L_\text{valid}(\theta_{t-1})$",
    symptom=(
        "The first epoch reports chance, whatever was learned in it, and the final network "
        "another loss than the history's last."
    ),
    preconditions="A validation set.",
    why_missed="The curve is right but for a shift by one epoch, and training isn't affected.",
    fix="Evaluate after the loop over batches.",
    origin=("notebook 000, lines 102-104",),
    related=("GB168", "GB177"),
)
