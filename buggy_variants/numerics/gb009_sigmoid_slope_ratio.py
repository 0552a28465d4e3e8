r"""Sigmoid's slope by the quotient rule.

Differentiate $1 / (1 + e^{-z})$ on paper and you get $e^{-z} / (1 + e^{-z})^2$. Symbolic algebra
systems print it, formula sheets list it, and whoever writes surrogate gradients for spiking
networks has it in a line of their code. It is correct, and it is the one form of the derivative
that asks for a new exponential although the sigmoid is at hand.

The exponential is also where it breaks. For $z$ below $-709.8$ in float64, or $-88.7$ in float32,
$e^{-z}$ is infinite, and infinity over its own square is NaN. There is a first stage to this that
looks healthy: from half that distance on only the square overflows, the quotient is 0, and as the
derivative is smaller than $10^{-154}$ there ($10^{-19}$ in float32) nobody will object. So a
sweep over moderately large logits passes, and shows a warning at most. The forward pass is
stable, loss and accuracy are those of a good network, and then one unit with an outlier for its
input fills a column of its weight gradient with NaN.

The slope is the same at $z$ and at $-z$. Of $-|z|$ the exponential is 1 at most, and the formula
is as good as any:

>>> layer, z = SlopeRatio(), np.array([-2.0, -40.0, -80.0, -100.0], np.float32)
>>> h, cache = layer.forward(z)
>>> with np.errstate(all="ignore"):
...     layer.backward(cache, np.ones_like(z))
array([1.0499360e-01, 4.2483545e-18, 0.0000000e+00,           nan],
      dtype=float32)
>>> e = np.exp(-np.abs(z))
>>> e / (1 + e) ** 2
array([1.04993574e-01, 4.24835413e-18, 1.80485147e-35, 3.78350585e-44],
      dtype=float32)
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Sigmoid
from reference_mlp._arrays import Array


class SlopeRatio(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        e = np.exp(-z)
        dz: Array = dh * e / (1 + e) ** 2  # BUG: infinity over infinity for z far below 0
        return dz


bug = Bug(
    replaces={"sigmoid": SlopeRatio},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_activations",
        "floating_point_warnings",
    ),
    right=r"$s' = \dfrac{e^{-|z|}}{(1 + e^{-|z|})^2}$, which is $s (1 - s)$",
    wrong=r"$s' = \dfrac{e^{-z}}{(1 + e^{-z})^2}$",
    symptom=(
        "The loss is right and the gradients of one layer are `nan` in some columns. NumPy warns "
        "of an overflow in `exp` or `square`, then of an invalid value in `divide`."
    ),
    preconditions="A pre-activation below -709.8 in float64, or below -88.7 in float32.",
    why_missed=(
        "The two forms agree to a few roundings wherever both are finite, which is wherever small "
        "weights and standardised inputs go. Tests for stability look at the forward pass, and it "
        "is stable."
    ),
    fix="`e = np.exp(-np.abs(z))`, or from the output of the forward pass, `dh * s * (1 - s)`.",
    origin=("jeshraghian/snntorch#433",),
    related=("GB008", "GB010"),
)
