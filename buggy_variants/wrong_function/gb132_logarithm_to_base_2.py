r"""Logarithm to base 2.

Cross-entropy comes from information theory, where it is measured in bits, and a library of its
quantities has `log2` in it. Written with `np.log2` the loss is right up to its unit: every value is
$1/\ln 2$ times what everybody else calls it.

Gradients have the same factor, if they are derived with care or by a machine, and then a
gradient check is satisfied. Descent goes the same way in longer steps, as though the
learning rate had been raised by 44 %. Adam divides the factor out and gives the same run to a few
digits. A weight penalty, though, isn't in bits, and is now weaker beside the data than its strength
says.

Mostly it is other people who are hurt: a first loss of 3.32 with ten classes is reported as a bad
initialisation, a learning rate taken from a paper diverges, and one model looks worse than another
because its loss was printed in another unit.

>>> z, y = np.zeros((1, 10)), np.array([3])
>>> BitsCrossEntropy().value(z, y).round(4), SoftmaxCrossEntropy().value(z, y).round(4)
(np.float64(3.3219), np.float64(2.3026))
>>> (BitsCrossEntropy().gradient(z, y) / SoftmaxCrossEntropy().gradient(z, y))[0, 3].round(4)
np.float64(1.4427)
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array


class BitsCrossEntropy(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        return super().value(z, y) * z.dtype.type(np.log2(np.e))  # BUG: in bits, not in nats

    def gradient(self, z: Array, y: Array) -> Array:
        dz: Array = super().gradient(z, y) * z.dtype.type(np.log2(np.e))
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": BitsCrossEntropy},
    severity=Severity.WRONG,
    flagged_by=(
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "convex_optimum",
    ),
    right=r"$L = -\ln p_y$",
    wrong=r"$L = -\log_2 p_y = -\ln p_y / \ln 2$",
    symptom=(
        "The first loss is $\\log_2 K$, 3.32 with ten classes. Learning rates and penalties from "
        "elsewhere act as if they were others."
    ),
    preconditions="None.",
    why_missed=(
        "A constant factor in loss and gradient alike leaves accuracy, curves and gradient checks "
        "as they are."
    ),
    fix="`np.log`; divide by `np.log(2)` only where bits are reported.",
    origin=("synthetic",),
    related=("GB131",),
)
