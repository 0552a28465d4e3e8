r"""The error divided by the norm of the parameters.

A relative error divides by the size of something. Here it is the size of the parameters, as in
the stopping rules of optimisers, where a step is small if it is small beside $\theta$. A
gradient is not a step: it has other units, and its size has nothing to do with that of the
weights.

Weights have a norm of some units, and grow with the width of the network and in the course of
training. Gradients shrink meanwhile. The quotient gets better as the network learns, whatever
the errors are, and for a wide network near its minimum everything passes, the zero vector
included.

At the fresh and small network of this check the norm of the weights is a few times that of the
gradient, which is enough for an error of some per cent, and for the smallest of those that are
planted.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> 'all off by 1e-3' in missed, 'gradients negated' in missed
(True, False)
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import joined, numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    a, n = joined(grads, network.params), joined(numeric, network.params)
    theta = joined(network.params, network.params)
    # BUG: relative to the weights, where it should be to the gradients
    return bool(np.linalg.norm(a - n) / np.linalg.norm(theta) < 2e-2)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\dfrac{\|a - n\|}{\max(\|a\|, \|n\|)}$",
    wrong=r"$\dfrac{\|a - n\|}{\|\theta\|}$",
    symptom=("The same fault has a smaller error in a wider network and after more training."),
    preconditions="Parameters that are large beside their gradients.",
    why_missed=("Right gradients have an error of 1e-8 by this measure and by every other."),
    fix="Divide by the norm of the gradients, array by array.",
    origin=("synthetic",),
    related=("GB189",),
)
