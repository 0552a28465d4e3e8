r"""Binary cross-entropy on a softmax.

Two losses are called cross-entropy. One is for classes of which exactly one is right and looks at
the probability of that class alone. The other is for outputs that are true or false by themselves,
and adds $-\log(1 - p_k)$ for each that should be false. Put behind a softmax the second one runs,
falls and ends at the right answers, since both are least when the right class has everything.

In between they are different functions. The softmax has made the probabilities share one unit, so
that raising the right one lowers the others already, and the binary loss then counts each of these
again: a confident mistake costs about twice as much, and one wrong rival is punished more than
several small ones. Learning rates, reported losses and calibration can't be compared with anybody
else's.

Its gradient is derived from it without a slip, and a gradient check says so. An independent formula
for the loss does not agree, not even where the network knows nothing:

>>> z, y = np.zeros((1, 4)), np.array([2])
>>> BinaryOnSoftmax().value(z, y).round(4), SoftmaxCrossEntropy().value(z, y).round(4)
(np.float64(2.2493), np.float64(1.3863))
>>> (BinaryOnSoftmax().gradient(z, y) / SoftmaxCrossEntropy().gradient(z, y)).round(4)
array([[1.3333, 1.3333, 1.3333, 1.3333]])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.batches import one_hot


class BinaryOnSoftmax(SoftmaxCrossEntropy):
    lowest = 1e-7

    def value(self, z: Array, y: Array) -> Any:
        p, t = self._clipped(z), self._one_hot(z, y)
        losses = -(t * np.log(p) + (1 - t) * np.log(1 - p))  # BUG: the loss of independent outputs
        return losses.sum(axis=1).mean()

    def gradient(self, z: Array, y: Array) -> Array:
        p, t = self._clipped(z), self._one_hot(z, y)
        dp = (1 - t) / (1 - p) - t / p
        dz: Array = p * (dp - (dp * p).sum(axis=1, keepdims=True)) / len(z)
        return dz

    def _clipped(self, z: Array) -> Array:
        p: Array = np.clip(self.softmax(z), self.lowest, 1 - self.lowest)
        return p

    @staticmethod
    def _one_hot(z: Array, y: Array) -> Array:
        n, k = z.shape
        return one_hot(require_labels("y", y, n_rows=n, n_classes=k), k, dtype=z.dtype)


bug = Bug(
    replaces={"softmax_cross_entropy": BinaryOnSoftmax},
    severity=Severity.WRONG,
    flagged_by=(
        "forward_formulas",
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
        "convex_optimum",
    ),
    right=r"$L = -\ln p_y$",
    wrong=r"$L = -\ln p_y - \sum_{k \ne y} \ln(1 - p_k)$",
    symptom=(
        "The first loss is above $\\ln K$, by nearly 1 for many classes. Training works, with "
        "steps that are larger than those of the right loss."
    ),
    preconditions="More than one class; with two it is exactly twice the right loss.",
    why_missed=(
        "Loss and gradient belong together, the minimum is where it should be, and accuracy "
        "comes out alike."
    ),
    fix="`-log_softmax(z)[range(n), y]` for one class out of K; binary losses behind a sigmoid.",
    origin=("synthetic",),
    related=("GB057",),
    also=forms(
        "softmax_cross_entropy", BinaryOnSoftmax, "clipped at", lowest=(1e-8, 1e-10, 1e-12, 1e-15)
    ),
)
