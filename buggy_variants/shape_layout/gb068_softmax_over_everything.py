r"""Softmax without an axis.

`np.exp(z) / np.sum(np.exp(z))` is right for a vector, which is what the formula in the book is
about. A sum without an axis is over everything, though, and when a batch comes along the function
returns a table whose entries sum to 1 all together. Each sample gets a share of it, about $1/N$.

Fed into the usual gradient, $p - y$, the probabilities are N times too small. The label's
entry is near $-1$ for every sample, however well it is classified, and the pull to raise the right
logit never ends. It does raise it, so training looks successful for a while: the right class is
most often the largest. Weights then go on growing, and a loss that is computed with
the correct log-softmax beside it stops agreeing with the gradient.

An assertion on the total, `np.isclose(p.sum(), 1)`, is met. Rows are what has to be asked for, and
a batch of one can't show it:

>>> z = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
>>> softmax(z).sum(axis=1), softmax(z[:1]).sum(axis=1)
(array([0.5, 0.5]), array([1.]))
>>> float(softmax(z).sum().round(6))
1.0
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p: Array = e / e.sum()  # BUG: no axis, so the whole batch sums to 1
    return p


bug = Bug(
    replaces={"softmax": softmax},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "saturated_differences",
        "extreme_logits",
        "softmax_ulps",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$p_{ik} = \dfrac{e^{z_{ik}}}{\sum_j e^{z_{ij}}}$",
    wrong=r"$p_{ik} = \dfrac{e^{z_{ik}}}{\sum_{l,j} e^{z_{lj}}}$",
    symptom=(
        "Probabilities of a batch of N are about N times too small, weights grow without end, and "
        "the same sample has another probability in every batch."
    ),
    preconditions="A batch of more than one sample.",
    why_missed=(
        "It was written and tested with one vector. In a batch the largest entry of each row is "
        "still the right one, so accuracy says nothing."
    ),
    fix="`e.sum(axis=1, keepdims=True)`, and a test that every row sums to 1.",
    origin=("notebook 001, lines 37 and 214",),
    related=("GB002", "GB056"),
)
