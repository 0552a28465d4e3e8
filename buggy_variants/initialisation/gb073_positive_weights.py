r"""Weights that are all positive.

`rand` and `randn` differ by a letter and by what they draw: one is uniform from 0 to 1, the other
normal around 0. Times 0.01 both give small numbers, in the right shape, different from each other.

If no weight is negative, no unit can subtract. Given images, whose pixels are positive as well,
all units of a layer are on for every input and rise and fall together, so that a hundred of them
carry little more than one does: the mean brightness, over and over. What distinguishes the units is
the small spread around that common part. Training has to build the negative weights first, from
gradients that pull all units the same way, and needs its time for it.

Neither the loss nor the spread of the weights is unusual at the start, gradients are right, and
it does train in the end. Of sixteen checks that people commonly make on a network none objected to
it. The mean, or counting signs, is enough:

>>> W = he_normal(784, 100, rng=np.random.default_rng(0))
>>> float(W.mean().round(4)), float((W > 0).mean())
(0.005, 1.0)
>>> h = np.random.default_rng(1).random((50, 784)) @ W
>>> float(np.corrcoef(h.T).mean().round(2))
0.71
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp._arrays import Array


def he_normal(
    n_in: int,
    n_out: int,
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
    scale: float = 0.01,
) -> Array:
    return (rng.random((n_in, n_out)) * scale).astype(dtype)  # BUG: from 0 on, none negative


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_network",
        "initial_spread",
    ),
    right=r"$W_{jk} \sim N(0, 2 / n_{in})$",
    wrong=r"$W_{jk} \sim U(0, 0.01)$",
    symptom="Units of a layer are nearly copies of each other, and training starts slowly.",
    preconditions="A hidden layer; inputs that are positive make it worse.",
    why_missed=(
        "Weights are random, small and distinct, gradients are right, and the first loss is "
        "$\\ln K$, as it should be."
    ),
    fix="`rng.normal(0, std, shape)`, or a uniform law from -a to a.",
    origin=("notebook 003, line 37",),
    related=("GB070", "GB071"),
    also=forms("he_normal", he_normal, "with weights up to", scale=(0.1, 1)),
)
