r"""Sigmoid from -1 to 1.

Half the literature means $1/(1 + e^{-z})$ by a sigmoid, and older half any curve of that shape,
among them $2/(1 + e^{-z}) - 1$, the bipolar sigmoid. Copied from a book of the other kind, or
scaled by 2 and shifted to be symmetric, it gives a hidden layer that works.

It is $\tanh(z/2)$ in fact, and not a bad activation: for hidden units even the better one, since
its outputs are centred. As an implementation of `sigmoid` it is wrong all the same. Weights from
another program give other outputs, a value taken for a probability can be negative, and a
logarithm of it is NaN. Initialisers that are right for one are off by a factor for the
other.

The derivative here, $(1 + h)(1 - h)/2$, is exactly that of the function, so every comparison of
the two succeeds. What fails is any comparison with the definition, and it takes one number:

>>> import numpy as np
>>> h, cache = BipolarSigmoid().forward(np.array([0.0, -3.0]))
>>> h.round(4)
array([ 0.    , -0.9051])
>>> BipolarSigmoid().backward(cache, np.ones(2)).round(4)
array([0.5   , 0.0904])
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Sigmoid, sigmoid
from reference_mlp._arrays import Array


class BipolarSigmoid(Sigmoid):
    def forward(self, z: Array) -> tuple[Array, Array]:
        h = 2 * sigmoid(z) - 1  # BUG: from -1 to 1, as some books have it
        return h, h

    def backward(self, cache: Array, dh: Array) -> Array:
        h = cache
        dz: Array = dh * (1 + h) * (1 - h) / 2
        return dz


bug = Bug(
    replaces={"sigmoid": BipolarSigmoid},
    severity=Severity.WRONG,
    flagged_by=(
        "forward_formulas",
        "extreme_activations",
        "activation_ulps",
    ),
    right=r"$h = \dfrac{1}{1 + e^{-z}}$",
    wrong=r"$h = \dfrac{2}{1 + e^{-z}} - 1 = \tanh \dfrac{z}{2}$",
    symptom=(
        "Training works. Weights exchanged with other programs don't, and outputs that should be "
        "probabilities are negative."
    ),
    preconditions="Somebody who relies on the range, or on the definition.",
    why_missed="Function and derivative fit each other, and it learns at least as well.",
    fix="`1 / (1 + np.exp(-z))` in a stable form, with the derivative `h * (1 - h)`.",
    origin=("synthetic",),
    related=("GB138",),
)
