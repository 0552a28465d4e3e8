r"""Sign in binary cross-entropy's gradient.

Binary cross-entropy is $-y \ln p - (1 - y) \ln (1 - p)$, and its derivative by $p$ is
$-y/p + (1 - y)/(1 - p)$. The inner derivative of $1 - p$ is $-1$, which turns the second minus
into a plus. Inside a bracket with a common minus in front it stays a minus, and there the plus
of the loss is easily copied along: $-\bigl(y/p + (1 - y)/(1 - p)\bigr)$. Both lines look like the
loss above them.

The wrong derivative is negative for every target. With the sigmoid's $p (1 - p)$ it becomes
$-\bigl(y (1 - p) + (1 - y) p\bigr)$: right for a target of 1, and for a target of 0 right in size
with the opposite sign. Where the target is 0, descent therefore raises the output, and the
faster the more wrong it is. All outputs go to 1, whatever the inputs.

On digits, with ten outputs of which one should be 1, nine outputs in ten are driven the wrong
way and the loss grows from batch to batch without any NaN. Where 1 is the common target it is
harder to see: the loss falls at first, as the network learns to say yes.

At $p = 0.9$ a target of 1 asks for a little more, and a target of 0 for a lot less. Here both ask
for more:

>>> import numpy as np
>>> z, y = np.log(np.array([[9.0]])), (np.array([[1.0]]), np.array([[0.0]]))
>>> [SigmoidBinaryCrossEntropy().gradient(z, t).round(2).item() for t in y]
[-0.1, 0.9]
>>> [WrongSignBinaryCrossEntropy().gradient(z, t).round(2).item() for t in y]
[-0.1, -0.9]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class WrongSignBinaryCrossEntropy(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        p = self.sigmoid(z)
        y = self._targets(z, y)
        dz: Array = -(y * (1 - p) + (1 - y) * p) / len(z)  # BUG: the inner + should be a -
        return dz


class WrongSignSwapped(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        p, y = self.sigmoid(z), self._targets(z, y)
        dp = -(p / y + (1 - p) / (1 - y))  # the plus, and y where p belongs
        dz: Array = dp * p * (1 - p) / len(z)
        return dz


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": WrongSignBinaryCrossEntropy},
    severity=Severity.WRONG,
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
    right=(
        r"$\dfrac{\partial L}{\partial z} = -\dfrac{y (1 - p) - (1 - y) p}{N} "
        r"= \dfrac{p - y}{N}$"
    ),
    wrong=r"$\dfrac{\partial L}{\partial z} = -\dfrac{y (1 - p) + (1 - y) p}{N}$",
    symptom=(
        "All outputs approach 1, and the loss grows without limit: on digits to about 16,000 in "
        "two epochs. The accuracy stays at chance."
    ),
    preconditions="A target other than 1.",
    why_missed=(
        "Shapes and the gradient of positive samples are right, the formula resembles the loss, "
        "and where most targets are 1 the loss falls at first."
    ),
    fix="Fuse the loss with its sigmoid: the gradient is $(p - y) / N$, with nothing to copy.",
    origin=("notebook 003, line 129",),
    related=("GB037",),
    also=(
        Form(
            {"sigmoid_binary_cross_entropy": WrongSignSwapped},
            "each hiding the other",
            beside=("GB037",),
        ),
    ),
)
