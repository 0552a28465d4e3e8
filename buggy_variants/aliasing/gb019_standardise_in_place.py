r"""Inputs standardised in the caller's array.

`X -= X.mean(axis=0); X /= X.std(axis=0)` is how standardisation is usually introduced, and at
the top of a script it is fine. Moved into a function it still returns the right numbers, but it
also changes the data of whoever called it.

The function remains right for as long as each array passes through it once. The trouble starts
with the second call. After `standardise(train, valid)` the training set has mean 0 and variance
1, so `standardise(train, test)` subtracts 0 and divides by 1, and the test set stays in raw
units. The network is then scored on pixels of 0 to 255 after training on numbers around 0.
Cross-validation does the same more quietly. Where folds are slices of one array, and so views
of it, the second fold starts from rows that were scaled by the statistics of the first, to which
its own held-out rows contributed. And raw data that were to be plotted or saved are no longer
raw.

What is missed is that a function of data has changed its argument; the value it returns passes
any test. Such a test commonly builds a fresh array and looks at the mean and variance of the
result, both of which are right.

The same test set by way of the same training set, the first time and the second:

>>> train, test = np.array([[0.0], [200.0]]), np.array([[300.0]])
>>> [standardise(train, test.copy())[1].item() for _ in range(2)]
[2.0, 300.0]
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    for i, A in enumerate((X, *others)):
        name = "X" if i == 0 else f"others[{i - 1}]"
        if require_array(name, A).dtype.kind != "f":
            msg = f"{name} has dtype {A.dtype} and shape {A.shape}, expected floating numbers"
            raise TypeError(msg)
        if A.ndim != 2 or A.shape[1] != X.shape[1]:
            msg = f"{name} has shape {A.shape}, expected (N, {X.shape[-1]})"
            raise ValueError(msg)
        require_finite(name, A)
    # In float64 whatever the dtype: a mean of 60,000 float32 pixels loses three digits.
    mean = X.mean(axis=0, dtype=np.float64)
    std = X.std(axis=0, dtype=np.float64)
    # The mean of equal numbers may be off by a rounding, and their std above 0.
    scale = np.where((std > 0) & (np.ptp(X, axis=0) > 0), std, 1)
    for A in (X, *others):
        A -= mean  # BUG: the caller's own rows
        A /= scale
    return (X, *others)


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.WRONG,
    flagged_by=("data_unchanged",),
    right=r"return $(X - \mu) / \sigma$, and $X$ is left alone",
    wrong=r"$X \leftarrow (X - \mu) / \sigma$, and return $X$",
    symptom=(
        "The first call is right. A later call with the same training set leaves the other set "
        "in raw units, and accuracy on it is near chance; raw data turn out to be standardised."
    ),
    preconditions="The caller uses the array, or an overlapping view of it, again.",
    why_missed=(
        "The returned arrays are right, with mean 0 and variance 1. Nothing in training or in a "
        "gradient check looks at the caller's array afterwards."
    ),
    fix="`(A - mean) / scale`, which makes new arrays.",
    origin=("keras-team/keras#4724",),
    related=("GB016", "GB018"),
)
