r"""A penalty that is not reported.

Weight decay as a line of the update, $W \leftarrow (1 - \eta\lambda) W - \eta\, dW$, never comes
near the loss. The loss that is printed is that of the data. Plenty of respectable code works like
that: every optimiser with a `weight_decay` argument does. The gradient that is used isn't the
gradient of the number that is shown, and nobody claims that it is.

It becomes a bug when something takes the two for a pair. A gradient check fails by exactly
$\lambda W$, and the hours go into the backward pass. A line search asks for a decrease of the
printed loss along a direction that decreases another function, and shrinks its step
to nothing. Early stopping and comparisons between strengths by the printed training loss favour
no penalty at all, since the fit to the training data is then the closest.

So it is a matter of contract, and the reference's is that `loss` is what `gradients`
differentiates. The weights decay, and the penalty's value is 0 all along:

>>> import numpy as np
>>> params, penalty = {"0.W": np.array([[3.0, 4.0]])}, PenaltyNotReported(0.1)
>>> float(penalty.value(params)), penalty.gradient(params)["0.W"]
(0.0, array([[0.3, 0.4]]))
"""

from collections.abc import Mapping
from typing import Any

from buggy_variants.bug import Bug, Severity, Status
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array


class PenaltyNotReported(L2Penalty):
    def value(self, params: Mapping[str, Array]) -> Any:
        return 0.0  # BUG: the gradient has a penalty that the loss knows nothing of


bug = Bug(
    replaces={"penalty": PenaltyNotReported},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "forward_formulas",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$L = L_{\text{data}} + \tfrac{\lambda}{2} \lVert W \rVert^2$",
    wrong=r"$L = L_{\text{data}}$, while $dW = x^\top dz + \lambda W$",
    symptom="A gradient check is off by $\\lambda W$; the printed loss may rise in training.",
    preconditions="A strength above 0.",
    why_missed="Training does what was meant, and checks made without a penalty pass.",
    fix="Add the penalty to the loss, or decay in the optimiser and leave it out of the gradients.",
    origin=("synthetic",),
    related=("GB049", "GB047"),
    status=Status.CONTRACT,
    context=(
        "Decay is right as a rule of the update. It bites where loss and gradients are taken for "
        "a pair: gradient checks, line searches, L-BFGS, comparisons by the printed loss."
    ),
)
