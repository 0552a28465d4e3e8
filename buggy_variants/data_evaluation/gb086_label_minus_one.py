r"""Labels shifted by one in the one-hot encoding.

In a language that counts from 1 the last of K classes is K, and its column is `label - 1`. Code
translated from there, or written next to a table of classes numbered from 1, keeps the
subtraction. NumPy counts from 0, and it doesn't even raise for the label 0: column -1 is the last.

So every class gets a column of its own and none is shared. It is a permutation of the classes,
and to a network one numbering is as good as another: it trains exactly as well as it would have.
As long as predictions are compared with labels that went through the same encoder, accuracy is
right too. Compared with the labels themselves it is 0, not low but 0: a network that has learned
everything is wrong on every row, and one that has learned nothing does better.

The notebook has a second bug that hides the first. Its backpropagation reads a global target, so
all predictions were one class, and the one image looked at was of a 4; the target was a 5 that
had been shifted to 4. The cell printed 4 and looked fine.

Scores that are exactly the targets, against the labels that the targets were made of:

>>> from reference_mlp import accuracy
>>> y = np.array([0, 1, 2, 0, 1])
>>> one_hot(y, 3)[0]
array([0., 0., 1.])
>>> accuracy(one_hot(y, 3), y)
0.0
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, float_dtype, require_array, require_count, require_labels


def one_hot(y: Array, n_classes: int, *, dtype: DTypeLike = np.float64) -> Array:
    n_classes = require_count("n_classes", n_classes)
    y = require_array("y", y)
    labels = require_labels("y", y, n_rows=len(y), n_classes=n_classes).astype(int)
    rows: Array = np.zeros((len(labels), n_classes), float_dtype(dtype))
    rows[np.arange(len(labels)), labels - 1] = 1  # BUG: labels start at 0, and -1 is the last
    return rows


bug = Bug(
    replaces={"one_hot": one_hot},
    severity=Severity.WRONG,
    flagged_by=("one_hot_rows",),
    right=r"$t_{ik} = [k = y_i]$",
    wrong=r"$t_{ik} = [k = (y_i - 1) \bmod K]$",
    symptom="The training loss falls as it should, and accuracy is 0.",
    preconditions="Predictions are compared with labels that this encoder has not seen.",
    why_missed=(
        "Each row has a single 1 and every class a column, so shapes, row sums, loss, gradients "
        "and convergence are all right."
    ),
    fix="`rows[np.arange(len(y)), y] = 1`, and a test that `rows.argmax(axis=1)` gives `y` back.",
    origin=(
        "notebook 001, line 45",
        "notebook 001, line 286: the test by hand that this and line 243 pass together",
    ),
    related=("GB087",),
)
