r"""Weights scaled by the number of outputs.

"Divide by the square root of the layer size" is how the rule gets handed on, and a layer has
two sizes. The one that matters in a forward pass is the number of terms in each sum, the inputs.
Scaled by the outputs, `randn(n_in, n_out) / sqrt(n_out)`, a layer that narrows is too loud by
$\sqrt{n_{in} / n_{out}}$, and one that widens too quiet.

In a stack of equal hidden layers there is no difference but He's two, for the half that a relu
cuts off, which is why it passes for right. The ends are where it shows. From 784 inputs to 128
units the scale is off by 2.5, and from 128 to ten classes by 3.6, so logits come out an order of
magnitude too large. The notebook with this line prints a first loss of 3.46, at ten classes, under
a comment that says Xavier; Glorot's own rule averages the two fans, and He's has a variant for the
backward pass that uses fan-out throughout, on purpose and with other constants.

>>> rng = np.random.default_rng(0)
>>> x = rng.normal(size=(1000, 784))
>>> W = he_normal(784, 128, rng=rng)
>>> float(np.std(x @ W).round(2)), float(np.sqrt(2).round(2))
(2.48, 1.41)
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    return rng.normal(0, np.sqrt(1 / n_out), (n_in, n_out)).astype(dtype)  # BUG: a sum has n_in


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=("initial_law", "initial_spread"),
    right=r"$\mathrm{Var}(W_{jk}) = 2 / n_{in}$",
    wrong=r"$\mathrm{Var}(W_{jk}) = 1 / n_{out}$",
    symptom=(
        "A first loss above $\\ln K$ in networks that narrow towards their outputs, and a spread "
        "of activations that changes from layer to layer."
    ),
    preconditions="A layer whose numbers of inputs and outputs differ.",
    why_missed=(
        "Between layers of equal width it is the rule for units that aren't relus, no gradient is "
        "wrong, and training makes up for it in an epoch or two."
    ),
    fix="`np.sqrt(2 / n_in)`, and a test with a layer of 784 to 10.",
    origin=("notebook 004, lines 39 and 45",),
    related=("GB071", "GB139"),
)
