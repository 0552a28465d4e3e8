r"""The batch size as a constant.

`batch_size = 32` stands at the top, because the loop needs it, and the loss needs it too, so it
uses the name. For every full batch that is right. The last batch of an epoch is smaller; a
validation set is larger; a gradient check takes five samples to be quick. For all of these the
gradient is divided by a number of rows that isn't theirs.

The small batch counts for less than it should: its gradient is multiplied by $n / 32$, as if the
missing rows had a gradient of zero. That is a mild and even defensible bug. It becomes worse
when the batch size is changed in the call and not in the constant, since the learning rate is
then changed in secret. And where the constant is also used as an index, as in the notebook this is
taken from (`probs[range(batch_size), y]`), any other size raises an `IndexError`, which at
least is said aloud.

A test at two sizes tells it from the right code; a test at 32 never will. With two equal logits
$p - y$ is half of 1 in size, so each line should end in 0.5:

>>> import numpy as np
>>> for n in (32, 8, 64):
...     wrong = ConstantBatchSize().gradient(np.zeros((n, 2)), np.zeros(n, int))
...     print(n, round(float(np.abs(wrong[:, 0]).sum()), 3))
32 0.5
8 0.125
64 1.0
"""

from buggy_variants.bug import Bug, Form, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class ConstantBatchSize(SoftmaxCrossEntropy):
    batch_size = 32

    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), labels)
        dz /= self.batch_size  # BUG: this batch has n rows
        return dz


class ConstantInIndex(ConstantBatchSize):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = self.softmax(z).copy()
        dz[range(self.batch_size), labels] -= 1
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": ConstantBatchSize},
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
        "overfits_32_digits",
    ),
    right=r"$dz = \dfrac{p - y}{N}$, with $N$ the rows of this batch",
    wrong=r"$dz = \dfrac{p - y}{32}$",
    symptom="The ragged last batch is weighted down; changing the batch size changes the rate.",
    preconditions="A batch of another size than the constant.",
    why_missed="Checks and training that only ever use the constant's size find nothing.",
    fix="`len(z)`.",
    origin=("notebook 004, line 121",),
    related=("GB031", "GB033"),
    also=(
        Form({"softmax_cross_entropy": ConstantInIndex}, "as an index of 32 rows"),
        *forms(
            "softmax_cross_entropy",
            ConstantBatchSize,
            "of",
            batch_size=(10, 16, 50, 64, 100, 128, 256),
        ),
    ),
)
