r"""Clip that is finer than the floats it guards.

Binary cross-entropy takes two logarithms, of $s$ and of $1 - s$, so its guard has two sides:
`np.clip(s, 1e-15, 1 - 1e-15)`. In float64 that works after a fashion: $1 - 10^{-15}$ is a number,
nine steps below 1, and the loss stops at 34.54. Then somebody switches the network to float32.
The nearest float32 below 1 is $1 - 6 \cdot 10^{-8}$, so $1 - 10^{-15}$ is rounded to 1 before it
is ever compared with anything. The upper side of the guard has become `min(s, 1)`.

From a logit of about 17 on, $s$ is 1 in float32, $\log(1 - s)$ is minus infinity, and the loss is
infinite for a target of 0. For a target of 1, where the sample is perfectly right, it is $0 \cdot
\infty$, NaN: the better the network gets, the likelier. The lower side, $10^{-15}$, is a fine
float32, so tests with very negative logits pass, and so does every test in float64.

Keras once clipped at $10^{-9}$ here, and its users got NaN in float32, the usual precision there.
Here is the same sample in both precisions, first right and then wrong by 20:

>>> def losses(dtype):
...     z = np.array([[20.0]], dtype)
...     with np.errstate(all="ignore"):
...         return [float(ClippedBelowRoundoff().value(z, np.array([[y]]))) for y in (1.0, 0.0)]
>>> losses(np.float64)
[2.0611535832696244e-09, 20.00000002003398]
>>> losses(np.float32)
[nan, inf]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SigmoidBinaryCrossEntropy
from reference_mlp._arrays import Array


class ClippedBelowRoundoff(SigmoidBinaryCrossEntropy):
    lowest = 1e-15

    def value(self, z: Array, y: Array) -> Any:
        y = self._targets(z, y)
        s = self.sigmoid(z)
        s = np.clip(s, self.lowest, 1 - self.lowest)  # BUG: in float32 1 - 1e-15 is 1
        return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum(axis=1).mean()


bug = Bug(
    replaces={"sigmoid_binary_cross_entropy": ClippedBelowRoundoff},
    severity=Severity.NAN,
    flagged_by=(
        "saturated_differences",
        "extreme_logits",
        "floating_point_warnings",
        "loss_ulps",
    ),
    right=r"$L = \dfrac{1}{N} \sum_{ik} \bigl( \log(1 + e^{z_{ik}}) - y_{ik} z_{ik} \bigr)$",
    wrong=(
        r"$s = \min(\max(s, 10^{-15}), 1 - 10^{-15})$, where $1 - 10^{-15} = 1$ in float32, "
        r"in $-y \log s - (1 - y) \log(1 - s)$"
    ),
    symptom=(
        "In float32 the loss turns `nan` or `inf` once the network is sure of itself, with a "
        "division by zero in `log`. The same run in float64 is all right, and its loss never "
        "exceeds 34.54 an output."
    ),
    preconditions="float32 and a logit above about 17; in float64 one beyond 34.5 on either side.",
    why_missed=(
        "The guard is there to be seen, and in float64 it holds. Tests run in float64, gradient "
        "checks because they must, and at logits of order 1 nothing is clipped at all."
    ),
    fix="`softplus(z) - y * z`, from the logits. An epsilon, if any, must suit the dtype.",
    origin=("keras-team/keras#377", "snipsco/ntm-lasagne#20", "eriklindernoren/ML-From-Scratch#98"),
    related=("GB006", "GB012", "GB101"),
    also=forms(
        "sigmoid_binary_cross_entropy",
        ClippedBelowRoundoff,
        "clipped at",
        lowest=(1e-8, 1e-9, 1e-10, 1e-12, 1e-16),
    ),
)
