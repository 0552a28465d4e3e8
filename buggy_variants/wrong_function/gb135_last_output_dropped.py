r"""Last output left out of the loss.

`for k in range(K - 1)`: a habit from fence posts, or from somebody who knows that the last of K
probabilities follows from the others. It does in a softmax. In a row of independent outputs
each is a question of its own, and the last one isn't asked.

As nothing depends on it, its column of the gradient is zero, in value and by differences. Its
weights stay as they were drawn. All other outputs train as they should, so the mean accuracy over
many labels is slightly lower, and that is all there is to see unless the labels are
looked at one by one. With a single output nothing is left to sum, and somebody notices.

The same off-by-one in a softmax classifier takes the last class away, and it turns up
at random among the predictions. A loss that doesn't change when its targets do is easily asked
for:

>>> z = np.array([[1.0, -2.0, 3.0]])
>>> no, yes = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 1.0]])
>>> bool(LastOutputDropped().value(z, no) == LastOutputDropped().value(z, yes))
True
>>> LastOutputDropped().gradient(z, yes).round(4)
array([[-0.2689,  0.1192,  0.    ]])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class LastOutputDropped(SigmoidBinaryCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        last = z.shape[1] - 1
        return super().value(z[:, :last], y[:, :last])  # BUG: outputs 0 to K - 2

    def gradient(self, z: Array, y: Array) -> Array:
        last = z.shape[1] - 1
        dz = np.zeros_like(z)
        dz[:, :last] = super().gradient(z[:, :last], y[:, :last])
        return dz


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": LastOutputDropped},
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
    wrong=r"$L = \dfrac1N \sum_i \sum_{k=1}^{K-1} \ell(z_{ik}, y_{ik})$",
    symptom="The last output keeps its random weights; the others learn.",
    preconditions="A loss of several outputs, each with a target of its own.",
    why_missed=(
        "A zero gradient is right for an output that doesn't count, and a mean over many labels "
        "hides one that is never learned."
    ),
    fix="Sum over the whole axis, without an index: `.sum(axis=1)`.",
    origin=("synthetic",),
    related=("GB060", "GB133"),
)
