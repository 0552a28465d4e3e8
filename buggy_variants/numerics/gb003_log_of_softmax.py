r"""Cross-entropy as the logarithm of the softmax.

The loss is defined as $-\log p_y$, so it is written that way: a softmax that gives $p$, a
logarithm of it, the entry of the label. The softmax may well be the careful one. It can't help,
because $p$ itself is what doesn't fit: a probability of $e^{-746}$ is 0 in float64, $e^{-104}$ is
0 in float32, and $-\log 0$ is infinite where the loss is 746 or 104.

That happens to samples that the network is sure of and gets wrong: a mislabelled image, the
first batch at too large a learning rate, float32 at the end of a long training. One such sample
makes the mean over the batch infinite, and the early stopping, the learning rate schedule and
the plot that hang on it go wrong with it. The weights needn't: where the gradient was derived by
hand as $p - y$ it is still right, which makes the infinite loss look like a fault of the display.

Taken together, logarithm and softmax need no small number at all:
$\log p_y = z_y - m - \log \sum_j e^{z_j - m}$ is a difference of logits.

The label's logit is 100 below the other in one row, and 800 in the next:

>>> loss, z = LogOfSoftmax(), np.array([[0.0, 100.0], [0.0, 800.0]])
>>> with np.errstate(divide="ignore"):
...     [float(loss.value(z[i : i + 1], np.array([0]))) for i in (0, 1)]
[100.0, inf]
>>> loss.gradient(z[1:], np.array([0]))
array([[-1.,  1.]])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class LogOfSoftmax(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        return -np.log(self.softmax(z))[np.arange(n), labels].mean()  # BUG: p may be 0 by now


bug = Bug(
    replaces={"softmax_cross_entropy": LogOfSoftmax},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_logits",
        "floating_point_warnings",
        "loss_ulps",
    ),
    right=r"$L = -\dfrac{1}{N} \sum_i \Bigl( z_{iy_i} - m_i - \log \sum_j e^{z_{ij} - m_i} \Bigr)$",
    wrong=(
        r"$L = -\dfrac{1}{N} \sum_i \log p_{iy_i}, "
        r"\quad p_{ik} = \dfrac{e^{z_{ik} - m_i}}{\sum_j e^{z_{ij} - m_i}}$"
    ),
    symptom=(
        "The loss is `inf` for a batch or for good, and NumPy warns of a division by zero in "
        "`log`. Without a guard the weights go on improving meanwhile."
    ),
    preconditions=(
        "A label whose logit is 746 below the largest of its row in float64, or 104 in float32."
    ),
    why_missed=(
        "Wherever the loss is finite it is right to a rounding or two, and differences, gradients "
        "and convergence are those of the right network."
    ),
    fix="`z - m - log(sum(exp(z - m)))` for the logarithm of the softmax, without forming $p$.",
    origin=(
        "notebook 000, line 75",
        "notebook 004, line 151",
        "marian-nmt/marian-dev#14",
        "tensorflow/models#181",
    ),
    related=("GB004", "GB005"),
)
