r"""Softmax without the shift.

The textbook writes $p_k = e^{z_k} / \sum_j e^{z_j}$, and so does nearly everybody's first
softmax. In exact arithmetic nothing is wrong with it. In float64 $e^z$ overflows to infinity
from $z = 709.8$ on, in float32 from $88.7$, and $\infty / \infty$ is NaN.

Logits of that size sound unlikely until a learning rate is too high for one batch, inputs are
left at 0 to 255, or weights start at unit variance: then the first batch is enough. From the
softmax the NaN goes into the gradient, from there into every weight, and no later batch brings
the network back.

Softmax doesn't change when the same number is taken from all logits of a row. Taking the row's
largest makes every exponent at most 0, so nothing overflows, and at least one term of the sum
is 1, so nothing is divided by 0.

The same two logits, 1 apart, at 0 and at 710:

>>> with np.errstate(over="ignore", invalid="ignore"):
...     softmax(np.array([[0.0, 1.0], [710.0, 711.0]])).round(4)
array([[0.2689, 0.7311],
       [   nan,    nan]])
"""

import numpy as np

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp._arrays import Array


def softmax(z: Array) -> Array:
    e = np.exp(z)  # BUG: without the row's maximum taken off, exp overflows
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


def over_the_whole_batch(z: Array) -> Array:
    return np.asarray(np.exp(z) / np.sum(np.exp(z)))


bug = Bug(
    replaces={"softmax": softmax},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_logits",
        "floating_point_warnings",
        "softmax_ulps",
        "loss_ulps",
    ),
    right=r"$p_k = \dfrac{e^{z_k - m}}{\sum_j e^{z_j - m}}, \quad m = \max_j z_j$",
    wrong=r"$p_k = \dfrac{e^{z_k}}{\sum_j e^{z_j}}$",
    symptom=(
        "Training goes well, then the loss is `nan` from one batch to the next and stays so; "
        "NumPy warns of an overflow in `exp` and an invalid value in `divide`, once."
    ),
    preconditions="A logit above 709.8 in float64, or above 88.7 in float32.",
    why_missed=(
        "A gradient check uses small random weights, whose logits are of order 1. There the two "
        "formulas agree to the last digits."
    ),
    fix="Subtract `z.max(axis=1, keepdims=True)` before `np.exp`.",
    origin=("notebook 001, lines 37 and 214",),
    related=("GB002", "GB003", "GB107"),
    also=(Form({"softmax": over_the_whole_batch}, "over the whole batch", beside=("GB068",)),),
)
