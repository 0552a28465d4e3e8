r"""One mean and one scale for all columns.

`(X - X.mean()) / X.std()` is right for images, whose pixels share one unit, and is often meant that
way: a single number for the mean brightness of MNIST, 0.1307, can be found in a great many
programs. For a table it is the axis that was forgotten. An age in years, an income and a ratio
between 0 and 1 are added up into one mean, and divided by one scale, which is that of the income.

Nothing is standardised then but the largest column. Those of smaller numbers end up as constants,
offset by the same amount and with no spread that a weight of order 1 could make use of; to the
network they are a second bias. Learning isn't impossible, it takes weights in proportion to the
lost scale, and gradient descent takes very long to get there.

The mean over the whole array is 0 and its variance 1, as expected, and that is how it is mostly
looked at.

A column of order 1 beside one of order 10,000, and the spread of each afterwards:

>>> X = np.array([[0.1, 20000.0], [0.9, 40000.0]])
>>> (Z,) = standardise(X)
>>> Z.round(2)
array([[-0.9 ,  0.3 ],
       [-0.9 ,  1.51]])
>>> round(float(Z.mean()), 6), round(float(Z.std()), 6)
(0.0, 1.0)
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    for i, A in enumerate((X, *others)):
        require_finite("X" if i == 0 else f"others[{i - 1}]", require_array("X", A))
    mean = X.mean(dtype=np.float64)  # BUG: of all columns together, axis=0 is missing
    std = X.std(dtype=np.float64)
    scale = std if std > 0 else 1.0
    return tuple(((A - mean) / scale).astype(A.dtype) for A in (X, *others))


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.WORSE,
    flagged_by=("standardised_columns",),
    right=r"$z_{ij} = (x_{ij} - \mu_j) / \sigma_j$",
    wrong=r"$z_{ij} = (x_{ij} - \mu) / \sigma$",
    symptom="Columns of small numbers are constants to the network, which learns from the largest.",
    preconditions="Columns in different units.",
    why_missed=(
        "On images it does no harm. The mean and variance of the whole array are 0 and 1, and a "
        "test on columns of one distribution finds them right within a few percent."
    ),
    fix="`X.mean(axis=0)` and `X.std(axis=0)`.",
    origin=("synthetic",),
    related=("GB169",),
)
