r"""Tanh from a sigmoid.

$\tanh z = 2 s(2z) - 1$ is an identity, and a welcome one for somebody who has just written a
sigmoid that doesn't overflow: a second activation for the price of one line. Nor does this one
overflow. At both ends it is $\pm 1$ as it should be, and there is no warning to be had from it
anywhere.

It is the middle that suffers. Near 0 the sigmoid is one half and its floats are $10^{-16}$ apart
(6e-8 in float32); doubling it and taking 1 off leaves a small number with that same spacing. The
absolute error is harmless. The relative one grows as $z$ shrinks: of $\tanh 10^{-6}$ ten digits
are right in float64 and one in float32, and at $10^{-8}$ the float32 result is 0.

A tanh network works around 0. With small initial weights and many layers, or at the start of a
recurrent network, activations of $10^{-4}$ are what there is, and in float32 they now carry a
noise of some parts in ten thousand. Whatever depends on small signals passing through unharmed,
an identity initialisation or a comparison of two nearly equal networks, sees steps where a line
was. A tolerance of $10^{-6}$, absolute, sees nothing at all.

In float32, beside the library's:

>>> import numpy as np
>>> z = np.array([1e-8, 1e-6, 1e-4, 1e-2, 1.0], np.float32)
>>> np.abs(TanhFromSigmoid().forward(z)[0] / np.tanh(z) - 1).round(6)
array([1.0000e+00, 4.6326e-02, 1.6600e-04, 3.0000e-06, 0.0000e+00],
      dtype=float32)
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Tanh
from reference_mlp import sigmoid as stable_sigmoid
from reference_mlp._arrays import Array


class TanhFromSigmoid(Tanh):
    def forward(self, z: Array) -> tuple[Array, Array]:
        t = 2 * stable_sigmoid(2 * z) - 1  # BUG: cancels for small z
        return t, z


bug = Bug(
    replaces={"tanh": TanhFromSigmoid},
    severity=Severity.WORSE,
    flagged_by=("activation_ulps",),
    right=r"$\tanh z$, whose relative error is a rounding for small $z$ too",
    wrong=r"$t = 2 s(2z) - 1$, whose absolute error is a rounding of 1",
    symptom=(
        "Small activations come in steps of $10^{-7}$ in float32, and the smallest are 0. Nothing "
        "warns, and every absolute tolerance passes."
    ),
    preconditions="Pre-activations well below 1, float32 above all.",
    why_missed=(
        "Its absolute error is a rounding or two of 1 everywhere, and loss and gradients of "
        "ordinary networks can't be told from the right ones. Only an error in units of the last "
        "place looks at small results closely."
    ),
    fix="`np.tanh(z)`; made by hand, `e / (e + 2)` with `e = np.expm1(2 * z)` for small `z`.",
    origin=("synthetic",),
    related=("GB010",),
)
