r"""Dropout scaled by one over the rate.

Units are dropped with probability $p$, so a share $1 - p$ is left, and the outputs have to be
divided by that for their mean to stay. Dividing by $p$ is a slip of one symbol. Some libraries call
$p$ the probability of keeping a unit, and a formula that is right there is wrong here.

At $p = 0.5$ the two are the same number, and 0.5 is the usual rate of hidden layers, that of most
tutorials and of most tests. At 0.2, a common choice for inputs, the scale is 5 in place of 1.25,
and the mean output of the layer is four times what it is in evaluation. Layers above are trained on
activations of that size and then used on others, a quarter as large. With two such layers it is a
sixteenth. Saturated sigmoids and large first losses can follow, or a network that is good in
training and hesitant in use: its logits are too small, its probabilities too even. Which class is
the largest is often still right, so accuracy suffers less than the loss does.

The mean of 10,000 ones after dropout, at rates of 0.5 and 0.2:

>>> x = np.ones((100, 100))
>>> def mean(rate):
...     layer = DividedByRate(rate).thinned(np.random.default_rng(0))
...     return round(float(layer.forward(x, {})[0].mean()), 1)
>>> [mean(0.5), mean(0.2)]
[1.0, 4.0]
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Dropout
from reference_mlp._arrays import Array
from reference_mlp.dropout import ThinnedDropout
from reference_mlp.layers import Layer


class DividedByRate(Dropout):
    def thinned(self, rng: np.random.Generator) -> Layer:
        class Thinned(ThinnedDropout):
            def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
                kept = np.random.default_rng(self.seed).random(x.shape) >= self.rate
                mask: Array = kept.astype(x.real.dtype) / self.rate  # BUG: 1 - rate are kept
                return x * mask, mask

        return Thinned(self.rate, int(rng.integers(2**63)))


bug = Bug(
    replaces={"dropout": DividedByRate},
    severity=Severity.WORSE,
    flagged_by=("dropout_masks",),
    right=r"$h = x \odot \dfrac{m}{1 - p}, \quad \Pr(m_{ij} = 0) = p$",
    wrong=r"$h = x \odot \dfrac{m}{p}$",
    symptom=(
        "The loss in evaluation is far from that of training, in a network that doesn't overfit; "
        "activations differ in size between the two."
    ),
    preconditions="A rate other than 0.5.",
    why_missed="At a rate of 0.5 the formulas agree.",
    fix="Divide by `1 - rate`, and test at a rate of 0.2.",
    origin=("lmjohns3/theanets#123", "bennyfri/TFMacCpp#6"),
    related=("GB181",),
)
