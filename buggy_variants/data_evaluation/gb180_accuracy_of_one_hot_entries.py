r"""Accuracy of one-hot entries.

`(predictions == targets).mean()` is right for labels. For one-hot rows it compares N times K
entries instead of N rows, and most of them are zeros on both sides. A wrong prediction differs
from its target in two entries of ten, the 1 that is there and the 1 that isn't, and the other
eight count as right: it scores 0.8. So accuracy runs from 0.8 to 1 on digits, and chance, 0.1,
reads as 0.82.

In general $a$ turns into $1 - 2(1 - a)/K$. For 1000 classes a network that has learned nothing is
at 0.998. The formula is increasing, so curves still rise and the better of two networks is still
the better one; all that is wrong is every number.

Keras chose this accuracy by itself for a while when the loss was a binary cross-entropy, also over
ten exclusive classes. People reported results that were too good, and one of them that it had
invalidated several weeks of work.

Ten rows, all wrong, with integer labels and with one-hot rows:

>>> scores, y = np.eye(10), (np.arange(10) + 1) % 10
>>> accuracy(scores, y), accuracy(scores, np.eye(10)[y])
(0.0, 0.8)
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite, require_labels


def accuracy(scores: Array, y: Array) -> float:
    scores = require_array("scores", scores)
    if scores.ndim != 2:
        msg = f"scores has shape {scores.shape}, expected (N, K)"
        raise ValueError(msg)
    require_finite("scores", scores)
    predicted = scores.argmax(axis=1)
    if y.ndim == 2:
        one_hot = np.arange(scores.shape[1]) == predicted[:, None]
        return float((one_hot == y).mean())  # BUG: N x K entries, of which most are zeros
    labels = require_labels("y", y, n_rows=len(scores), n_classes=scores.shape[1])
    return float((predicted == labels).mean())


bug = Bug(
    replaces={"accuracy": accuracy},
    severity=Severity.WRONG,
    flagged_by=("accuracy_counts",),
    right=r"$\frac1N \sum_i [\hat y_i = y_i]$",
    wrong=r"$\frac1{NK} \sum_{i,k} [\hat t_{ik} = t_{ik}]$",
    symptom="Accuracy is never below $1 - 2/K$: 0.8 for ten classes.",
    preconditions="Labels as one-hot rows.",
    why_missed="It is 1 where all are right, rises in training, and ranks networks as it should.",
    fix="Compare `argmax(axis=1)` of both.",
    origin=("notebook 002, line 356", "keras-team/keras#3098", "keras-team/keras#1423"),
    related=("GB178",),
)
