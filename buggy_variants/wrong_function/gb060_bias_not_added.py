r"""Bias that is never added.

The parameter is there. It is created, saved, counted in the model's summary and handed to the
optimiser. Only the forward pass has `x @ W` where it should have `x @ W + b`. A derivation that
leaves the bias out for brevity is often where this starts, and so is code that used to carry a
column of ones in its inputs and dropped the column later.

What doesn't enter the loss has a derivative of 0, and 0 is what the backward pass returns. So
differences of the loss confirm the gradient, entry by entry. Training moves the weights
alone, and standardised inputs ask for little more. The loss is a bit higher than it could be,
because every unit's boundary goes through the origin, and all logits of a blank image are equal.

That blank image is the test. Whatever the biases are, zeros in give zeros out:

>>> params = {"W": np.ones((3, 2)), "b": np.array([5.0, -1.0])}
>>> z, cache = BiasNotAdded().forward(np.zeros((1, 3)), params)
>>> z
array([[0., 0.]])
>>> BiasNotAdded().backward(cache, np.ones((1, 2)), params)[1]["b"]
array([0., 0.])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasNotAdded(Linear):
    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
        z = x @ params["W"]  # BUG: params["b"] takes no part
        return z, x

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = np.zeros_like(params["b"])
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasNotAdded},
    severity=Severity.WORSE,
    flagged_by=(
        "forward_formulas",
        "everything_matters",
        "convex_optimum",
    ),
    right=r"$z = x W + b$",
    wrong=r"$z = x W$",
    symptom=(
        "Biases stay at their initial values for ever. An input of zeros gives the same logit to "
        "every class."
    ),
    preconditions="A bias that isn't zero; at the usual start there is no difference yet.",
    why_missed=(
        "A zero gradient is right for a parameter that does nothing. On centred inputs the "
        "network hardly misses it."
    ),
    fix="`x @ W + b`, and a test of the output at an input of zeros.",
    origin=(
        "notebook 001, lines 11-13 and 166: a layer without a bias, and the gradient of it",
        "DeepCrime, mutation operator WRB",
    ),
    related=("GB059",),
)
