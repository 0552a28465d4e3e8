r"""Bias gradient summed over everything.

`db = np.sum(dz)`, with the axis left away. For a single unit, with which most derivations begin,
it is the right sum. For a layer it adds the units up as well, into one number, and `b -= rate * db`
accepts a number as gladly as a vector. All biases of a layer then move together.

In the output layer under softmax this number has a peculiar value. The gradient of each row sums
to 0 over the classes, so the sum over everything is 0, up to rounding: the output biases never
move. In hidden layers it is what the units' gradients have in common, and it may lower the
bias of a unit that should have raised it. Both look like a bias that isn't worth much.

An update that checks shapes refuses the scalar. Written with `np.full_like` or a broadcast, as
here, it gets through all of them:

>>> x, dz = np.ones((2, 3)), np.array([[0.2, -0.5, 0.3], [0.1, 0.6, -0.7]])
>>> params = {"W": np.ones((3, 3)), "b": np.zeros(3)}
>>> for layer in (Linear, BiasGradientOfAll):
...     print(layer().backward(x, dz, params)[1]["b"].round(3) + 0.0)
[ 0.3  0.1 -0.4]
[0. 0. 0.]
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasGradientOfAll(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = np.full_like(params["b"], dz.sum())  # BUG: over the units too, without axis=0
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasGradientOfAll},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "saturated_differences",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$db_k = \sum_n dz_{nk}$",
    wrong=r"$db_k = \sum_{n, j} dz_{nj}$ for every $k$",
    symptom="All biases of a layer are equal, and those of a softmax layer stay at 0.",
    preconditions="A layer of more than one unit.",
    why_missed="With one output it is right, and weights make up for most of what biases miss.",
    fix="`dz.sum(axis=0)`.",
    origin=("synthetic",),
    related=("GB062", "GB054"),
)
