r"""Gradient of the sum, loss of the mean.

The loss is reported as a mean over the batch, and its gradient is written down for one sample,
$p - y$. Over a batch the rows then add up in $x^\top dz$, and the division by $N$ is forgotten.
Every gradient is $N$ times that of the loss that is printed.

The direction is right, so any comparison by cosine similarity gives 1, and a batch of one
sample shows nothing at all. Gradient descent behaves as though the learning rate were $N$
times higher. People find a rate that works, such as 0.01 with batches of 100, and the bug stays. It
comes back when the batch size is changed, when the last batch of an epoch is smaller than
the others, when an L2 penalty is added whose gradient is not $N$ times too large, or when a
rate from a paper is tried: a relu network on digits, at 0.1 and batches of 50, loses nearly all
its hidden units within an epoch and stays at a loss of about $\ln 10$.

Adam hides it almost entirely, because it divides the gradient by its own size.

The ratio to the right gradient is the size of the batch:

>>> import numpy as np
>>> for n in (1, 10, 100):
...     z, y = np.zeros((n, 2)), np.zeros(n, int)
...     wrong, right = SummedCrossEntropy().gradient(z, y), SoftmaxCrossEntropy().gradient(z, y)
...     print(n, round(float(wrong[0, 0] / right[0, 0])))
1 1
10 10
100 100
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class SummedCrossEntropy(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), labels)
        return dz  # BUG: of the sum over the batch, while value is the mean


class SummedBinaryCrossEntropy(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        return len(z) * super().gradient(z, y)


class SummedSquaredError(SquaredError):
    def gradient(self, z: Array, y: Array) -> Array:
        return len(z) * super().gradient(z, y)


bug = Bug(
    replaces={"softmax_cross_entropy": SummedCrossEntropy},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "saturated_differences",
        "extreme_logits",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\dfrac{\partial L}{\partial z} = \dfrac{p - y}{N}$",
    wrong=r"$\dfrac{\partial L}{\partial z} = p - y$",
    symptom=(
        "The best learning rate falls as the batch grows. At a rate meant for the mean the loss "
        r"leaps, then stays near $\ln K$."
    ),
    preconditions="A batch of more than one sample.",
    why_missed=(
        "Cosine similarity is 1, a check on one sample passes, and a learning rate found by trial "
        "makes up for the factor."
    ),
    fix="Divide by the number of rows, once, where the loss's gradient starts.",
    origin=("notebook 000, lines 75 and 79",),
    related=("GB032", "GB033", "GB123"),
    also=(
        Form(
            {"sigmoid_binary_cross_entropy": SummedBinaryCrossEntropy},
            "of the binary cross-entropy",
        ),
        Form({"squared_error": SummedSquaredError}, "of the squared error"),
    ),
)
