r"""Predictions and targets trade places.

A loss takes two arrays of one shape, and no language complains when they come in the other
order. Some libraries put the target first, others the prediction, and in the notebook this is
taken from the function says `(y, y_hat)` while its caller passes the prediction first.

For squared error the swap is a sign, and for the value of it nothing at all. Binary cross-entropy
has logarithms and quotients of one argument only. Its derivative $(p - y) / (p (1 - p))$ becomes
$(y - p) / (y (1 - y))$, which has the wrong sign, a size that has nothing to do with the
prediction, and for the usual targets of 0 and 1 a denominator of exactly 0. The first batch
already gives infinities, the update turns weights into NaN, and from then on `argmax` answers
class 0 for everything, which on ten classes is an accuracy of about one in ten that looks like slow
learning.

With targets strictly between 0 and 1, as after label smoothing, nothing overflows and no
warning is given; the network climbs the loss instead. A test with equal or symmetric arguments
can't tell the two orders apart, so it needs arguments that differ.

For $p = 0.5$ and a target of 0.9, then of 1:

>>> import numpy as np
>>> z, targets = np.zeros((1, 1)), (np.array([[0.9]]), np.array([[1.0]]))
>>> [SigmoidBinaryCrossEntropy().gradient(z, y).round(3).item() for y in targets]
[-0.4, -0.5]
>>> with np.errstate(divide="ignore"):
...     [SwappedBinaryCrossEntropy().gradient(z, y).round(3).item() for y in targets]
[1.111, inf]
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class SwappedBinaryCrossEntropy(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        p = self.sigmoid(z)
        y = self._targets(z, y)
        dp = self._derivative(y, p)  # BUG: declared as (p, y)
        dz: Array = dp * p * (1 - p) / len(z)
        return dz

    @staticmethod
    def _derivative(p: Array, y: Array) -> Array:
        dp: Array = (p - y) / (p * (1 - p))
        return dp


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": SwappedBinaryCrossEntropy},
    severity=Severity.NAN,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "after_training",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\dfrac{\partial L}{\partial p} = \dfrac{p - y}{p (1 - p)}$",
    wrong=r"$\dfrac{\partial L}{\partial p} = \dfrac{y - p}{y (1 - y)}$",
    symptom=(
        "With targets of 0 and 1: a division by zero and NaN weights after the first batch. With "
        "targets between them: the loss rises."
    ),
    preconditions="None. NaN takes a target that is exactly 0 or 1.",
    why_missed=(
        "The warning comes once and scrolls away, and a network of NaN has the accuracy of always "
        "answering class 0. For squared error the same swap leaves the loss as it was, so a test "
        "of that loss passes."
    ),
    fix="Name the arguments at the call, or make them keyword-only.",
    origin=("notebook 003, line 212",),
    related=("GB036",),
)
