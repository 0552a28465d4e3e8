r"""Loss of the last batch reported for the epoch.

After the loop over batches the variable `loss` still holds something, and the line that prints or
stores it needs no more than its name: `print(f"epoch {epoch}: loss {loss}")`. What it holds is the
loss of the last batch. In Python the scope of a loop's variables doesn't end with the loop, so
there's no error to point at.

The curve is that of single batches and as noisy as they are. With 32 rows in a batch a loss whose
standard deviation over samples is 0.5 scatters by 0.09 from epoch to epoch, which hides the
progress of ten of them. If the set doesn't divide evenly, the last batch is small, one row perhaps,
and the curve is that of one sample each. And it is taken at the end of the epoch, so on average it
lies below the epoch's mean, most of all at the beginning, which makes training look better by a
bit.

Schedules and early stopping that read the number react to which rows came last.

A network that doesn't move, 3 rows in batches of 2, with losses 0.05, 0.05 and 3.05 by row:

>>> import numpy as np
>>> from reference_mlp import SGD, fit, mlp
>>> net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
>>> net.params["0.b"][0] = 3.0
>>> X, y, rng = np.zeros((3, 2)), np.array([0, 0, 1]), np.random.default_rng(1)
>>> still, options = SGD(1e-300), {"rng": rng, "batch_size": 2, "train_epoch": train_epoch}
>>> history = fit(net, X, y, optimiser=still, epochs=4, **options)
>>> [round(epoch.loss, 2) for epoch in history]
[3.05, 0.05, 3.05, 0.05]
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
    for rows, targets in regime.minibatches(X, y, regime.batch_size, rng=regime.rng):
        loss = regime.train_step(network, regime.optimiser, rows, targets, **options)
        _require_finite(loss, number, n_rows)
        n_rows += len(rows)
    seconds = time.perf_counter() - start
    scored = None if regime.validation is None else regime.evaluate(network, *regime.validation)
    return Epoch(number, loss, seconds, scored)  # BUG: of the last batch only


bug = Bug(
    replaces={"train_epoch": train_epoch},
    severity=Severity.WRONG,
    flagged_by=("history_reported",),
    right=r"$L_t = \dfrac1N \sum_b n_b L_b$",
    wrong=r"$L_t = L_B$, of the last batch",
    symptom="A training curve with large jumps, the larger the smaller the last batch.",
    preconditions="More than one batch in an epoch.",
    why_missed="Noise is expected of stochastic gradient descent, and the trend is right.",
    fix="Sum the losses weighted by rows, and divide by all rows.",
    origin=("nicknochnack/PyTorchin15#4", "numaproj/numalogic#53"),
    related=("GB090", "GB167"),
)
