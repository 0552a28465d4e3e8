r"""Zero log zero solved, and log zero left.

Someone has met the NaN of $0 \cdot \log 0$ and found the function for it: `scipy.special.xlogy(y,
s)` is 0 where $y$ is 0, whatever $s$ may be. With `xlog1py(1 - y, -s)` for the second half,
binary cross-entropy has no NaN left. All four corners, $y$ and $s$ each 0 or 1, give the limit
that mathematics gives: 0 where the sample is right and infinity where it is wrong.

But the infinity is a limit for $s \to 1$, and $s$ never gets there; only its rounding does. A
logit of 40 has a loss of 40 for a target of 0. The probability $1 - 4 \cdot 10^{-18}$ is 1 in
float64, so $\log(1 - s)$ is minus infinity and no function of $s$ can know better: the
information was gone before `xlog1py` was called. Symmetry has been lost as well. At a logit of
$-40$ and a target of 1, which is the same sample seen from the other side, the loss is right, as
a small $s$ keeps its digits where a small $1 - s$ doesn't.

Soft labels make it worse, since with $y = 0.9$ no term is ever multiplied by 0, and every sure
prediction of the class is infinitely bad.

Four logits, a target of 0, then the mirror image:

>>> loss, zs = FromProbabilities(), (10.0, 30.0, 36.0, 40.0)
>>> with np.errstate(divide="ignore"):
...     [round(float(loss.value(np.array([[z]]), np.array([[0.0]]))), 6) for z in zs]
...     [round(float(loss.value(np.array([[-z]]), np.array([[1.0]]))), 6) for z in zs]
[10.000045, 29.999834, 36.043653, inf]
[10.000045, 30.0, 36.0, 40.0]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class FromProbabilities(SigmoidBinaryCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        from scipy.special import xlog1py, xlogy

        y = self._targets(z, y)
        s = self.sigmoid(z)
        return -np.mean((xlogy(y, s) + xlog1py(1 - y, -s)).sum(axis=1))  # BUG: 1 - s is gone by now


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": FromProbabilities},
    severity=Severity.NAN,
    flagged_by=(
        "saturated_differences",
        "extreme_logits",
        "loss_ulps",
    ),
    right=r"$L = \dfrac{1}{N} \sum_{ik} \bigl( \log(1 + e^{z_{ik}}) - y_{ik} z_{ik} \bigr)$",
    wrong=(
        r"$L = -\dfrac{1}{N} \sum_{ik} \bigl( y_{ik} \log s_{ik} "
        r"+ (1 - y_{ik}) \log(1 - s_{ik}) \bigr)$, with $0 \log 0 = 0$"
    ),
    symptom=(
        "The loss is `inf` for batches with one confident error towards class 1, and finite for "
        "the same error towards class 0. A little before, it moves in steps: 35.6, 36.0, 36.7."
    ),
    preconditions="A logit above 37 in float64 (17 in float32) and a target below 1.",
    why_missed=(
        "The four corners are what people test, and they are right. So are all logits of order 1, "
        "to the last digits but one."
    ),
    fix="The loss from the logits: `log1p(exp(-abs(z)))` keeps what $1 - s$ has lost.",
    origin=("synthetic",),
    related=("GB003", "GB007", "GB012"),
)
