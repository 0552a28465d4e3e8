r"""Statistics that include the test set.

Preparing all data first and splitting afterwards is the shortest way to write it: one call, one
array, no chance of scaling two sets differently. But the mean and the scale then depend on the test
rows, and something of them is in every training input. That is called leakage. The test set is
there to stand for data that nobody has seen.

Through a mean over thousands of rows little leaks. Where the test set is as large as the training
set, or there are few samples and many columns, or a test row holds an outlier, it is no longer
little: the outlier sets the scale of its column, and the training values shrink towards 0 because
of a number that they should know nothing of. With steps that look at labels (selecting columns
by their correlation with the target) the same order of work can make noise look predictable.

As a formula it is the difference between "of the training set" and "of the data", and many
descriptions say only the latter.

Two training rows, alone and beside a test row that is far off:

>>> X, X_test = np.array([[-1.0], [1.0]]), np.array([[90.0]])
>>> standardise(X)[0].ravel()
array([-1.,  1.])
>>> standardise(X, X_test)[0].ravel().round(2)
array([-0.73, -0.68])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    for i, A in enumerate((X, *others)):
        require_finite("X" if i == 0 else f"others[{i - 1}]", require_array("X", A))
    everything = np.concatenate([X, *others])  # BUG: the other sets are not known in training
    mean = everything.mean(axis=0, dtype=np.float64)
    std = everything.std(axis=0, dtype=np.float64)
    scale = np.where((std > 0) & (np.ptp(everything, axis=0) > 0), std, 1)
    return tuple(((A - mean) / scale).astype(A.dtype) for A in (X, *others))


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.WRONG,
    flagged_by=("standardised_columns",),
    right=r"$\mu_j = \frac1N \sum_{i \in \text{train}} x_{ij}$",
    wrong=r"$\mu_j = \frac1{N + M} \sum_{i \in \text{train} \cup \text{test}} x_{ij}$",
    symptom="Results on the test set are better than on data that come later.",
    preconditions="A test set that differs from the training set, or is not small beside it.",
    why_missed=(
        "With one array it is the right function. With two of one distribution the columns of "
        "each have mean 0 and variance 1 to a few percent."
    ),
    fix="Split first; mean and scale are those of the training set alone.",
    origin=("scikit-learn/scikit-learn#24695", "cornellius-gp/gpytorch#819"),
    related=("GB169",),
)
