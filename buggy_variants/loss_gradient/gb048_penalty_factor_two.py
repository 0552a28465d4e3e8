r"""A factor of two between the penalty and its gradient.

Is the penalty $\lambda \lVert W \rVert^2$ or $\tfrac{\lambda}{2} \lVert W \rVert^2$? Papers on
weight decay give $\lambda$ as the factor in the update, which goes with the half. Libraries that
offer a regulariser, such as Keras' `l2(0.01)`, leave the half away, so that the same number means
twice the decay. Code that takes the loss from one and the gradient from the other contradicts
itself by a factor of two.

The weights are decayed by half of what the printed loss asks for. Its minimum is elsewhere than
where the gradient vanishes, so that a network that has converged still isn't at the minimum of its
own loss, by a small amount that grows with $\lambda$. Reproductions of papers differ by exactly
this factor more often than by any other, and a factor of two in a number that is chosen
from 0.1, 0.01 and 0.001 anyway is never noticed by its effect.

In one dimension, with $L = \tfrac12 (W - 1)^2$ and a strength of 1, the penalised loss is
minimal at $W = 1/3$, and the gradient says $1/2$:

>>> import numpy as np
>>> W, penalty = np.linspace(0, 1, 601), PenaltyWithoutHalf(1.0)
>>> total = [(w - 1) ** 2 / 2 + penalty.value({"0.W": np.array([[w]])}) for w in W]
>>> slope = [(w - 1) + penalty.gradient({"0.W": np.array([[w]])})["0.W"].item() for w in W]
>>> round(float(W[np.argmin(total)]), 3), round(float(W[np.argmin(np.abs(slope))]), 3)
(0.333, 0.5)
"""

from collections.abc import Mapping
from typing import Any

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array, Params


class PenaltyWithoutHalf(L2Penalty):
    def value(self, params: Mapping[str, Array]) -> Any:
        weights = [W for name, W in params.items() if name.endswith("W")]
        return sum(self.strength * (W * W).sum() for W in weights)  # BUG: half of that is meant


class GradientTimes(L2Penalty):
    factor = 2.0

    def gradient(self, params: Mapping[str, Array]) -> Params:
        return {name: self.factor * g for name, g in super().gradient(params).items()}


bug = Bug(
    replaces={"penalty": PenaltyWithoutHalf},
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
    right=r"$R = \tfrac{\lambda}{2} \lVert W \rVert^2, \quad dR = \lambda W$",
    wrong=r"$R = \lambda \lVert W \rVert^2, \quad dR = \lambda W$",
    symptom="Regularisation is half as strong as the same strength elsewhere.",
    preconditions="A strength above 0.",
    why_missed="Checks are made without the penalty, and strengths are chosen by powers of ten.",
    fix="A half in the value, or a 2 in the gradient.",
    origin=("liuzhuang13/DenseNet#57",),
    related=("GB035", "GB047"),
    also=forms("penalty", GradientTimes, "in the gradient, times", factor=(2.0, 0.5)),
)
