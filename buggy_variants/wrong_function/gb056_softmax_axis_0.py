r"""Softmax down the batch.

`axis=0` where it should be `axis=1`: the exponentials are divided by the sum of their column, so
that each class is shared out among the samples instead of each sample among the classes. It comes
of code for one vector that was given a batch, of a layout with samples in columns, or of a
default. Every shape is right, every number is between 0 and 1, something sums to 1.

The loss is then another function of the logits, and here its gradient is derived correctly from
it, as it is by anybody who uses automatic differentiation or who writes softmax and its
derivative with the same `axis`. That is why a gradient check has nothing to say. Loss and
gradient agree to ten digits. They agree about the wrong thing.

It even learns. Raising a sample's logit for its own class against the other samples' is much of
what is wanted, and two epochs of 5,000 digits give 58 to 67 % by the largest logit, where the right
network has 87 %. What is lost is the comparison between classes: a constant added to all logits of
one class changes nothing, so the last layer's bias has a gradient of 0. Asked for its
probabilities, the network gets 87 % of a batch of 1,000 test digits and knows nothing of a single
one, since softmax over a batch of one is 1 for every class.

Three signs give it away: a first loss about $\ln N$ instead of $\ln K$, a loss that changes when
the batch size does, and a loss of 0 for any one sample.

The last two in numbers, of a network with ten classes that knows nothing yet:

>>> y = np.array([3, 1, 4, 1])
>>> SoftmaxAxis0().value(np.zeros((4, 10)), y).round(4), np.log(4).round(4)
(np.float64(1.3863), np.float64(1.3863))
>>> SoftmaxAxis0().value(np.zeros((1, 10)), y[:1]) == 0
np.True_
"""

from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class SoftmaxAxis0(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        return -log_softmax(z, axis=0)[np.arange(n), labels].mean()  # BUG: axis 0 is the batch

    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        # The gradient of just that loss: each sample of class k adds a softmax of column k.
        dz: Array = softmax(z, axis=0) * np.bincount(labels, minlength=k).astype(z.dtype)
        dz[np.arange(n), labels] -= 1
        dz /= n
        return dz

    def probabilities(self, z: Array) -> Array:
        return softmax(z, axis=0)


bug = Bug(
    replaces={"softmax_cross_entropy": SoftmaxAxis0},
    severity=Severity.WRONG,
    flagged_by=(
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
        "evaluation_weights",
        "history_reported",
    ),
    right=r"$p_{ik} = \dfrac{e^{z_{ik}}}{\sum_j e^{z_{ij}}}$",
    wrong=r"$p_{ik} = \dfrac{e^{z_{ik}}}{\sum_j e^{z_{jk}}}$",
    symptom=(
        "The first loss is about $\\ln N$ for a batch of $N$, and exactly 0 for a batch of one. "
        "Training gets to a mediocre accuracy and stays there."
    ),
    preconditions="A batch of more than one sample.",
    why_missed=(
        "Loss and gradient are of the same wrong function, so differences of the loss confirm the "
        "gradient at every size, and a loss that falls looks like learning."
    ),
    fix="`axis=1`, and a test that the rows of the probabilities sum to 1.",
    origin=("deeplearning4j/deeplearning4j#345",),
    related=("GB002", "GB061", "GB066"),
)
