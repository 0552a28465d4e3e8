r"""Biases penalised in the loss only.

`sum((p ** 2).sum() for p in params.values())` is a line shorter than one that picks out the
weights. It takes the biases along. The gradient, written layer by layer, adds $\lambda W$ to
$dW$ and leaves $db$ as it is, as most texts advise: a bias makes no function more complicated.

Biases start at 0, where $\tfrac{\lambda}{2} b^2$ and its derivative are both 0. At the start
of training, then, when gradients are commonly checked, the two versions agree to the last bit.
They drift apart as the biases move, and never by much: the printed loss includes a term that
nobody minimises. Early stopping by the printed training loss may pick another epoch. The real
cost is that a check made late in training fails for a harmless reason, after which people
stop believing their checks.

The difference of the loss along a bias, less its gradient, is $\lambda b$:

>>> import numpy as np
>>> def discrepancy(b, h=1e-6):
...     up, down = ({"0.b": np.array([b + s])} for s in (h, -h))
...     penalty = BiasPenalisedInLoss(0.1)
...     return round(float((penalty.value(up) - penalty.value(down)) / (2 * h)), 6)
>>> discrepancy(0.0), discrepancy(0.5)
(0.0, 0.05)
"""

from collections.abc import Mapping
from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array


class BiasPenalisedInLoss(L2Penalty):
    def value(self, params: Mapping[str, Array]) -> Any:
        everything = params.values()  # BUG: with the biases, which the gradient leaves out
        return sum(0.5 * self.strength * (p * p).sum() for p in everything)


bug = Bug(
    replaces={"penalty": BiasPenalisedInLoss},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "forward_formulas",
        "saturated_differences",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$R = \tfrac{\lambda}{2} \sum_l \lVert W_l \rVert^2$",
    wrong=r"$R = \tfrac{\lambda}{2} \sum_l (\lVert W_l \rVert^2 + \lVert b_l \rVert^2)$",
    symptom="The printed loss has a term that training doesn't lower.",
    preconditions="A strength above 0 and a bias other than 0.",
    why_missed="Fresh biases are 0, and there value and derivative of the extra term vanish.",
    fix="Name the penalised parameters once, and let value and gradient share the list.",
    origin=("synthetic",),
    related=("GB049", "GB119"),
)
