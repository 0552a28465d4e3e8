r"""The penalty spares the first row.

Where parameters are kept as one matrix $\theta$ whose row 0 belongs to the bias, regularisation
leaves that row out: `reg[1:] = l2 * theta[1:]`. It is an exercise in a well-known course, and
its solution is copied from there. Here the bias is an array of its own, and row 0 of $W$ is the
first input's weights. These are no longer decayed; the loss counts them all the same.

By its size the error is that of one row among many. It is the first row, though, and in every
layer. If the first feature is a constant, or a column that was put there to act as one, the effect
may even be intended. If it is an ordinary feature, its weights grow freely, and a
feature-importance plot ranks it above its equals for having come first.

Three weights under nothing but the penalty's gradient, after ten steps that should each multiply
all of them by 0.95:

>>> import numpy as np
>>> params, penalty = {"0.W": np.ones((3, 1))}, SparingFirstRow(0.1)
>>> for _ in range(10):
...     params["0.W"] -= 0.5 * penalty.gradient(params)["0.W"]
>>> params["0.W"].ravel().round(3)
array([1.   , 0.599, 0.599])
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array, Params


class SparingFirstRow(L2Penalty):
    def gradient(self, params: Mapping[str, Array]) -> Params:
        grads = super().gradient(params)
        for g in grads.values():
            g[0] = 0  # BUG: row 0 holds weights, the bias is an array of its own
        return grads


bug = Bug(
    replaces={"penalty": SparingFirstRow},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "after_training",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dW_{ij} = (x^\top dz)_{ij} + \lambda W_{ij}$",
    wrong=r"$dW_{ij} = (x^\top dz)_{ij} + \lambda W_{ij} [i > 0]$",
    symptom="The weights of the first input are larger than those of its equals.",
    preconditions="A strength above 0.",
    why_missed="All other rows are right, and so is everything without a penalty.",
    fix="Penalise all of $W$; it has no row for the bias.",
    origin=("synthetic",),
    related=("GB053", "GB119"),
)
