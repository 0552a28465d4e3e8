r"""Softplus as it is written.

From the logits, binary cross-entropy is $\log(1 + e^z) - y z$: no sigmoid, no logarithm of 0, one
line. It is the right idea, and `np.log(1 + np.exp(z)) - y * z` spoils it at both ends. For $z$
above 709.8, or 88.7 in float32, the exponential overflows and the loss is infinite, where it
ought to be $z$ for a target of 0 and 0 for a target of 1. So the sample that the network is
surest of, and rightly, makes the mean over the batch infinite.

At the other end $e^z$ is lost beside the 1: from $z = -37$ down (-17 in float32) the sum is
exactly 1, and the loss exactly 0. Some losses that small would be welcome, but nobody can tell
them apart any more, and `log1p` would have cost nothing. In between, too, a target of 1 is served
badly: $\log(1 + e^z)$ and $z$ are two numbers of size 30 whose difference of $10^{-13}$ is the
loss.

A gradient of $s(z) - y$ that comes from a careful sigmoid is right throughout, so training
continues while the log shows `inf`. People have met this in the softplus activation of half a
dozen libraries, and in one of them the first repair broke the negative side.

A sample that is right, at three logits:

>>> loss, y = NaiveSoftplus(), np.array([[1.0]])
>>> with np.errstate(over="ignore"):
...     [float(loss.value(np.array([[z]]), y)) for z in (1.0, 36.0, 710.0)]
[0.3132616875182228, 0.0, inf]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class NaiveSoftplus(SigmoidBinaryCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        y = self._targets(z, y)
        return (np.log(1 + np.exp(z)) - y * z).sum(axis=1).mean()  # BUG: exp overflows above 709.8


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": NaiveSoftplus},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_logits",
        "floating_point_warnings",
        "loss_ulps",
    ),
    right=r"$\max(z, 0) + \log(1 + e^{-|z|}) - y z$, the logarithm by `log1p`",
    wrong=r"$\log(1 + e^z) - y z$",
    symptom=(
        "The loss is `inf` for a batch or for good while the accuracy rises, and NumPy warns of an "
        "overflow in `exp`."
    ),
    preconditions="A logit above 709.8 in float64, or above 88.7 in float32.",
    why_missed=(
        "Between -17 and 88 nothing is off by more than a rounding of the logit, and a gradient "
        "check doesn't leave that range. The formula has no `log(0)` and no division in it, so it "
        "passes for the stable one."
    ),
    fix="`np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z`.",
    origin=("rushter/MLAlgorithms#30", "rushter/MLAlgorithms#31", "apache/tvm#1768"),
    related=("GB003", "GB012"),
)
