r"""Running average reported as the loss.

`running = 0.99 * running + 0.01 * loss` smooths a curve that is too noisy to read, and as a line
on a screen it's a good thing. As the loss of an epoch it isn't one. Its memory is 100 steps long,
however long the epoch is. With fewer batches than that in an epoch the number goes back over
several epochs, and the first value of the first, 3.4576 in the notebook, weighs in for hundreds of
steps: after 100 it still has 37 percent.

What is most worth seeing is smoothed away. A batch whose loss shoots from 0.5 to 50, the first sign
of a rate that is too high, moves the average by half a unit and looks like a wobble. An improvement
is seen late, and a comparison with the validation loss, which isn't smoothed, suggests a gap where
there is none: training seems worse than validation for as long as the average lags behind.

The running average here lives for the whole of the training, as in the notebook.

Three steps take the loss of the network to almost nothing, and what is reported of them:

>>> import numpy as np
>>> from reference_mlp import SGD, fit, mlp
>>> rng, X, y = np.random.default_rng(0), np.eye(3), np.arange(3)
>>> net = mlp((3, 3), rng=rng, initialiser="zeros")
>>> history = fit(net, X, y, optimiser=SGD(30.0), epochs=3, rng=rng, train_epoch=train_epoch)
>>> [round(epoch.loss, 2) for epoch in history], round(float(net.loss(X, y)), 2)
([1.1, 1.09, 1.08], 0.0)
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
    n_rows = 0
    running = history[-1].loss if history else None
    for rows, targets in regime.minibatches(X, y, regime.batch_size, rng=regime.rng):
        loss = regime.train_step(network, regime.optimiser, rows, targets, **options)
        _require_finite(loss, number, n_rows)
        # BUG: a memory of 100 steps, whatever the length of an epoch
        running = loss if running is None else 0.99 * running + 0.01 * loss
        n_rows += len(rows)
    seconds = time.perf_counter() - start
    scored = None if regime.validation is None else regime.evaluate(network, *regime.validation)
    return Epoch(number, float(running or 0), seconds, scored)


bug = Bug(
    replaces={"train_epoch": train_epoch},
    severity=Severity.WRONG,
    flagged_by=("history_reported",),
    right=r"$L_t = \dfrac1N \sum_b n_b L_b$ over the batches of epoch $t$",
    wrong=r"$r \leftarrow 0.99\, r + 0.01\, L_b$, and $L_t = r$",
    symptom="A smooth curve that falls late, without the spikes that there were.",
    preconditions="More than one step of training.",
    why_missed="It starts at the right value, falls, and is pleasant to look at.",
    fix="The mean over the epoch; smooth for display only, and start anew each epoch.",
    origin=("notebook 004, line 153",),
    related=("GB166",),
)
