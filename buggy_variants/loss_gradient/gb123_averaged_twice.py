r"""Averaged over the batch twice.

The gradient of the loss is divided by $N$, since the loss is a mean. The layer's formulas, from
another source, are $\tfrac{1}{m}\, x^\top dz$ and $\tfrac1m \sum dz$, since there $dz$ stood for
the gradient of a sum. Each is right with its own partner. Put together, every parameter's gradient
is $N$ times too small.

It is the quiet sibling of the sum that was taken for a mean. There the network blows up and one
goes looking; here it learns slowly and one waits, or raises the learning rate to 3 and is
pleased to have found such a stable network. At a batch of one it is right. Adam divides by the
gradient's size and repairs it, except for very small gradients, where its epsilon comes into play
$N$ times sooner.

What flows down to the layers below is right, as `dx` has no such factor, so it doesn't get worse
with depth.

>>> import numpy as np
>>> x, dz = np.ones((8, 1)), np.full((8, 1), 1 / 8)
>>> params = {"W": np.ones((1, 1)), "b": np.zeros(1)}
>>> [float(layer().backward(x, dz, params)[1]["b"][0]) for layer in (Linear, AveragingAgain)]
[1.0, 0.125]
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class AveragingAgain(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        m = len(x)  # BUG: dz is the gradient of a mean already
        dx = dz @ params["W"].T
        dW = x.T @ dz / m
        db = dz.sum(axis=0) / m
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": AveragingAgain},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "saturated_differences",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dW = x^\top dz, \quad db = \sum_n dz_n$, where $dz$ has the $1/N$",
    wrong=r"$dW = \tfrac1N x^\top dz, \quad db = \tfrac1N \sum_n dz_n$",
    symptom="Training is slow, and slower with larger batches.",
    preconditions="A batch of more than one sample.",
    why_missed="The direction is right, and a higher learning rate makes up for the factor.",
    fix="Divide in one place.",
    origin=("synthetic",),
    related=("GB031", "GB051", "GB063"),
)
