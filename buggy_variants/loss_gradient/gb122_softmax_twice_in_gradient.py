r"""Softmax applied twice in the gradient.

The network's `forward` ends in a softmax, or it doesn't, and the loss has an opinion on that too.
When the two were written at different times, the value may be computed from logits and the
gradient from "whatever comes out of the network", with a softmax applied to probabilities. The
result is a proper distribution, so assertions about rows that sum to 1 are content.

A softmax of probabilities is nearly uniform. Its arguments lie between 0 and 1, so no class can
get more than $e$ times another's share: with ten classes the largest possible value is $e / (e +
9) = 0.23$. The gradient $p' - y$ therefore never comes to rest. A sample that is classified with
certainty still pushes by $0.77$, logits grow without end, and the printed loss, which is right,
goes on falling for as long as all samples are separable. For those that aren't, the network
becomes sure and wrong.

Sure of class 0, the gradient should vanish:

>>> import numpy as np
>>> z, y = np.array([[50.0] + [0.0] * 9]), np.array([0])
>>> for loss in (SoftmaxCrossEntropy(), SoftmaxTwice()):
...     print(loss.gradient(z, y)[0, :3].round(2) + 0.0)
[0. 0. 0.]
[-0.77  0.09  0.09]
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class SoftmaxTwice(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.probabilities(z)
        dz = less_one_hot(self.softmax(p), labels)  # BUG: p has been through the softmax
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": SoftmaxTwice},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
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
    right=r"$dz = (p - y) / N, \quad p = \operatorname{softmax}(z)$",
    wrong=r"$dz = (\operatorname{softmax}(p) - y) / N$",
    symptom="The gradient doesn't vanish on samples that are classified rightly; logits grow.",
    preconditions="None.",
    why_missed="The class is often right, and rows of probabilities sum to 1 in both.",
    fix="Agree on logits between the network and the loss, and name the arrays for what they are.",
    origin=("synthetic",),
    related=("GB040", "GB057"),
)
