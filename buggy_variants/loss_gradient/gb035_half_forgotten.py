r"""The half of the squared error.

Squared error comes in two conventions. With $\tfrac12 (z - y)^2$ the derivative is $z - y$; with
$(z - y)^2$ it is $2 (z - y)$. The half exists for no other purpose than to cancel the 2, and so it
is dropped and added freely, in one line at a time. Here the loss has no half and the
gradient has no 2, so that the gradient is half of what belongs to the printed loss.

A factor of two is the hardest of all factors to care about. The direction is right, the minimum is
right, and half a learning rate trains a network as well as a whole one. Who compares two
implementations by their loss curves finds one at exactly twice the other and blames the data.
The factor matters where terms are added whose scale is given: an L2 penalty regularises
twice as much, and in a sum of two losses the weights are not what they claim to be.

In a gradient check the ratio is 0.5 in every entry, which is its signature:

>>> import numpy as np
>>> z, y, h = np.array([[1.5, -0.5]]), np.array([[1.0, 1.0]]), 1e-6
>>> loss, step = UnhalvedSquaredError(), np.array([[h, 0]])
>>> numeric = (loss.value(z + step, y) - loss.value(z - step, y)) / (2 * h)
>>> float(loss.gradient(z, y)[0, 0]), round(float(numeric), 6)
(0.5, 1.0)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import SquaredError
from reference_mlp._arrays import Array


class UnhalvedSquaredError(SquaredError):
    def value(self, z: Array, y: Array) -> Any:
        r = z - self._targets(z, y)
        return (r * r).sum(axis=1).mean()  # BUG: without the half that the gradient counts on


bug = Bug(
    replaces={"squared_error": UnhalvedSquaredError},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$L = \tfrac{1}{2N} \sum (z - y)^2, \quad dz = (z - y) / N$",
    wrong=r"$L = \tfrac{1}{N} \sum (z - y)^2, \quad dz = (z - y) / N$",
    symptom="Training at half the rate that was asked for, and a penalty of twice the strength.",
    preconditions="None.",
    why_missed="Cosine similarity is 1, and convergence doesn't mind a factor of two.",
    fix="Keep the half in the loss, or the 2 in the gradient.",
    origin=("Open-Deep-ML/DML-OpenProblem#54",),
    related=("GB032", "GB048"),
)
