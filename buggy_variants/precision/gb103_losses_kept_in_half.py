r"""Losses kept in half precision.

A loss is a number to be printed with three or four digits, so in a network that keeps what it can
in half precision the losses of the samples are float16 too: an array allocated as such, or an
`astype(np.float16)` on the way to a log. The gradient doesn't pass through it, training is
unaffected, and the printed number is right, give or take its last digit.

A loss is also what a gradient check differentiates. Between 1 and 2 the float16 numbers are 0.001
apart. With steps of $h = 6 \cdot 10^{-6}$ the difference quotient is 0 nearly always and
otherwise 80 or -80. It reports an error in *every* parameter, and the gradients, which are right,
come under suspicion. Somebody then raises the step and the tolerance until the check passes, and
from that day it passes everything.

Line searches and stopping rules suffer in the same way: an epoch that improves the loss by less
than a thousandth has not improved it at all, so early stopping stops early. And a loss beyond
65,504, which squared errors in raw units reach easily, is infinite.

One logit nudged by 0.0001, and what the loss makes of it:

>>> z, y = np.array([[0.3, -0.2, 0.1]]), np.array([0])
>>> step = np.array([[1e-4, 0.0, 0.0]])
>>> loss = LossesInHalf()
>>> (float(loss.value(z + step, y)) - float(loss.value(z, y))) / 1e-4
0.0
>>> float(loss.gradient(z, y)[0, 0])
-0.5876733144204216
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy, log_softmax
from reference_mlp._arrays import Array, require_labels


class LossesInHalf(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        losses = -log_softmax(z)[np.arange(n), labels]
        losses = losses.astype(np.float16)  # BUG: three digits are left
        return losses.mean(dtype=z.dtype)


bug = Bug(
    replaces={"softmax_cross_entropy": LossesInHalf},
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
        "floating_point_warnings",
        "loss_ulps",
        "cross_precision",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$L = \dfrac{1}{N} \sum_i L_i$ in the precision of the logits",
    wrong=r"$L = \dfrac{1}{N} \sum_i \mathrm{fl}_{16}(L_i)$",
    symptom=(
        "Gradient checks fail at nearly every entry, although the gradients are right; a larger "
        "step and a looser tolerance make them pass."
    ),
    preconditions="Somebody who needs more than three digits of the loss.",
    why_missed=(
        "The value is right to three digits, the gradient doesn't depend on it, and training is "
        "the same bit for bit."
    ),
    fix="Leave the losses in the dtype of the logits.",
    origin=("synthetic",),
    related=("GB102", "GB107"),
)
