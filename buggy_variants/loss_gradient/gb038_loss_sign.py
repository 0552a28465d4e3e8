r"""Gradient of minus the loss.

$z - y$ or $y - z$? Older texts write the error as target minus output, and the weight change as
$+\eta\,\delta\,x$: two signs, both turned round, and all is well. Put the first beside an
optimiser that subtracts, and the network climbs.

The residual vanishes where it should, at a perfect fit, and has the right size everywhere. Only
the minimum has become a point to flee from. For a linear layer under squared error the distance
to the solution grows by a factor of $1 + \eta\lambda$ a step along each direction of curvature
$\lambda$, so it is an explosion that takes its time: on a small learning rate the loss creeps up
for an epoch, and one may think of noise, of a bad start or of a rate that is too high. A
lower rate indeed makes it rise more slowly.

No gradient check is needed. One small step must lower the loss, and if it doesn't the sign is
the first thing to look at:

>>> z, y, loss = np.array([[2.0], [0.5]]), np.array([1.0, 1.0]), ReversedSquaredError()
>>> for _ in range(4):
...     print(round(float(loss.value(z, y)), 3))
...     z = z - 0.5 * loss.gradient(z, y)
0.312
0.488
0.763
1.192
"""

import numpy as np

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from reference_mlp._arrays import Array


class ReversedSquaredError(SquaredError):
    def gradient(self, z: Array, y: Array) -> Array:
        with np.errstate(over="ignore"):
            return (self._targets(z, y) - z) / len(z)  # BUG: minus the gradient


class ReversedCrossEntropy(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        return -super().gradient(z, y)


class ReversedBinaryCrossEntropy(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        return -super().gradient(z, y)


bug = Bug(
    replaces={"squared_error": ReversedSquaredError},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "extreme_logits",
        "loss_ulps",
        "after_training",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = (z - y) / N$",
    wrong=r"$dz = (y - z) / N$",
    symptom="The loss rises from the first step, faster and faster.",
    preconditions="None.",
    why_missed=(
        "Shapes and sizes are right and the residual is zero at the solution. A check that "
        "compares absolute values or norms passes."
    ),
    fix="Output minus target, with an update that subtracts.",
    origin=("deeplearning4j/deeplearning4j#345",),
    related=("GB036",),
    also=(
        Form({"softmax_cross_entropy": ReversedCrossEntropy}, "of the cross-entropy"),
        Form(
            {"sigmoid_binary_cross_entropy": ReversedBinaryCrossEntropy},
            "of the binary cross-entropy",
        ),
    ),
)
