r"""Accuracy of a network that is NaN.

Once a weight is NaN, so is every logit, and the next line of the program is the last that could
say so: `scores.argmax(axis=1)`. It doesn't. NumPy takes the first NaN of a row for its largest
entry, so a row of NaN is assigned to class 0, without a warning, and the comparison with the
labels goes ahead as if a prediction had been made.

With ten classes of equal size the dead network is right one time in ten. That number looks like
a network which has not learned yet, and people answer it with more epochs, another learning rate,
more hidden units. In a set sorted by class, or one in which class 0 is common, it looks better
still. One of the notebooks trained for ten epochs on NaN, with the warnings filtered out, and
reports a test accuracy of 0.098: the share of zeros among the digits.

A single NaN in a row is as bad as a row of them. It wins against every finite score, so whichever
class it stands at is the prediction.

A thousand rows of NaN, a hundred of each class, and one row with a NaN at its label:

>>> import numpy as np
>>> accuracy(np.full((1000, 10), np.nan), np.arange(1000) % 10)
0.1
>>> accuracy(np.array([[9.0, np.nan, 0.0]]), np.array([1]))
1.0
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_labels


def accuracy(scores: Array, y: Array) -> float:
    scores = require_array("scores", scores)
    if scores.ndim != 2:
        msg = f"scores has shape {scores.shape}, expected (N, K)"
        raise ValueError(msg)
    labels = require_labels("y", y, n_rows=len(scores), n_classes=scores.shape[1])
    return float((scores.argmax(axis=1) == labels).mean())  # BUG: argmax of a row of NaN is 0


bug = Bug(
    replaces={"accuracy": accuracy},
    severity=Severity.WRONG,
    flagged_by=("accuracy_counts",),
    right=r"$\arg\max_k z_{ik}$ of finite $z_{ik}$ only; anything else is an error",
    wrong=r"$\arg\max_k \mathrm{NaN} = 0$",
    symptom=(
        "Accuracy stays near $1/K$ from some epoch on, to the last digit the share of class 0, "
        "whatever is done to the learning rate."
    ),
    preconditions="A score that is NaN.",
    why_missed=(
        "The function is right for finite scores, and a test such as `accuracy > 0.05` is passed "
        "by a network that has lost all its weights."
    ),
    fix="Refuse scores that are not finite before the argmax.",
    origin=(
        "notebook 000, line 82",
        "notebook 003, line 166: reached by the NaN of line 212",
        "notebook 003, line 217: ten epochs of NaN, and of warnings",
    ),
    related=("GB004",),
)
