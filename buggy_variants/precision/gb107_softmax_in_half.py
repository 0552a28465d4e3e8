r"""Softmax in half precision.

Sums are what half precision is worst at, and a softmax is exponentials over their sum. The row's
maximum is taken off first here, so nothing overflows. Still, each exponential is rounded to 11
bits, terms below $3 \cdot 10^{-8}$ vanish, which takes a logit 17.4 below the largest, and the sum
is rounded as it goes, at every term. The row adds up to 1 to three digits.

Frameworks had it so once, and changed it: a softmax takes float16, if it must, and computes in
float32. With ten classes the damage is a relative error of about $10^{-3}$ in each probability,
and the gradient $p - y$ has no more digits than that where $p$ nears $y$. A sample with $p_y =
0.9999$ has, in half precision, $p_y = 1$, and the logit of its own class gets no gradient. With
50,000 classes, added one by one, the sum stops growing as soon as a term is less than half its
spacing, and the probabilities add up to more than 1.

The loss is computed from the logits here, in full precision, and is right. So the gradient is
that of the loss to three digits and no more:

>>> z = np.array([[0.0, 1.0, 2.0, -18.0]])
>>> p = softmax(z)
>>> float(p.sum()), float(p[0, 3])
(1.0003662109375, 0.0)
>>> from reference_mlp import softmax as right
>>> np.abs(p / right(z) - 1).round(6)
array([[6.37e-04, 9.20e-05, 4.31e-04, 1.00e+00]])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def softmax(z: Array) -> Array:
    d = z - z.max(axis=1, keepdims=True)
    e = np.exp(d.astype(np.float16))  # BUG: three digits, and 0 for a logit 18 below the largest
    p: Array = (e / e.sum(axis=1, keepdims=True)).astype(z.dtype)
    return p


bug = Bug(
    replaces={"softmax": softmax},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "saturated_differences",
        "extreme_logits",
        "floating_point_warnings",
        "softmax_ulps",
        "loss_ulps",
        "cross_precision",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$p_k = e^{z_k - m} / \sum_j e^{z_j - m}$ in the precision of the logits",
    wrong=r"$p_k = \mathrm{fl}_{16}(e^{z_k - m}) / \mathrm{fl}_{16}(\sum_j e^{z_j - m})$",
    symptom=(
        "Probabilities have three digits and don't quite add up to 1. The logit of the right class "
        "gets no gradient any more where it is nearly sure; accuracy is hardly different."
    ),
    preconditions="None: every softmax has three digits only.",
    why_missed=(
        "A gradient check with a tolerance of $10^{-2}$ or a cosine similarity passes, and "
        "training is known to tolerate noise of this size."
    ),
    fix="Compute in float32 or wider, and convert the result if it must be short.",
    origin=("apache/mxnet#14072",),
    related=("GB001", "GB102"),
    dtypes=("float64",),
    inconclusive_in=("symmetric_jacobian",),
)
