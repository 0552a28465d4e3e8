r"""Split at a place, without a shuffle.

`X[:n], X[n:]` is a split, and where the file was written in random order it is a good one. MNIST's
first 60,000 and last 10,000 are meant to be taken apart like that. Other data come sorted: by
class, by date, by patient, by the folder they were read from. The last tenth of a set that is
sorted by class has only the last class in it, and the training part has every class but that.

The outcome is bad and looks like overfitting: the training loss falls, the validation accuracy is
0, and regularisation is tried. When the order is only partly one of classes, the numbers are
plausible and merely wrong, in either direction. A set sorted by how hard the samples are, or
one in which duplicates stand side by side, gives a validation set that isn't like the rest.

For a series in time a cut without a shuffle is the right thing. That is a decision about the
question asked, and the name of such a function should say so.

Forty samples sorted by class, of which a quarter is held out:

>>> X, y = np.zeros((40, 2)), np.repeat([0, 1, 2, 3], 10)
>>> (_, y_train), (_, y_valid) = split(X, y, 0.25, rng=np.random.default_rng(0))
>>> np.bincount(y_train, minlength=4), np.bincount(y_valid, minlength=4)
(array([10, 10, 10,  0]), array([ 0,  0,  0, 10]))
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_pairs


def split(
    X: Array, y: Array, fraction: float, *, rng: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    require_pairs(X, y)
    n_second = round(fraction * len(X)) if np.isfinite(fraction) else 0
    if not 0 < n_second < len(X):
        msg = f"fraction is {fraction}, expected one that leaves rows in both parts of {len(X)}"
        raise ValueError(msg)
    order = np.arange(len(X))  # BUG: as they come, which may be sorted
    first, second = order[:-n_second], order[-n_second:]
    return (X[first], y[first]), (X[second], y[second])


bug = Bug(
    replaces={"split": split},
    severity=Severity.WRONG,
    flagged_by=("split_parts",),
    right=r"$x_{\pi(1)}, \dots, x_{\pi(n)} \mid x_{\pi(n+1)}, \dots, x_{\pi(N)}$",
    wrong=r"$x_1, \dots, x_n \mid x_{n+1}, \dots, x_N$",
    symptom="Validation accuracy at or near 0 beside a good training loss.",
    preconditions="Rows that are sorted by anything that has to do with the label.",
    why_missed="Sizes, pairs and disjointness are right, and test data are mostly drawn at random.",
    fix="Cut a permutation of the rows, or say in the function's name that it cuts by position.",
    origin=("synthetic",),
    related=("GB173",),
)
