r"""The backward pass reads a global target.

A notebook grows from top to bottom. An early cell takes one sample to try things out, `x` and
`t`; a later one wraps the code that was tried in a class. The method has a parameter called
`target`, and its body still says `dL_dy = y - t`. Nothing fails, because `t` exists.

From then on the network learns that everything is the class of that first sample. Its last bias
rises for this class and falls for the others, whatever the batch says; the loss that is printed
uses the right targets and rises. In the notebook where this was found, every image was answered
with class 4, and the one prediction that the author looked at happened to be of a 4.

Under a linter the name would stand out as undefined. Run in a fresh process the method would
raise. In a session that has been open all day it is perfectly happy.

The gradient doesn't know what it is asked for:

>>> loss, z = GlobalTargetCrossEntropy(), np.zeros((2, 3))
>>> loss.gradient(z, np.array([0, 2])).round(2)
array([[ 0.17, -0.33,  0.17],
       [ 0.17, -0.33,  0.17]])
>>> loss.gradient(z, np.array([2, 0])).round(2)
array([[ 0.17, -0.33,  0.17],
       [ 0.17, -0.33,  0.17]])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot

t = 1
"""The label of the sample that an earlier cell looked at."""


class GlobalTargetCrossEntropy(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        require_labels("y", y, n_rows=n, n_classes=k)
        dz = less_one_hot(self.softmax(z), np.full(n, t))  # BUG: t is a global, the target is y
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": GlobalTargetCrossEntropy},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "class_names",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "everything_matters",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = (p - \mathrm{onehot}(y)) / N$",
    wrong=r"$dz = (p - \mathrm{onehot}(t)) / N$, with one $t$ for good",
    symptom="Every sample is answered with the same class, and the loss rises.",
    preconditions="A target other than the global one.",
    why_missed=(
        "Shapes are right, the code runs wherever the global exists, and a try on the one sample "
        "that the global was taken from succeeds."
    ),
    fix="Use the parameter; keep functions in a module, where no stray global can be seen.",
    origin=(
        "notebook 001, line 243",
        "notebook 001, lines 216, 263 and 290-291: cells that run on what earlier ones left behind",
    ),
    related=("GB026", "GB111"),
)
