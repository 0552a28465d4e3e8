r"""Label smoothing in the gradient only.

Label smoothing replaces the one-hot target by $(1 - \varepsilon)\, y + \varepsilon / K$, so that
the network isn't driven to certainty. In code with a fused gradient, `p - y`, it is a change of
one line to smooth the `y` there. The loss picks the label's entry by its index and has no array of
targets that could be smoothed.

Training then minimises the smoothed loss and prints the plain one. They part towards the end: once
the label's probability has reached $1 - \varepsilon + \varepsilon / K$ the gradient vanishes and
then turns round, pushing down what the printed loss would still like to rise. The curve flattens
at $-\log(1 - \varepsilon + \varepsilon / K)$, which for $\varepsilon = 0.1$ and ten classes is
0.094, and no amount of training gets below. It is taken for a floor in the data.

On a sample with 99 % for its label, the two gradients disagree about the direction:

>>> import numpy as np
>>> z, y = np.log(np.array([[0.99, 0.01]])), np.array([0])
>>> [loss.gradient(z, y)[0].round(2) for loss in (SoftmaxCrossEntropy(), SmoothedGradient())]
[array([-0.01,  0.01]), array([ 0.04, -0.04])]
"""

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.batches import one_hot


class SmoothedGradient(SoftmaxCrossEntropy):
    epsilon = 0.1

    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        target, epsilon = one_hot(labels, k, dtype=z.dtype), self.epsilon
        target = (1 - epsilon) * target + epsilon / k  # BUG: the loss is that of sharp targets
        dz: Array = (self.softmax(z) - target) / n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": SmoothedGradient},
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
    ),
    right=r"$dz = (p - y) / N$, as $L = -\tfrac1N \sum \log p_y$",
    wrong=r"$dz = \bigl(p - (1 - \varepsilon)\, y - \tfrac{\varepsilon}{K}\bigr) / N$",
    symptom="The printed loss stops at a floor above 0 even on data learnt by heart.",
    preconditions="None; it grows as the network gets surer.",
    why_missed="It trains well, as smoothing does, and the differences are as small as epsilon.",
    fix="Smooth the targets once, before loss and gradient see them.",
    origin=("synthetic",),
    related=("GB128", "GB126"),
    also=forms("softmax_cross_entropy", SmoothedGradient, "smoothed by", epsilon=(0.01, 0.05, 0.2)),
)
