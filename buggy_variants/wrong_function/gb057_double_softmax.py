r"""Softmax applied twice.

The network ends in a softmax, because a classifier should give probabilities. The loss
function is called cross-entropy, wants logits, and applies a softmax of its own. Nothing in a name
or a shape says that one of the two is too many.

The second softmax sees numbers between 0 and 1, which it takes for logits of hardly any size. Were
the network ever so certain, its best row is a one and nine zeros, and the loss of that is
$\ln(1 + 9/e) = 1.46$. Training works its way down to this floor and stays there. The largest
output is still the largest after another softmax, so that accuracy is nearly what it should be, and
a gradient check, which compares the loss with its own derivative, agrees to ten digits.

What gives it away is a loss that won't go to 0 on a handful of samples. With three classes the
floor is $\ln(1 + 2/e)$, here for a sample that is classified rightly beyond any doubt:

>>> import numpy as np
>>> z, y = np.array([[50.0, 0.0, 0.0]]), np.array([0])
>>> DoubleSoftmax().value(z, y).round(4), SoftmaxCrossEntropy().value(z, y).round(4)
(np.float64(0.5514), np.float64(0.0))
>>> abs(DoubleSoftmax().gradient(z, y)).max() < 1e-20
np.True_
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array


class DoubleSoftmax(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        return super().value(self.softmax(z), y)  # BUG: the loss has a softmax of its own

    def gradient(self, z: Array, y: Array) -> Array:
        p = self.softmax(z)
        dp = super().gradient(p, y)
        dz: Array = p * (dp - (dp * p).sum(axis=1, keepdims=True))
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": DoubleSoftmax},
    severity=Severity.WORSE,
    flagged_by=(
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$L = -\ln p_y$ with $p = \mathrm{softmax}(z)$",
    wrong=r"$L = -\ln q_y$ with $q = \mathrm{softmax}(\mathrm{softmax}(z))$",
    symptom=(
        "The loss levels off at $\\ln(1 + (K - 1)/e)$, 1.46 with ten classes, while accuracy is "
        "good. Learning is slow, as gradients fade where the network is sure, right or wrong."
    ),
    preconditions="None; the lower the loss should be, the plainer.",
    why_missed=(
        "The gradient is that of the loss as computed, the largest output is the right one, and "
        "few people know by heart how low a loss ought to go."
    ),
    fix="Hand the logits to the loss; apply softmax only where probabilities are wanted.",
    origin=(
        "Andrej Karpathy, 1 July 2018: softmaxed outputs passed to a loss that expects raw logits",
    ),
    related=("GB056", "GB058", "GB131"),
)
