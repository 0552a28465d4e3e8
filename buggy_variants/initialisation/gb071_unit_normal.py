r"""Weights of unit variance.

`np.random.randn(n_in, n_out)` is the shortest way to random weights, and for three inputs a fair
one. The sum over $n$ inputs has $n$ times the variance of a single term, though: with 784 pixels,
pre-activations are of the order of ten and more.

A sigmoid or tanh unit is then saturated from the start and has a derivative near 0. Relu units
aren't, so their large numbers go on into the next layer, which multiplies them once more, and the
first softmax is certain about everything it says, mostly in error. The first losses are in the tens
or hundreds where $\ln K$ is the price of guessing, and the first epochs are spent on undoing the
start. That succeeds in small networks, so the habit survives; in deeper ones or in float32
it ends in overflow.

The gradients are right, of a badly chosen place. The first loss says so before any training, here
for ten classes:

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> X, y = rng.normal(size=(100, 784)), rng.integers(10, size=100)
>>> float(mlp((784, 100, 10), rng=rng, initialiser=he_normal).loss(X, y).round())
334.0
>>> float(mlp((784, 100, 10), rng=rng).loss(X, y).round(1))
2.9
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    return rng.normal(0, 1, (n_in, n_out)).astype(dtype)  # BUG: the same at every width


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_network",
        "initial_spread",
        "convergence",
    ),
    right=r"$W_{jk} \sim N(0, 2 / n_{in})$",
    wrong=r"$W_{jk} \sim N(0, 1)$",
    symptom=(
        "A first loss far above $\\ln K$, units that are saturated or huge, and a curve whose "
        "first part only brings the weights down."
    ),
    preconditions="More than a few inputs.",
    why_missed=(
        "Gradient checks use layers of a handful of units, where a variance of 1 is about right, "
        "and in the end it often trains."
    ),
    fix="Scale by $\\sqrt{2 / n_{in}}$ before a relu, $\\sqrt{1 / n_{in}}$ or Glorot's elsewhere.",
    origin=("notebook 000, line 18", "notebook 001, lines 11 and 219"),
    related=("GB072", "GB147", "GB149"),
)
