r"""Minus one over p, sent back through the softmax.

A network built of modules has a softmax layer and a loss on probabilities, and each brings its
own derivative: the loss $g = -1/p$ at the label, the softmax
$p \odot (g - \sum_k g_k p_k)$. Each is right, and so is their product, which is $p - y$. The
division by $p$ cancels against the multiplication by $p$, if both take place.

When the label's $p$ has underflowed to 0 they don't: $-1/0$ is minus infinity, infinity times 0 is
NaN. It is enough that $1/p$ overflows, which it does once the label's logit is 710 below the
largest in float64, or 89 in float32, so this breaks somewhat sooner than the logarithm does. The
row fills with NaN and infinities, although the gradient there is the simplest there is: 1 for
the class that the network believes in, and -1 for the label.

It strikes those who keep softmax and cross-entropy apart, and a library can too: the derivative
of a `logsoftmax` was once the softmax's, asked for $g / p$. The layered code isn't wrong in
principle. Softmax and logarithm just have to be one layer, whose derivative is subtracted
instead of multiplied out.

Rows whose label lies 700 and 720 below the largest logit. The gradient of both is (-1, 1), but for
the division by $N$:

>>> z = np.array([[0.0, 700.0], [0.0, 720.0]])
>>> with np.errstate(all="ignore"):
...     len(z) * MinusOneOverP().gradient(z, np.array([0, 0]))
array([[-1.,  1.],
       [nan, inf]])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels


class MinusOneOverP(SoftmaxCrossEntropy):
    def gradient(self, z: Array, y: Array) -> Array:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        p = self.softmax(z)
        g = np.zeros_like(p)
        g[np.arange(n), labels] = -1 / p[np.arange(n), labels]  # BUG: overflows where p underflows
        dz: Array = p * (g - (g * p).sum(axis=1, keepdims=True))
        dz /= n
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": MinusOneOverP},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_logits",
        "floating_point_warnings",
        "loss_ulps",
    ),
    right=r"$\dfrac{\partial L}{\partial z_{ik}} = \dfrac{p_{ik} - [k = y_i]}{N}$",
    wrong=(
        r"$\dfrac{\partial L}{\partial z_{ik}} = \dfrac{p_{ik}}{N} \Bigl( g_{ik} - "
        r"\sum_j g_{ij} p_{ij} \Bigr), \quad g_{ik} = -\dfrac{[k = y_i]}{p_{ik}}$"
    ),
    symptom=(
        "All weights are `nan` after one batch, while the loss of that very batch was large but "
        "finite. NumPy warns of a division by zero or an overflow, then of an invalid value."
    ),
    preconditions=(
        "A label whose logit is 710 below the largest of its row in float64, or 89 in float32."
    ),
    why_missed=(
        "The division by $p$ and the multiplication by it cancel to a rounding as long as both are "
        "finite, so every gradient check at logits of order 1 agrees with the fused formula."
    ),
    fix="Fuse softmax and cross-entropy: the gradient is `(p - onehot) / n`.",
    origin=(
        "notebook 000, lines 45 and 78",
        "notebook 001, line 242: latent",
        "FluxML/NNlib.jl#68",
    ),
    related=("GB003",),
)
