r"""Gradient of the squared error under cross-entropy.

The first network in most books ends in a sigmoid under squared error, and its output has
$\delta = (p - y)\, p (1 - p)$. Then the loss is replaced by cross-entropy, in the line that
computes and prints it. The line of $\delta$ stays. With cross-entropy the factor $p (1 - p)$
cancels against the derivative of the logarithm and has no business there, and readers who
know the older formula sometimes report its absence as an error.

Two losses are now in play. The one printed is cross-entropy; the one minimised is squared
error, whose gradient this is, exactly. Both have their minimum where $p = y$, so the printed
loss goes down and accuracy goes up. What is lost is why one changes to cross-entropy at all: an
output that is wrong and sure, with $y = 1$ and $p$ near 0, has next to no gradient, and learns the
least where it should learn the most. On digits, after two epochs of the same training, the
printed loss stands at 2.8 in place of 1.24, and accuracy at about 54 % in place of 84 %.

The gradient agrees with differences of some loss, but not of the one that the network
reports, which is what a gradient check compares it with. Learning curves by themselves only
suggest a higher learning rate.

People mostly write it for the sigmoid, as here. With softmax the same line combines this bug
with the diagonal Jacobian of its sibling.

An output that is wrong and sure: the target is 1, and $p$ is $e^{-8}$ or so.

>>> import numpy as np
>>> z, y = np.array([[-8.0]]), np.array([[1.0]])
>>> SigmoidBinaryCrossEntropy().gradient(z, y).round(4).item()
-0.9997
>>> SquaredErrorGradient().gradient(z, y).round(4).item()
-0.0003
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class SquaredErrorGradient(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        p = self.sigmoid(z)
        dz: Array = self._sigmoid_less(z, self._targets(z, y)) / len(z)
        dz *= p * (1 - p)  # BUG: this is the gradient of (p - y)^2 / 2
        return dz


class OfTheSum(SquaredErrorGradient):
    def gradient(self, z: Array, y: Array) -> Array:
        return len(z) * super().gradient(z, y)


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": SquaredErrorGradient},
    severity=Severity.WORSE,
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
    right=r"$\dfrac{\partial L}{\partial z} = \dfrac{p - y}{N}$",
    wrong=r"$\dfrac{\partial L}{\partial z} = \dfrac{(p - y)\, p (1 - p)}{N}$",
    symptom=(
        "Training is slow from the start, at a quarter of the gradient or less, and outputs that "
        "are wrong and sure hardly move."
    ),
    preconditions=r"None: $p (1 - p)$ is at most $1/4$.",
    why_missed=(
        "The loss falls and accuracy rises, for the gradient is that of another sensible loss. A "
        "higher learning rate makes up for much of the difference."
    ),
    fix="$(p - y) / N$: the sigmoid's derivative cancels.",
    origin=("rasbt/python-machine-learning-book-2nd-edition#54",),
    related=("GB039", "GB042"),
    also=(
        Form(
            {"sigmoid_binary_cross_entropy": OfTheSum},
            "summed over the batch",
            beside=("GB031",),
        ),
    ),
)
