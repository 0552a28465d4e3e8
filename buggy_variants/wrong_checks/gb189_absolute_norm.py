r"""A norm held to an absolute tolerance.

`np.linalg.norm(analytic - numeric)` is printed, it says 0.004, and that is taken for zero.
Whether it is depends on a number that isn't there, the norm of the gradient. Late in training,
in a wide layer with small weights or under a loss that is a mean over many outputs, it may be
0.004 as well, and the printed value then says that the gradient is altogether wrong.

`scipy.optimize.check_grad` returns such a norm and leaves the judging to its caller; the
notebook that this is from prints it for each parameter and compares it with nothing at all.

A norm over all parameters has a second weakness: the largest array decides. An error of a tenth
of a per cent everywhere passes below, and at small weights so does a hidden layer without any
gradient.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['all off by 1e-3', 'first array zero, small weights', 'square weights transposed, small weights']
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
    return bool(np.linalg.norm(a - n) < 1e-2)  # BUG: small, but against what?


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\dfrac{\|a - n\|}{\max(\|a\|, \|n\|)} < \tau$, array by array",
    wrong=r"$\|a - n\| < 10^{-2}$",
    symptom=("The check passes at a small loss and fails at a large one, for the same code."),
    preconditions="A gradient, or an error in it, whose norm is below the tolerance.",
    why_missed=("At fresh weights gradients are of order 1, and the two ways to measure agree."),
    fix="Divide by the larger of the two norms, for each array by itself.",
    origin=("notebook 002, line 440",),
    related=(
        "GB188",
        "GB203",
    ),
)
