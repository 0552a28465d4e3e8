r"""Temperature left in the loss.

Logits divided by a temperature are used where a network is distilled into another, where samples
are drawn from a language model, or where probabilities are calibrated after training. The
division is one small line, and stays behind in the loss when the experiment is over.

Softened by a factor of 2 the probabilities are less sure than they claim to be. Training can make
up for it, as weights of twice the size undo the division, and given time it does. The way there
is longer, since the gradient carries a factor $1/T$ from the chain rule and logits have to go $T$
times as far. Whoever later takes softmax of the plain logits, without the division, finds a network
that is wildly overconfident.

Nothing disagrees with anything inside, since value and gradient are both of the softened loss.
Only a loss recomputed from the logits can tell, or the gradient at a point where its value is
known:

>>> import numpy as np
>>> z, y = np.array([[2.0, 0.0]]), np.array([0])
>>> TemperedCrossEntropy().value(z, y).round(4), SoftmaxCrossEntropy().value(z, y).round(4)
(np.float64(0.3133), np.float64(0.1269))
>>> TemperedCrossEntropy().gradient(np.zeros((1, 2)), y)
array([[-0.25,  0.25]])
"""

from typing import Any

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array


class TemperedCrossEntropy(SoftmaxCrossEntropy):
    temperature = 2.0

    def value(self, z: Array, y: Array) -> Any:
        return super().value(z / self.temperature, y)  # BUG: from an experiment with soft targets

    def gradient(self, z: Array, y: Array) -> Array:
        return super().gradient(z / self.temperature, y) / self.temperature


bug = Bug(
    replaces={"softmax_cross_entropy": TemperedCrossEntropy},
    severity=Severity.WORSE,
    flagged_by=(
        "forward_formulas",
        "extreme_logits",
        "loss_ulps",
        "convex_optimum",
    ),
    right=r"$L = -\ln \mathrm{softmax}(z)_y$",
    wrong=r"$L = -\ln \mathrm{softmax}(z / T)_y$ with $T = 2$",
    symptom=(
        "Training is slower at the same learning rate, logits grow to $T$ times their size, and "
        "probabilities computed from them elsewhere are overconfident."
    ),
    preconditions="A temperature other than 1, and somebody who reads the logits.",
    why_missed=(
        "The first loss is $\\ln K$ as it should be, accuracy doesn't depend on a common factor, "
        "and the gradient fits the loss."
    ),
    fix="Make the temperature an argument that is 1 unless the caller says otherwise.",
    origin=("synthetic",),
    related=("GB057",),
    also=forms(
        "softmax_cross_entropy",
        TemperedCrossEntropy,
        "with a temperature of",
        temperature=(0.5, 3, 4, 5, 10),
    ),
)
