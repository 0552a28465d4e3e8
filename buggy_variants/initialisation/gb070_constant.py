r"""Weights that start all the same.

Who has heard that zeros are bad takes `np.ones(shape)`. Activations aren't zero any more,
gradients flow through all layers, and the loss goes down. It looks as if the advice had helped.

The trouble with zeros was not that they are zero. Units of one layer with equal weights compute the
same number, pass it on through equal weights, and are handed the same gradient, so that one step
later they are equal again. Nothing in gradient descent can tell them apart. A hidden layer of any
width acts as a single unit, counted many times.

Two things blur this. The last layer may be drawn properly; then gradients differ from unit to unit
and the symmetry breaks after all, slowly. And a sum over n inputs all weighted 1 is an average
times $n$: large where inputs are positive, as in images, and near nothing where they are centred.
How many different units there are is easy to count:

>>> W = he_normal(5, 30, rng=np.random.default_rng(0))
>>> len(np.unique(W, axis=1).T), np.linalg.matrix_rank(W)
(1, np.int64(1))
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
    value: float = 1.0,
) -> Array:
    W: Array = np.full((n_in, n_out), value, dtype)  # BUG: the same for every unit of the layer
    return W


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_draws",
        "initial_network",
        "initial_spread",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$W_{jk} \sim N(0, 2 / n_{in})$",
    wrong=r"$W_{jk} = 1$",
    symptom=(
        "The network learns like one with a single hidden unit, or for a long time so. More units "
        "don't help."
    ),
    preconditions="A hidden layer of more than one unit.",
    why_missed=(
        "Nothing is zero, nothing is NaN, all gradients are right and the loss falls. Nobody looks "
        "at two columns of weights side by side."
    ),
    fix="Draw each weight by itself.",
    origin=("synthetic",),
    related=("GB069", "GB074"),
    also=forms("he_normal", he_normal, "with weights of", value=(0.01, 0.1, 0.5)),
)
