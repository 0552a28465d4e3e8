r"""Accuracy by integer division.

The number of hits is an integer, the number of samples is an integer, and their quotient was an
integer too, as long as the language was Python 2: `hits / len(y)` came out at 0 for every network
short of perfect. Reports of an accuracy stuck at 00.00% belong to that time, and the cure that
was handed out, `1.0 * hits / len(y)`, can still be seen in code that has long moved to Python 3.

The habit has survived its language. `//` is what `/` used to be; it comes in by an automatic
conversion that keeps the old meaning, by a percentage written as `100 * hits // n`, or from a
line of a training loop where the number of batches was computed. What it looks like is a network
that doesn't learn. Loss falls, the histogram of predictions spreads over all classes, and
accuracy is 0.0. Then, on the 32 digits that one tries to learn by heart, it jumps from 0.0 to 1.0
in one epoch.

With three of four right, and with all four:

>>> scores = np.eye(4)
>>> accuracy(scores, np.array([0, 1, 2, 2])), accuracy(scores, np.array([0, 1, 2, 3]))
(0.0, 1.0)
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
    labels = require_labels("y", y, n_rows=len(scores), n_classes=scores.shape[1])
    hits = int(np.count_nonzero(scores.argmax(axis=1) == labels))
    return float(hits // len(scores))  # BUG: rounds down to 0 unless all are right


bug = Bug(
    replaces={"accuracy": accuracy},
    severity=Severity.WRONG,
    flagged_by=("accuracy_counts",),
    right=r"$\dfrac{1}{N} \sum_i [\hat y_i = y_i]$",
    wrong=r"$\Bigl\lfloor \dfrac{1}{N} \sum_i [\hat y_i = y_i] \Bigr\rfloor$",
    symptom="Accuracy is 0.0 epoch after epoch while the loss falls, or 1.0, and nothing between.",
    preconditions="Any set that is neither all right nor all wrong.",
    why_missed=(
        "A unit test with all predictions right gives 1.0, one with all wrong 0.0, and those are "
        "the two that are easy to write down."
    ),
    fix="`/`, or `(predicted == labels).mean()`.",
    origin=(
        "notebook 002, lines 246 and 247: latent, an accident of Python 2",
        "moskomule/senet.pytorch#12",
        "wanglouis49/pytorch-adversarial_box#1",
    ),
    related=("GB015", "GB180"),
)
