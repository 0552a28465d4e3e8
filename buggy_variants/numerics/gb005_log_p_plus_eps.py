r"""Logarithm of p plus epsilon.

The cure for $-\log 0$ that is passed on from one notebook to the next: `np.log(p + 1e-20)`. No
infinity any more, no warning, and for ordinary probabilities a difference that nobody will ever
see. What it does is to replace the loss by another function, which stops at
$-\log 10^{-20} = 46.05$ and is flat from there on. A larger epsilon stops it earlier, the
$10^{-10}$ of notebook 002 at 23.03.

The gradient $p - y$ that goes with it is that of the loss without the epsilon. So at a label with
a logit 60 below the largest the differences of the loss say 0 and the backward pass says 1, and it
is the backward pass that is right. Somebody who derives the gradient of the loss as written
"fixes" this by making it 0 there as well, and then the samples that are most wrong are the ones
that nothing is learned from.

The loss is too small already before it is flat: 43.88 instead of 44, 45.33 instead of 46. A curve
of test losses that levels off near such a number is a sign of it, and two models compared by their
mean loss on data with a few hopeless labels are compared by the epsilon.

At five gaps, each of which the loss ought to repeat:

>>> loss, y = LogPPlusEpsilon(), np.array([0])
>>> [round(float(loss.value(np.array([[0.0, gap]]), y)), 2) for gap in (20, 40, 44, 46, 60)]
[20.0, 40.0, 43.88, 45.33, 46.05]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SigmoidBinaryCrossEntropy, SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class LogPPlusEpsilon(SoftmaxCrossEntropy):
    epsilon = 1e-20

    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)[np.arange(n), labels]
        return -np.log(p + self.epsilon).mean()  # BUG: at most -log(epsilon)


class BinaryLogPPlusEpsilon(SigmoidBinaryCrossEntropy):
    epsilon = 1e-20

    def value(self, z: Array, y: Array) -> Any:
        s, y = self.sigmoid(z), self._targets(z, y)
        losses = y * np.log(s + self.epsilon) + (1 - y) * np.log(1 - s + self.epsilon)
        return -losses.sum(axis=1).mean()


# What else is added to p in notebooks.
EPSILONS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)


bug = Bug(
    replaces={"softmax_cross_entropy": LogPPlusEpsilon},
    severity=Severity.WRONG,
    flagged_by=(
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
    ),
    right=r"$L = -\dfrac{1}{N} \sum_i \log p_{iy_i}$",
    wrong=r"$L = -\dfrac{1}{N} \sum_i \log(p_{iy_i} + 10^{-20}) \le 46.05$",
    symptom=(
        "No sample's loss exceeds 46.05, however wrong it is. Differences of the loss at such a "
        "sample are 0 where the analytic gradient is 1."
    ),
    preconditions="A label whose logit is about 40 or more below the largest of its row.",
    why_missed=(
        "Unless $p$ is below $10^{-4}$, $p + 10^{-20}$ rounds to $p$ itself, and a gradient check "
        "has no such $p$. A larger epsilon is off by the fraction $\\epsilon / p$, less than the "
        "error of most differences. Training uses the gradient of the right loss and is not "
        "affected at all."
    ),
    fix="The logarithm of the softmax from the logits, which needs no epsilon.",
    origin=("notebook 002, lines 314 and 316",),
    related=("GB003", "GB006"),
    also=(
        *forms("softmax_cross_entropy", LogPPlusEpsilon, "with an epsilon of", epsilon=EPSILONS),
        *forms(
            "sigmoid_binary_cross_entropy",
            BinaryLogPPlusEpsilon,
            "in binary cross-entropy, with an epsilon of",
            epsilon=(*EPSILONS, 1e-20),
        ),
    ),
)
