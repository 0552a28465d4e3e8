r"""A loss that reads a global.

`def loss(input_, targets)` checks the shapes of both its arguments and then returns
`-np.log(np.sum(targets * activations))`. The array `activations` is that of the cell above: the
first argument is looked at by the assertion and by nothing else. Here the forgotten name is the
target, and the effect is the mirror image. Either way the loss has an argument that it
doesn't depend on.

As a number it is unsuspicious. It is positive, of the usual size, and right for the sample that
the global came from. What gives it away is that it doesn't react: a gradient check of the true
gradient against this loss fails at once, and a test that changes one target and expects another
loss needs no formula at all. Tests that compute one value and compare it with a number
recorded from an earlier run have recorded the bug.

All the while the gradient is right and the network learns. The curve that is plotted measures
how far the network is from answering 1 each time, so it goes up as training goes well:

>>> loss, z = GlobalLoss(), np.array([[4.0, 0.0, 0.0]])
>>> [round(float(loss.value(z, np.array([k]))), 3) for k in range(3)]
[4.036, 4.036, 4.036]
>>> [round(float(SoftmaxCrossEntropy().value(z, np.array([k]))), 3) for k in range(3)]
[0.036, 4.036, 4.036]
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.functions import log_softmax

t = 1
"""The label of the sample that an earlier cell looked at."""


class GlobalLoss(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> np.floating:
        n, k = z.shape
        require_labels("y", y, n_rows=n, n_classes=k)
        loss: np.floating = -log_softmax(z)[:, t].mean()  # BUG: t is a global, the target is y
        return loss


bug = Bug(
    replaces={"softmax_cross_entropy": GlobalLoss},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "class_names",
        "forward_formulas",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "everything_matters",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$L = -\tfrac{1}{N} \sum_i \log p_{i, y_i}$",
    wrong=r"$L = -\tfrac{1}{N} \sum_i \log p_{i, t}$, with one $t$ for good",
    symptom="The printed loss rises while the accuracy improves, or doesn't react to the targets.",
    preconditions="A target other than the global one.",
    why_missed="A single value looks like any other, and its arguments are even checked for shape.",
    fix="Use the parameter; change one argument at a time and see that the loss follows.",
    origin=("notebook 001, line 118",),
    related=("GB025",),
)
