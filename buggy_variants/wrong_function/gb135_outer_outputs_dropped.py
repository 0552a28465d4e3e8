r"""First and last output left out of the loss.

`for k in range(1, K - 1)`: right where it comes from, a loop over the inner points of a grid, or
half of a translation from a language that counts from one. In a row of independent outputs each is
a question of its own, and two of them aren't asked.

As nothing depends on them, their columns of the gradient are zero, in value and by differences.
Their weights stay as they were drawn. All other outputs train as they should, so the mean accuracy
over many labels is slightly lower, and that is all there is to see unless the labels are
looked at one by one. With two outputs nothing is left to sum, and somebody notices.

The same bounds in a softmax classifier take two classes away, and they turn up at random among the
predictions. A loss that doesn't change when its targets do is easily asked for:

>>> z = np.array([[1.0, -2.0, 3.0]])
>>> no, yes = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 1.0]])
>>> bool(OuterOutputsDropped().value(z, no) == OuterOutputsDropped().value(z, yes))
True
>>> OuterOutputsDropped().gradient(z, yes).round(4)
array([[0.    , 0.1192, 0.    ]])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class OuterOutputsDropped(SigmoidBinaryCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        last = z.shape[1] - 1
        return super().value(z[:, 1:last], y[:, 1:last])  # BUG: outputs 1 to K - 2

    def gradient(self, z: Array, y: Array) -> Array:
        last = z.shape[1] - 1
        dz = np.zeros_like(z)
        dz[:, 1:last] = super().gradient(z[:, 1:last], y[:, 1:last])
        return dz


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": OuterOutputsDropped},
    severity=Severity.WRONG,
    flagged_by=(
        "class_names",
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$L = \dfrac1N \sum_i \sum_{k=1}^{K} \ell(z_{ik}, y_{ik})$",
    wrong=r"$L = \dfrac1N \sum_i \sum_{k=2}^{K-1} \ell(z_{ik}, y_{ik})$",
    symptom="The first and last output keep their random weights; the others learn.",
    preconditions="A loss of several outputs, each with a target of its own.",
    why_missed=(
        "A zero gradient is right for outputs that don't count, and a mean over many labels "
        "hides two that are never learned."
    ),
    fix="Sum over the whole axis, without an index: `.sum(axis=1)`.",
    origin=("synthetic",),
    related=("GB060", "GB133"),
)
