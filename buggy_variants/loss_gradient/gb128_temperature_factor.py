r"""The temperature's inner derivative.

Softmax at a temperature $T$ is softmax of $z / T$. Distillation uses it, and so do calibrated
classifiers. The division goes into the forward pass and comes back from the backward pass by the
chain rule: `p - y` is the gradient by $z / T$, and by $z$ there is another $1 / T$. It is
left out, because `p - y` is known to be the gradient of cross-entropy.

For a fixed temperature it is a constant factor and, to plain descent, a learning rate that is $T$
times higher. When the loss is added to another, as in distillation, it changes their balance.
The paper that introduced this weighs the soft loss by $T^2$, precisely since its gradients scale as
$1 / T^2$; with a factor missing the weight is wrong by as much. And a temperature that changes
during training now changes the step as well as the softness.

At $T = 2$ every ratio to the differences is 2:

>>> import numpy as np
>>> z, y, h = np.array([[1.0, 0.0]]), np.array([0]), 1e-6
>>> def value(s):
...     return Tempered().value(z + np.array([[s, 0.0]]), y)
>>> round(float(Tempered().gradient(z, y)[0, 0] / ((value(h) - value(-h)) / (2 * h))), 4)
2.0
"""

from typing import Any

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array


class Tempered(SoftmaxCrossEntropy):
    temperature = 2.0

    def value(self, z: Array, y: Array) -> Any:
        return super().value(z / self.temperature, y)

    def gradient(self, z: Array, y: Array) -> Array:
        return super().gradient(z / self.temperature, y)  # BUG: by z / T; by z it is 1 / T


bug = Bug(
    replaces={"softmax_cross_entropy": Tempered},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "forward_formulas",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dz = \dfrac{\operatorname{softmax}(z / T) - y}{T N}$",
    wrong=r"$dz = \dfrac{\operatorname{softmax}(z / T) - y}{N}$",
    symptom="The best learning rate depends on the temperature; summed losses are out of balance.",
    preconditions="A temperature other than 1.",
    why_missed="Cosine similarity is 1, and tests use $T = 1$.",
    fix="Divide the gradient by the temperature.",
    origin=("synthetic",),
    related=("GB125",),
    also=forms(
        "softmax_cross_entropy", Tempered, "with a temperature of", temperature=(0.5, 3, 4, 5, 10)
    ),
)
