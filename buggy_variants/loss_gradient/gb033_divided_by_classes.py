r"""Divided by the number of classes.

`dz = (p - y) / dz.shape[1]`: an index that should be 0. Where samples are columns, as in many
lecture notes, the batch size is indeed `shape[1]`, and a line that is copied from there
into code with samples in rows keeps its index. The array is two-dimensional, so neither index
is out of range.

The gradient comes out $N / K$ times too large. With ten classes and batches of 100 that is 10,
with batches of 10 it is 1. Somebody who tests with ten samples of ten classes, because a
square example is quick to type, sees agreement to the last digit. Afterwards the learning rate
seems to depend on the batch size, as it does when a sum is taken for a mean, since the
denominator no longer follows the batch.

Choosing test sizes that are all different costs nothing, and finds it at once:

>>> import numpy as np
>>> def ratio(n, k):
...     z, y = np.zeros((n, k)), np.zeros(n, int)
...     wrong, right = DividedByClasses().gradient(z, y), SoftmaxCrossEntropy().gradient(z, y)
...     return round(float(wrong[0, 0] / right[0, 0]), 6)
>>> ratio(10, 10), ratio(100, 10), ratio(6, 3)
(1.0, 10.0, 2.0)
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy, SquaredError
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class DividedByClasses(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), labels)
        dz /= z.shape[1]  # BUG: shape[0] is the number of samples
        return dz


class BinaryDividedByClasses(SigmoidBinaryCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        dz: Array = super().gradient(z, y) * len(z) / z.shape[1]
        return dz


class DividedSquaredError(SquaredError):
    def gradient(self, z: Array, y: Array) -> Array:
        dz: Array = super().gradient(z, y) * len(z) / z.shape[1]
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": DividedByClasses},
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
        "loss_ulps",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dz = \dfrac{p - y}{N}$",
    wrong=r"$dz = \dfrac{p - y}{K}$",
    symptom="The best learning rate falls as the batch grows.",
    preconditions="A batch whose size differs from the number of classes.",
    why_missed="With $N = K$ it is right, and otherwise the direction still is.",
    fix="`dz /= len(z)`.",
    origin=("synthetic",),
    related=("GB031", "GB032", "GB034"),
    also=(
        Form(
            {"sigmoid_binary_cross_entropy": BinaryDividedByClasses}, "of the binary cross-entropy"
        ),
        Form({"squared_error": DividedSquaredError}, "of the squared error"),
    ),
)
