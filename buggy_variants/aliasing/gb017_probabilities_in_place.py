r"""Probabilities written over the logits.

The gradient of softmax with cross-entropy is $(p - y) / N$, and the shortest code for it takes
the array of probabilities and subtracts 1 at each label. The subtraction is only right on an
array that nobody else holds. Here the gradient reuses the array that the forward pass left on
the tape, so probabilities, labels and the division by $N$ all end up in what used to be the
logits.

The first backward pass is perfect: each number is read before it is overwritten. After it, the
tape no longer belongs to any forward pass. A second backward pass takes the softmax of a
gradient. A loss or an accuracy computed after the update, from the logits that the forward pass
returned, is computed from $(p - y) / N$: those entries are so small that the loss comes out
just above $\ln K$, whatever the network has learnt, and since $p_y - 1$ is never positive the
label is never the largest of its row, so that the accuracy is exactly 0. In the notebook this
comes from, where the probabilities themselves are kept, the loss after the backward pass is the
logarithm of a negative number, NaN.

It is missed because the usual training loop reads the loss first, runs backward once, and
throws the tape away. Gradient checks do the same.

A network that is right about both samples, before and after its gradient has been asked for:

>>> import numpy as np
>>> z, y = np.array([[4.0, 0.0], [0.0, 4.0]]), np.array([0, 1])
>>> loss = SoftmaxCrossEntropyInPlace()
>>> before, _, after = loss.value(z, y), loss.gradient(z, y), loss.value(z, y)
>>> round(float(before), 3), round(float(after), 3), int((z.argmax(axis=1) == y).sum())
(0.018, 0.702, 0)
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.losses import less_one_hot


class SoftmaxCrossEntropyInPlace(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        dz = z  # BUG: the array on the tape under a second name, not one of its own
        dz[...] = self.softmax(z)
        less_one_hot(dz, labels)
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": SoftmaxCrossEntropyInPlace},
    severity=Severity.WRONG,
    flagged_by=(
        "layer_adjoints",
        "modules_unchanged",
        "asked_twice",
    ),
    right=r"$dz = (p - y) / N$, and $z$ is left alone",
    wrong=r"$dz = z \leftarrow (p - y) / N$",
    symptom=(
        r"Gradients are right the first time. A loss computed from the same logits after the "
        r"backward pass is just above $\ln K$, an accuracy is 0, and a second backward pass of "
        "the same tape returns other gradients."
    ),
    preconditions="Somebody reads the logits, or runs backward again, after the first backward.",
    why_missed=(
        "A gradient check runs forward and backward once each time, and the usual loop reports "
        "the loss before it asks for gradients."
    ),
    fix="`dz = self.softmax(z)`, an array that nobody else has.",
    origin=("notebook 004, line 78",),
    related=("GB016", "GB018", "GB099"),
)
