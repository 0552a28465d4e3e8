r"""Argmax along the wrong axis.

With samples as columns, scores of shape (K, N), the predicted classes are `argmax(axis=0)`. With
samples as rows they are `argmax(axis=1)`. Both layouts are in use, the notebook that is cited has
the first and is right in it, and when a function moves from one program to the other the axis
stays behind.

What then comes out is, for each class, the number of the row that has the highest score for it: K
numbers between 0 and N - 1. Compared with N labels they have the wrong length, which raises an
error or, in older versions of NumPy, made `==` return a single False and the accuracy 0. Only if
there are as many rows as classes, ten digits in a batch of ten, does the comparison go through,
and yields a number that has nothing to do with the predictions. A test with `np.eye(10)` as scores
and one sample of each class is such a case, and as the matrix is symmetric, it passes as well.

Three rows that are all right, and for each class the row that likes it best:

>>> import numpy as np
>>> scores = np.array([[5.0, 1.0, 0.0], [9.0, 2.0, 1.0], [8.0, 3.0, 2.0]])
>>> scores.argmax(axis=1), scores.argmax(axis=0)
(array([0, 0, 0]), array([1, 2, 2]))
>>> accuracy(scores, np.array([0, 0, 0]))
0.0
>>> accuracy(np.eye(3), np.arange(3))
1.0
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite, require_labels


def accuracy(scores: Array, y: Array) -> float:
    scores = require_array("scores", scores)
    if scores.ndim != 2:
        msg = f"scores has shape {scores.shape}, expected (N, K)"
        raise ValueError(msg)
    require_finite("scores", scores)
    labels = require_labels("y", y, n_rows=len(scores), n_classes=scores.shape[1])
    return float((scores.argmax(axis=0) == labels).mean())  # BUG: over rows, not over classes


bug = Bug(
    replaces={"accuracy": accuracy},
    severity=Severity.CRASH,
    flagged_by=("accuracy_counts",),
    crashes_in={"data_unchanged": ValueError},
    right=r"$\hat y_i = \arg\max_k z_{ik}$",
    wrong=r"$\hat y_k = \arg\max_i z_{ik}$",
    symptom="An error about shapes, or an accuracy that has nothing to do with the predictions.",
    preconditions="As many rows as classes for a number; any other size raises.",
    why_missed="A test with the identity matrix as scores is symmetric.",
    fix="`scores.argmax(axis=1)` where rows are samples.",
    origin=("notebook 003, line 166: right in its layout, samples as columns",),
    related=("GB056", "GB066"),
)
