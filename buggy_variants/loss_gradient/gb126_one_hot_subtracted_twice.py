r"""The one-hot target subtracted twice.

`probs[range(n), y] -= 1` is the gradient of cross-entropy through softmax, in one line and in
place. It can stand in the loss's `backward` or in the softmax layer's. When a refactoring leaves
it in both, the label's entry becomes $p_y - 2$.

The other classes are right. The label is pushed by at least 1 however sure the network is, so that
the gradient of a row sums to $-1$ in place of 0, and the logit of the label rises for ever, with
the common shift of all logits that softmax doesn't notice. The class is often still right, since
every sample pulls in the right direction. The norm of the gradient doesn't fall during training,
the weights of the last layer grow linearly, and the loss, having fallen quickly, becomes jumpy
once the logits are large.

A gradient of cross-entropy that doesn't sum to 0 over the classes is wrong, whatever else it
is:

>>> z, y = np.zeros((1, 4)), np.array([2])
>>> for loss in (SoftmaxCrossEntropy(), OneHotTwice()):
...     dz = loss.gradient(z, y)
...     print(dz[0], round(float(dz.sum()), 6))
[ 0.25  0.25 -0.75  0.25] 0.0
[ 0.25  0.25 -1.75  0.25] -1.0
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class OneHotTwice(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), labels)
        dz[np.arange(n), labels] -= 1  # BUG: less_one_hot has subtracted it
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": OneHotTwice},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = (p - y) / N$",
    wrong=r"$dz = (p - 2y) / N$",
    symptom="The gradient's norm stays up while the accuracy is good; logits grow linearly.",
    preconditions="None.",
    why_missed="The direction is good enough to classify by, and only one entry a row is wrong.",
    fix="Subtract in one place; assert that each row of the gradient sums to 0.",
    origin=("synthetic",),
    related=("GB122", "GB125"),
)
