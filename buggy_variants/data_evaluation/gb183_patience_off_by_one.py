r"""Patience of one epoch more.

`patience` is how many epochs without progress are put up with. Whether training ends at the last of
these or at the one after it is the difference between `>=` and `>`, and between counting before
the comparison and after it. Of the four combinations one is right, two stop an epoch late and one
two epochs.

An epoch more does little harm by itself, as the best weights are restored anyway. It shows where
runs are compared or repeated: the number of epochs that one program reports is not the one that
another needs for it, a history is one entry longer than expected, and with a patience of 1, meant
to stop at the first epoch that is worse, the run goes through that epoch and trains once more.

Keras had it in this direction, with `>=` before the counting. What brought it up was a user who
worked out by hand at which epoch a run ought to have ended, and found it still going. That is all
the test there needs to be: a list of five losses, and the epoch at which to stop.

With a patience of 2 the fourth epoch is the last, as the third and fourth are no better:

>>> stopping, params = OneMore(patience=2), {"0.W": np.zeros(1)}
>>> [stopping.update(loss, params) for loss in (0.9, 0.5, 0.6, 0.7, 0.8)]
[False, False, False, False, True]
"""

import math

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import EarlyStopping
from reference_mlp._arrays import Params


class OneMore(EarlyStopping):
    def update(self, loss: float, params: Params) -> bool:
        if math.isnan(loss):
            msg = f"loss is {loss}, expected a number to compare with the lowest, {self.lowest}"
            raise FloatingPointError(msg)
        if loss < self.lowest or not self._best:
            self.lowest = float(loss)
            self.epochs_since = 0
            self._best = {name: np.copy(p) for name, p in params.items()}
        else:
            self.epochs_since += 1
        return self.epochs_since > self.patience  # BUG: patience + 1 epochs without progress


bug = Bug(
    replaces={"early_stopping": OneMore},
    severity=Severity.WORSE,
    flagged_by=("early_stopping_restores",),
    right=r"stop at the first $t$ with $t - t^* \ge \text{patience}$",
    wrong=r"stop at the first $t$ with $t - t^* > \text{patience}$",
    symptom="Training lasts an epoch longer than other code needs for the same losses.",
    preconditions="None.",
    why_missed="The best weights are restored all the same, and nobody counts epochs by hand.",
    fix="`>=`, and a test with a list of losses whose last epoch is known.",
    origin=("keras-team/keras#8100",),
    related=("GB028", "GB177"),
)
