r"""Tiny weights and an absolute tolerance.

Weights are drawn with a standard deviation of a hundredth or a thousandth so that nothing
saturates while one checks. The tolerance is the 1e-3 that has worked before. Either is harmless
alone.

The gradient of a layer is a product of the weights above it. With three layers at a thousandth
of their size, the first one's is of order 1e-6 of what it would be. A tolerance of 1e-3 then
lies far above every gradient of the hidden layers, and to be wrong by as much as the whole of it
is to be off by nothing worth mentioning. Only the output bias, whose gradient doesn't depend on
any weight, is really compared.

At small weights tanh is also nearly the identity, whose derivative is 1, so that a derivative
left out altogether would hardly show even to a strict comparison. Two blindfolds, one over the
other.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> 'first array zero' in missed, 'middle array zero' in missed, 'last array zero' in missed
(True, True, False)
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import joined, numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    theta = {name: p.copy() for name, p in network.params.items()}
    try:
        for p in network.params.values():
            p *= 1e-3  # so that nothing saturates
        grads = network.gradients(X, y)
        numeric = numeric_gradients(network, X, y, grads)
        a, n = joined(grads, network.params), joined(numeric, network.params)
        return bool(np.allclose(a, n, atol=1e-3))  # BUG: the gradients themselves are smaller
    finally:
        for name, p in network.params.items():
            p[...] = theta[name]


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$|a - n| \le 10^{-5} \max(|a|, |n|)$",
    wrong=r"$|a - n| \le 10^{-3}$ where $|a| \approx 10^{-6}$",
    symptom=("The check passes with room to spare, for the right code and for much that is wrong."),
    preconditions="Gradients below the tolerance.",
    why_missed=(
        "An error of 1e-7 is printed, and looks small: nobody has printed the gradient beside it."
    ),
    fix="A relative error, at weights of the size that training starts from.",
    origin=("synthetic",),
    related=(
        "GB189",
        "GB201",
    ),
)
