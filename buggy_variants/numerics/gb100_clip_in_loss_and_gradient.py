r"""Probabilities clipped in the loss and in the gradient.

Whoever clips probabilities to $[10^{-7}, 1 - 10^{-7}]$ and lets a framework derive the gradient,
or derives it with care, gets the derivative of the clip as well: 1 inside, 0 outside. Loss and
gradient then belong together, and every gradient check confirms it, at saturated logits too. It
is a consistent implementation of a loss that nobody wanted.

The loss can't exceed 16.12, so it is flat around every sample that is wrong by more than that,
and such a sample teaches nothing. That is upside down. Cross-entropy is preferred to the squared
error just because its gradient does not fade where the network is most wrong: it is 1 there, and
the unit that has gone astray comes back at full speed. With the clip it stays where it is. On one
report of this, the answer of the library was 0 where a calculation by hand gave -1, and the
discussion concluded that it was a matter of precision.

At the other end, a sample of probability above $1 - 10^{-7}$ has no gradient either, but there it
was $10^{-7}$ anyway.

Two samples with the label at the lower logit, 10 below and 20 below. The second is the more wrong
one, and has no gradient at all:

>>> z, y = np.array([[0.0, 10.0], [0.0, 20.0]]), np.array([0, 0])
>>> len(z) * ClippedThroughout().gradient(z, y).round(4)
array([[-1.,  1.],
       [ 0.,  0.]])
>>> [round(float(ClippedThroughout().value(z[i : i + 1], y[i : i + 1])), 3) for i in (0, 1)]
[10.0, 16.118]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class ClippedThroughout(SoftmaxCrossEntropy):
    lowest = 1e-7

    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)[np.arange(n), labels]
        return -np.log(np.clip(p, self.lowest, 1 - self.lowest)).mean()

    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)[np.arange(n), labels]
        dz: Array = super().gradient(z, y)
        clipped = (p < self.lowest) | (p > 1 - self.lowest)
        dz[clipped] = 0  # BUG: nothing is learned where it is most wrong
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": ClippedThroughout},
    severity=Severity.WORSE,
    flagged_by=(
        "extreme_logits",
        "loss_ulps",
    ),
    right=r"$L = -\dfrac{1}{N} \sum_i \log p_{iy_i}$, whose gradient is $p - y$ everywhere",
    wrong=(
        r"$L = -\dfrac{1}{N} \sum_i \log \min(\max(p_{iy_i}, 10^{-7}), 1 - 10^{-7})$, "
        r"whose gradient is 0 outside"
    ),
    symptom=(
        "No sample's loss exceeds 16.12. After a bad start or an outlier some samples stay wrong "
        "for good, and their gradients are exactly zero."
    ),
    preconditions="A label whose logit is 16.2 or more below the largest of its row.",
    why_missed=(
        "It is the right gradient of the loss as computed, so differences agree with it at every "
        "logit. A well-initialised network on clean labels hardly ever gets there."
    ),
    fix="Cross-entropy from the logits, with $p - y$ for a gradient.",
    origin=("keras-team/keras#9664",),
    related=("GB005", "GB006"),
    also=forms(
        "softmax_cross_entropy",
        ClippedThroughout,
        "clipped at",
        lowest=(1e-5, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15),
    ),
)
