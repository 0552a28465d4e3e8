r"""Only the diagonal of softmax's Jacobian.

The derivative of the sigmoid is $p (1 - p)$, and of softmax one reads that
$\partial p_k / \partial z_k = p_k (1 - p_k)$, the same expression. So softmax goes
into the table of activations with the sigmoid's derivative, and the chain rule multiplies by it
entry by entry. But softmax is no elementwise function: raising one logit lowers every other
probability, $\partial p_k / \partial z_j = -p_k p_j$, and those terms are dropped.

Under cross-entropy the upstream gradient is $-1/p_y$ at the label and 0 elsewhere. Times the
diagonal this leaves $p_y - 1$ at the label, which happens to be right, and 0 at all other
classes, which should have had $p_k$. Each sample raises its own class, and nothing ever lowers the
others. The true gradient sums to 0 over the classes of a row; this one doesn't.

What becomes of it depends on the network. On digits a single layer still reaches an accuracy of
0.82, since a sample that is classified rightly hardly pushes any more. A tanh network stops at
0.43. In a relu network all logits and the hidden units that feed them grow together, each making
the gradient of the other larger, and the loss reaches $10^{25}$ in two epochs.

Three equal logits, the first the label's; the right gradient sums to 0, this one doesn't:

>>> z, y = np.zeros((1, 3)), np.array([0])
>>> for loss in (SoftmaxCrossEntropy(), DiagonalSoftmaxCrossEntropy()):
...     print(loss.gradient(z, y)[0].round(3) + 0.0)
[-0.667  0.333  0.333]
[-0.667  0.     0.   ]
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class DiagonalSoftmaxCrossEntropy(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)
        dz = np.zeros_like(p)
        dz[np.arange(n), labels] = -1
        dz *= 1 - p  # BUG: -1/p times p (1 - p), as of a sigmoid, and not the whole Jacobian
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": DiagonalSoftmaxCrossEntropy},
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
    right=(
        r"$\dfrac{\partial p_k}{\partial z_j} = p_k (\delta_{kj} - p_j)$, so that "
        r"$dz_j = (p_j - y_j) / N$"
    ),
    wrong=(
        r"$\dfrac{\partial p_k}{\partial z_j} = \delta_{kj}\, p_k (1 - p_k)$, so that "
        r"$dz_j = y_j (p_j - 1) / N$"
    ),
    symptom=(
        "The bias of the last layer rises in all classes. Training is slow or, in a deeper relu "
        "network, runs away."
    ),
    preconditions="None: any row of two classes or more.",
    why_missed=(
        "The entry at the label is right, and the formula is that of the table. A shallow network "
        "still learns, since each class is raised by its own samples."
    ),
    fix="Fuse softmax with the loss, or multiply by the Jacobian: `p * (dp - (dp * p).sum(1))`.",
    origin=("jorgenkg/python-neural-network#6", "deeplearning4j/libnd4j#440"),
    related=("GB040",),
)
