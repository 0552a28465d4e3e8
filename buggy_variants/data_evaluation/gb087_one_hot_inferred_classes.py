r"""Number of classes taken from the labels at hand.

`labels.max() + 1` or `np.unique(labels).size` asks the data how many classes there are, which
saves an argument and is right for any set in which all of them occur. A minibatch needn't be such
a set, nor a validation set, nor the rows that remain after filtering.

If the last class is absent, the rows are a column short. The error is raised somewhere else, in a
subtraction from logits of K columns; or nowhere, when class 0 is all there is and a column of
width 1 broadcasts against all K. Counting the distinct labels, as the notebook does, is worse by
one case: with a class missing in the middle, labels that are perfectly valid reach beyond the
width, and indexing raises an `IndexError`.

Whether it happens depends on the seed of the shuffle. Of sets of 64 digits, about one in a hundred
lacks a class, so a run can last many epochs and then end with an error about shapes, which doesn't
come back when it's started again with another seed. And where training and validation sets
are encoded separately, each has its own idea of how many classes there are.

Three rows without the class 2, and two rows that know of one class only:

>>> one_hot(np.array([1, 0, 1]), 3).shape
(3, 2)
>>> one_hot(np.array([0, 0]), 3) - np.zeros((2, 3))
array([[1., 1., 1.],
       [1., 1., 1.]])
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, float_dtype, require_array


def one_hot(y: Array, n_classes: int, *, dtype: DTypeLike = np.float64) -> Array:
    labels = require_array("y", y)
    n_classes = int(labels.max()) + 1  # BUG: of the classes that occur, not those that there are
    rows: Array = np.zeros((len(labels), n_classes), float_dtype(dtype))
    rows[np.arange(len(labels)), labels] = 1
    return rows


bug = Bug(
    replaces={"one_hot": one_hot},
    severity=Severity.CRASH,
    flagged_by=("one_hot_rows",),
    right=r"$t \in \{0, 1\}^{N \times K}$",
    wrong=r"$t \in \{0, 1\}^{N \times K'}$ with $K' = 1 + \max_i y_i$",
    symptom=(
        "An error about shapes at some seeds and batch sizes only; or targets of a single column "
        "that broadcast."
    ),
    preconditions="A set of labels that lacks the last class.",
    why_missed="Tests encode the full training set, or labels that name each class once.",
    fix="Pass the number of classes; never guess it.",
    origin=("notebook 002, lines 119 and 396: by np.unique",),
    related=("GB086",),
)
