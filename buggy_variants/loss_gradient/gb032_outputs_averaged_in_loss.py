r"""Outputs averaged in the loss, summed in its gradient.

`((z - y) ** 2).mean() / 2` is a short way to write the squared error, and `mean` without an axis
averages over everything: the $N$ rows and the $K$ outputs. The gradient is taken from a book,
$(z - y) / N$, where the outputs are summed. Each formula is a fine definition. Together they
differ by a factor of $K$.

Regression usually has one output, and then there is nothing to see. With several the gradient is
$K$ times that of the printed loss, at every batch, in the same direction: a learning rate that
was found by trial has absorbed it. It shows when a penalty is added, whose gradient has
no such factor and so counts for $K$ times less than it says, when a line search or L-BFGS compares
the decrease with the slope, or when a network with more outputs needs a smaller rate than
theory suggests. scikit-learn's regressor has been reported to have it since 2017.

For five outputs, the decrease along the gradient is a fifth of what the gradient announces:

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> z, y, loss = rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), AveragedSquaredError()
>>> g = loss.gradient(z, y)
>>> fell = loss.value(z, y) - loss.value(z - 1e-6 * g, y)
>>> round(float(fell / (1e-6 * (g * g).sum())), 3)
0.2
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import SquaredError
from reference_mlp._arrays import Array


class AveragedSquaredError(SquaredError):
    def value(self, z: Array, y: Array) -> Any:
        r = z - self._targets(z, y)
        return (r * r).mean() / 2  # BUG: over the outputs too, of which the gradient takes the sum


bug = Bug(
    replaces={"squared_error": AveragedSquaredError},
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
    right=r"$L = \dfrac{1}{2N} \sum_{i,k} (z_{ik} - y_{ik})^2, \quad dz = \dfrac{z - y}{N}$",
    wrong=r"$L = \dfrac{1}{2NK} \sum_{i,k} (z_{ik} - y_{ik})^2, \quad dz = \dfrac{z - y}{N}$",
    symptom="The penalty is too weak by a factor of $K$; the best learning rate falls with $K$.",
    preconditions="More than one output.",
    why_missed="With one output it is right; with several, the cosine with differences is still 1.",
    fix="Sum over the outputs and average over the rows, in both: `.sum(axis=1).mean()`.",
    origin=("scikit-learn/scikit-learn#8349",),
    related=("GB031", "GB033"),
)
