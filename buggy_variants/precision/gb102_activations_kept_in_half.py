r"""Activations kept in half precision.

Between the forward pass and the backward pass, what takes memory is the activations. Keeping them
as float16 cuts that in two, or in four, and nothing of the forward pass changes: each layer
computes in the full precision and only *remembers* a shorter copy of its input. On a GPU this is
done for good reasons and with a scale beside it. The version for a weekend is one `astype`.

A float16 has 11 bits, so each entry is off by up to one part in 2,048, and the weight gradient
$x^T dz$ inherits that. Logits, loss and the gradient of the inputs are right to the last bit,
since none of them uses the copy. A relative error of $2 \cdot 10^{-4}$ in the weights' gradients
is nothing that a training run would show. What a run can show is the range: a float16 ends at
65,504 and has nothing below $6 \cdot 10^{-8}$. Inputs left in raw units, a salary or a timestamp,
become infinite, and the first weight gradient is `inf` or NaN while the loss is a perfectly
ordinary number.

One column of ordinary size, and one beyond the range:

>>> x, dz = np.array([[0.1, 70000.0]]), np.array([[1.0]])
>>> with np.errstate(over="ignore"):
...     z, cache = HalfCache().forward(x, {"W": np.ones((2, 1)), "b": np.zeros(1)})
>>> float(z[0, 0])
70000.1
>>> HalfCache().backward(cache, dz, {"W": np.ones((2, 1))})[1]["W"].T
array([[0.09997559,        inf]])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class HalfCache(Linear):
    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
        z, x = super().forward(x, params)
        return z, x.astype(np.float16)  # BUG: three digits, and nothing beyond 65,504

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        return super().backward(cache.astype(dz.dtype), dz, params)


bug = Bug(
    replaces={"linear": HalfCache},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "floating_point_warnings",
        "cross_precision",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dW = x^T dz$",
    wrong=r"$dW = \mathrm{fl}_{16}(x)^T dz$",
    symptom=(
        "Training is as good as before, until an input or an activation exceeds 65,504: then one "
        "row of a weight gradient is `inf`, and the loss that went with it was fine."
    ),
    preconditions="None for the rounding; for the overflow, inputs that were never scaled.",
    why_missed=(
        "With a tolerance of $10^{-3}$, which many give a gradient check in float32, an error of "
        "$2 \\cdot 10^{-4}$ passes. The gradients of inputs and biases don't use the copy."
    ),
    fix="Cache `x` itself; it isn't a copy, and costs no memory that isn't in use already.",
    origin=("synthetic",),
    related=("GB095", "GB107"),
    dtypes=("float64",),
    inconclusive_in=("symmetric_jacobian",),
)
