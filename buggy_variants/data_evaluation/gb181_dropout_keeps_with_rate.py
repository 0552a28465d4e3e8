r"""Rate taken for the probability of keeping.

`dropout(0.2)` drops a fifth of the units in some libraries and four fifths in others. The paper's
$p$ is the probability that a unit is kept; TensorFlow's first dropout took `keep_prob`, its later
one takes `rate`, and the name of the argument is all that tells. Here each line agrees with the
next: a unit is kept with probability `rate`, and divided by `rate`, so that the mean is preserved,
and the code can't be found wrong by reading it on its own.

It's wrong by its contract. Called with 0.2 by somebody who means to drop a fifth, it leaves a
fifth, at five times the size. Such a network underfits, and the usual reading of that is that
dropout doesn't suit the problem. Called with 0.5, as in most examples, it's right. One issue
reports that the results with `rate` and with `1 - rate` looked pretty similar, which is why it had
gone unnoticed.

The share that a rate of 0.2 leaves, and the mean, which shows nothing:

>>> x = np.ones((100, 100))
>>> out, _ = KeepsWithRate(0.2).thinned(np.random.default_rng(0)).forward(x, {})
>>> [round(float(number), 1) for number in ((out != 0).mean(), out.mean(), out.max())]
[0.2, 1.0, 5.0]
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Dropout
from reference_mlp._arrays import Array
from reference_mlp.dropout import ThinnedDropout
from reference_mlp.layers import Layer


class KeepsWithRate(Dropout):
    def thinned(self, rng: np.random.Generator) -> Layer:
        class Thinned(ThinnedDropout):
            def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Array]:
                keep = self.rate  # BUG: the rate is what is dropped, 1 - rate is kept
                kept = np.random.default_rng(self.seed).random(x.shape) < keep
                mask: Array = kept.astype(x.real.dtype) / keep
                return x * mask, mask

        return Thinned(self.rate, int(rng.integers(2**63)))


bug = Bug(
    replaces={"dropout": KeepsWithRate},
    severity=Severity.WORSE,
    flagged_by=("dropout_masks",),
    right=r"$\Pr(m_{ij} = 0) = p, \quad h = x \odot \dfrac{m}{1 - p}$",
    wrong=r"$\Pr(m_{ij} = 0) = 1 - p, \quad h = x \odot \dfrac{m}{p}$",
    symptom="Underfitting that grows as the rate is lowered; at a rate of 0 it is 0 divided by 0.",
    preconditions="A rate other than 0.5.",
    why_missed=(
        "The mean is preserved, forward and backward agree, and at a rate of 0.5 it is the right "
        "layer."
    ),
    fix="Keep with probability `1 - rate`, and test the share of zeros at a rate of 0.2.",
    origin=("hunkim/DeepLearningZeroToAll#122", "aymericdamien/TensorFlow-Examples#205"),
    related=("GB093",),
)
