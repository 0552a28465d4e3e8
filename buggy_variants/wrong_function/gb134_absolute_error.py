r"""Absolute value where a square belongs.

`np.abs(z - y).mean()` and `((z - y) ** 2).mean()` both make a distance of a difference, both are
zero at the target and nowhere negative, and both are called error. A loss of absolute values under
the name of squared error is found only by somebody who puts in a number larger than 1.

Its gradient is the sign of the difference, which keeps its length however near the target is. Far
away that means slow progress, where the square would have pulled hard; close by it means steps
that overshoot, to and fro, with an amplitude set by the learning rate. And the minimum is another
one: least squares predict the mean of what is possible, least absolute errors the median. On
targets with a long tail, such as prices or waiting times, predictions come out too low on average,
by an amount that looks like a property of the data.

That there are good reasons for the absolute error, outliers above all, doesn't help whoever
believes they have the other. Doubling a difference should make the loss four times as large:

>>> z, y = np.array([[1.0], [3.0]]), np.zeros((2, 1))
>>> AbsoluteError().value(2 * z, y) / AbsoluteError().value(z, y)
np.float64(2.0)
>>> AbsoluteError().gradient(z, y).ravel()
array([0.5, 0.5])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SquaredError
from reference_mlp._arrays import Array


class AbsoluteError(SquaredError):
    def value(self, z: Array, y: Array) -> Any:
        r = z - self._targets(z, y)
        return np.abs(r).mean()  # BUG: the distance, not half its square

    def gradient(self, z: Array, y: Array) -> Array:
        r = z - self._targets(z, y)
        dz: Array = np.sign(r) / z.dtype.type(z.size)
        return dz


bug = Bug(
    replaces={"squared_error": AbsoluteError},
    severity=Severity.WRONG,
    flagged_by=(
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$L = \dfrac{1}{2N} \sum_i \sum_k (z_{ik} - y_{ik})^2$",
    wrong=r"$L = \dfrac{1}{NK} \sum_i \sum_k |z_{ik} - y_{ik}|$",
    symptom=(
        "Predictions tend to the median of the targets instead of their mean, and wobble around it "
        "at a constant learning rate."
    ),
    preconditions="Targets whose distribution is skewed; for others the optimum is the same.",
    why_missed=(
        "The sign is the right derivative of the absolute value, wherever there is one. On "
        "symmetrical noise the fitted curve is as good."
    ),
    fix="`0.5 * ((z - y) ** 2)`, summed over outputs and averaged over the batch.",
    origin=("synthetic",),
    related=("GB061",),
)
