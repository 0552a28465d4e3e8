r"""Variance as the mean of squares less the squared mean.

$\mathrm{E}[x^2] - \mathrm{E}[x]^2$ needs one pass over the data, and every statistics course
proves it equal to $\mathrm{E}[(x - \mathrm{E}[x])^2]$. The proof is about real numbers. When the
mean is large against the spread, both terms are large and nearly the same, and what is left after
the subtraction are their rounding errors.

Take pixel sums, years, temperatures in kelvin, coordinates in metres, stamps in seconds: a mean
of 10,000 with a spread of 1 is nothing unusual. Its square is $10^8$, whose float32 neighbours
are 8 apart. The variance of 1 can come out only as a multiple of 8, then: 0, 8, 16, or -8, the
square root of which is NaN. Batch normalisation has had this in several libraries, since one pass
is faster on a GPU, and their issue trackers have the negative variances to show for it. Clamping
at zero removes the NaN and leaves the wrong scale.

In float64 the same thing waits at an offset of $10^8$, which tests don't have and timestamps do.

Numbers of standard deviation 3 around four offsets, in float32, and the standard deviation that
they are left with:

>>> rng = np.random.default_rng(0)
>>> X = 3 * rng.normal(size=(1000, 1)) + np.array([0.0, 100.0, 1000.0, 10000.0])
>>> with np.errstate(invalid="ignore"):
...     standardise(X.astype(np.float32))[0].std(axis=0)
array([0.99999994, 1.0004264 , 1.0201851 , 2.9302604 ], dtype=float32)
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
    mean = X.mean(axis=0)
    std = np.sqrt((X * X).mean(axis=0) - mean * mean)  # BUG: two large numbers, nearly equal
    # The mean of equal numbers may be off by a rounding, and their std above 0.
    scale = np.where((std > 0) & (np.ptp(X, axis=0) > 0), std, 1)
    return tuple(((A - mean) / scale).astype(A.dtype) for A in (X, *others))


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.WRONG,
    flagged_by=("standardised_columns",),
    right=r"$\sigma^2 = \dfrac{1}{N} \sum_i (x_i - \mu)^2$",
    wrong=r"$\sigma^2 = \dfrac{1}{N} \sum_i x_i^2 - \mu^2$",
    symptom=(
        "Columns far from 0 aren't of variance 1 after all: too flat, too steep or not scaled at "
        "all. NumPy may warn of an invalid value in `sqrt`."
    ),
    preconditions=(
        "A column whose mean is about 1,000 times its standard deviation or more in float32, or "
        "$10^7$ times in float64."
    ),
    why_missed=(
        "Data for tests are drawn around 0, where nothing cancels and the two formulas agree to "
        "the last digits. A network trained on badly scaled inputs still learns something."
    ),
    fix="`X.std(axis=0)`, which takes the mean off first, and in float64.",
    origin=("google/flax#1491", "tensorflow/tensorflow#3290", "google/objax#182"),
    related=("GB014",),
)
