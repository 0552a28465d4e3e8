r"""Tanh as a quotient of exponentials.

$\tanh z = (e^z - e^{-z}) / (e^z + e^{-z})$ is how the function is introduced, and a layer that
follows the textbook line by line has it so. Of the two exponentials one always grows. At $z =
710$ in float64, or 89 in float32, it is infinite, numerator and denominator are infinite both,
and their quotient is NaN instead of 1. It is the same on the negative side. The sigmoid's
definition overflows as well, but with its infinity alone in the denominator, so that it comes out
at the right 0; here there is no such luck.

An activation is where a NaN does most harm. The unit's output goes into every logit of the
sample, the loss of the batch is NaN, and after one step so is every weight. Caffe's layer was of
this kind, and was outside its range in single precision at inputs of 40 already, which its fix
put down to badly scaled data. Near 0 there is a second, quieter loss: $e^z - e^{-z}$ is a
difference of two numbers near 1, so that of the sixteen digits of $\tanh 10^{-9}$ half are noise.

A compiler of GPU kernels mended a near relative of this formula as late as 2025. The library's
`np.tanh` knows both ends:

>>> z = np.array([1e-9, 1.0, 700.0, 720.0])
>>> with np.errstate(all="ignore"):
...     TanhRatio().forward(z)[0]
array([1.00000003e-09, 7.61594156e-01, 1.00000000e+00,            nan])
>>> np.tanh(z)
array([1.00000000e-09, 7.61594156e-01, 1.00000000e+00, 1.00000000e+00])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Tanh
from reference_mlp._arrays import Array


class TanhRatio(Tanh):
    def forward(self, z: Array) -> tuple[Array, Array]:
        a, b = np.exp(z), np.exp(-z)
        t = (a - b) / (a + b)  # BUG: infinity over infinity for large z, either sign
        return t, z


bug = Bug(
    replaces={"tanh": TanhRatio},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_activations",
        "floating_point_warnings",
        "activation_ulps",
    ),
    right=r"$\tanh z$ by the library, or $\pm (1 - 2 / (e^{2 |z|} + 1))$",
    wrong=r"$t = \dfrac{e^z - e^{-z}}{e^z + e^{-z}}$",
    symptom=(
        "The loss is `nan` after one batch with an outlier in it, and stays so; NumPy warns of an "
        "overflow in `exp` and an invalid value in `divide`."
    ),
    preconditions="A pre-activation beyond 709.8 in float64, or beyond 88.7 in float32.",
    why_missed=(
        "Up to there the value is right to a few roundings of 1, and so is the derivative. "
        "Pre-activations of a fresh network are of order 1."
    ),
    fix="`np.tanh(z)`.",
    origin=("andersbll/nnet#4", "BVLC/caffe#1455", "triton-lang/triton#8551"),
    related=("GB009", "GB109"),
)
