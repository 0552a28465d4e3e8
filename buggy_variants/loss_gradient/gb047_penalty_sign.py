r"""Sign of the penalty's gradient.

The update with weight decay is remembered as $W \leftarrow W - \eta\, dW - \eta \lambda W$, with a
minus before the last term. Whoever moves that term into the gradient, where a plus belongs,
and keeps its minus has written $dW - \lambda W$: a penalty that rewards. Weights that the data
say nothing about are no longer drawn to zero, they are multiplied by $1 + \eta\lambda$ at each
step.

For the strengths in use this takes long to show. With $\eta\lambda = 10^{-5}$ a weight needs
70,000 steps to double, and until then the network fits the training set, if anything, a little
better. The validation score gets worse as the strength is raised, from which one concludes that
this problem needs no regularisation. Left to train for long, weights and logits grow without
bound, and the printed loss, whose penalty has the right sign, ends up dominated by it.

At a strength of 0 nothing is wrong, and many a gradient check is made at 0.

>>> import numpy as np
>>> params, penalty = {"0.W": np.array([[2.0]])}, PenaltyThatRewards(0.1)
>>> before = penalty.value(params)
>>> params["0.W"] -= 0.5 * penalty.gradient(params)["0.W"]
>>> round(float(before), 4), round(float(penalty.value(params)), 4)
(0.2, 0.2205)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array, Params


class PenaltyThatRewards(L2Penalty):
    def gradient(self, params: Mapping[str, Array]) -> Params:
        weights = {name: W for name, W in params.items() if name.endswith("W")}
        return {name: -self.strength * W for name, W in weights.items()}  # BUG: descent, not decay


bug = Bug(
    replaces={"penalty": PenaltyThatRewards},
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
    right=r"$dW = x^\top dz + \lambda W$",
    wrong=r"$dW = x^\top dz - \lambda W$",
    symptom="A stronger penalty gives larger weights and a worse validation score.",
    preconditions="A strength above 0.",
    why_missed="Checks made without the penalty can't see it, and short training hardly does.",
    fix="Add the penalty's gradient, as the penalty is added to the loss.",
    origin=("andersbll/nnet#4",),
    related=("GB048", "GB049"),
)
