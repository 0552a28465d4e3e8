r"""Probabilities clipped in the loss only.

`np.clip(p, 1e-12, 1.0)` in front of the logarithm looks more careful than an epsilon added to
$p$: it leaves every ordinary probability exactly as it is, to the last bit, and touches nothing
but the ones that would give trouble. What it touches it makes constant. From $p = 10^{-12}$ down
the loss is 27.63, whatever the network does, and so its slope is 0.

The backward pass knows nothing of the clip. It goes on returning $p - y$, the gradient of the
loss as it was before, and so loss and gradient belong to two different functions as soon as one
sample of the batch is that wrong. Training is better off this way, since a clipped gradient would
be 0 for just those samples. The numbers that one reads off are not: a mean loss over a test set
with three hopeless labels in it is smaller than it should be, by an amount that depends on the
clip, and a line search or an early stopping that trusts the loss sees a plateau where the
gradient points downhill.

A gradient check at ordinary logits compares the two functions where they agree. Moved to where
the label's logit is 60 below the largest, it finds a slope of 0 against a gradient of 1:

>>> z, y = np.array([[0.0, 60.0]]), np.array([0])
>>> loss = ClippedLoss()
>>> float(loss.value(z, y)), float(loss.value(z + [[0.1, 0.0]], y))
(27.631021115928547, 27.631021115928547)
>>> loss.gradient(z, y)
array([[-1.,  1.]])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class ClippedLoss(SoftmaxCrossEntropy):
    lowest = 1e-12

    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)[np.arange(n), labels]
        p = np.clip(p, self.lowest, 1.0)  # BUG: flat from here on, the gradient isn't
        return -np.log(p).mean()


class ClippedOnBothSides(SoftmaxCrossEntropy):
    lowest = 1e-12

    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)[np.arange(n), labels]
        return -np.log(np.clip(p, self.lowest, 1 - self.lowest)).mean()


class BinaryClipped(SigmoidBinaryCrossEntropy):
    lowest = 1e-7

    def value(self, z: Array, y: Array) -> Any:
        s, y = np.clip(self.sigmoid(z), self.lowest, 1 - self.lowest), self._targets(z, y)
        return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum(axis=1).mean()


bug = Bug(
    replaces={"softmax_cross_entropy": ClippedLoss},
    severity=Severity.WRONG,
    flagged_by=(
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
    ),
    right=r"$L = -\dfrac{1}{N} \sum_i \log p_{iy_i}$",
    wrong=r"$L = -\dfrac{1}{N} \sum_i \log \max(p_{iy_i}, 10^{-12}) \le 27.63$",
    symptom=(
        "No sample's loss exceeds 27.63. At a sample that has reached it the differences of the "
        "loss are 0, and the analytic gradient is 1."
    ),
    preconditions="A label whose logit is 27.6 or more below the largest of its row.",
    why_missed=(
        "Above $10^{-12}$ the clip returns $p$ itself, bit for bit, and the probabilities of a "
        "gradient check at small random weights are all near $1/K$. Training follows the gradient, "
        "which is right, and never asks for the loss."
    ),
    fix="The logarithm of the softmax from the logits; there is nothing to clip then.",
    origin=("synthetic",),
    related=("GB005", "GB100"),
    also=(
        *forms(
            "softmax_cross_entropy",
            ClippedLoss,
            "with a floor of",
            lowest=(1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-15, 1e-16, 1e-20),
        ),
        *forms(
            "softmax_cross_entropy",
            ClippedOnBothSides,
            "on both sides, at",
            lowest=(1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15),
        ),
        *forms(
            "sigmoid_binary_cross_entropy",
            BinaryClipped,
            "in binary cross-entropy, at",
            lowest=(1e-5, 1e-6, 1e-7),
        ),
    ),
)
