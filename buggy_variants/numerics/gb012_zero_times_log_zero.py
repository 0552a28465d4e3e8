r"""Zero times the logarithm of zero.

$-y \log s - (1 - y) \log(1 - s)$: for a target of 1 the second term is absent, for a target of 0
the first. On paper, that is. In code both are computed, and the absent one is multiplied by 0.
From $z = 37$ on a float64 sigmoid is exactly 1 (from 17 on in float32), $\log(1 - s)$ is minus
infinity, and 0 times minus infinity is NaN.

So it is the sample that couldn't be more right that breaks the loss: target 1, probability 1. The
sample that is just as sure and wrong gives infinity, which is no better but at least means
something. A batch with either has no loss. The notebook behind this entry computes the cost in
this way and discards it, and so its 10 epochs of NaN went by unseen, the warnings being switched
off.

Note how one-sided it is. On the other side $s$ is $e^z$, a float64 down to $z = -745$, and $\log
s$ is fine; only where 1 swallows the rest is anything lost. Tests with logits of both signs up to
10 see a loss that is right to twelve digits, and at 30 there are still five.

With logits the four cases cost 0 or 40, give or take $4 \cdot 10^{-18}$. This is what comes out:

>>> loss = BothLogarithms()
>>> with np.errstate(all="ignore"):
...     for y in (0.0, 1.0):
...         [float(loss.value(np.array([[z]]), np.array([[y]]))) for z in (-40.0, 40.0)]
[-0.0, inf]
[40.0, nan]
"""

from functools import partial
from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class BothLogarithms(SigmoidBinaryCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        y = self._targets(z, y)
        s = self.sigmoid(z)
        return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum(axis=1).mean()  # BUG: 0 * log(0)


def overflowing(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": BothLogarithms},
    severity=Severity.NAN,
    flagged_by=(
        "saturated_differences",
        "extreme_logits",
        "floating_point_warnings",
        "loss_ulps",
    ),
    right=r"$L = \dfrac{1}{N} \sum_{ik} \bigl( \log(1 + e^{z_{ik}}) - y_{ik} z_{ik} \bigr)$",
    wrong=(
        r"$L = -\dfrac{1}{N} \sum_{ik} \bigl( y_{ik} \log s_{ik} "
        r"+ (1 - y_{ik}) \log(1 - s_{ik}) \bigr)$"
    ),
    symptom=(
        "The loss becomes `nan` as training succeeds, with warnings of a division by zero in `log` "
        "and an invalid value in `multiply`. The weights are fine if the gradient is $s - y$."
    ),
    preconditions="A logit above 37 in float64, or above 17 in float32.",
    why_missed=(
        "Sigmoids of a fresh network are near one half. A check with soft targets doesn't have the "
        "0 that makes a NaN of the infinity, and one with small weights not the infinity."
    ),
    fix="`softplus(z) - y * z` from the logits, in a form that doesn't overflow.",
    origin=("notebook 003, line 128",),
    related=("GB003", "GB007", "GB101"),
    also=(
        Form(
            {"sigmoid_binary_cross_entropy": partial(BothLogarithms, overflowing)},
            "in one formula",
            beside=("GB008",),
        ),
    ),
)
