r"""Compared in float16.

Half the memory, and three digits are enough to see whether two gradients agree: the arrays are
cast to float16 before they are compared, as the rest of the pipeline has it. The tolerance
follows the dtype, one thousandth, relative and absolute.

The relative part is fair. The absolute one is needed because float16 has no numbers to spare
near zero, and it is above the gradients of any hidden layer under small weights: a first layer
whose gradient is zero throughout passes, and so does a transposed one. At the other end float16
is over at 65,504. Two gradients that are beyond it are both infinite, and `assert_allclose`
takes infinity for equal to infinity, whatever the numbers were.

A comparison has to be made in the longer of the two formats, at least.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['all off by 1e-3', 'first array zero, small weights', 'square weights transposed, small weights']
>>> float(np.finfo(np.float16).max)
65504.0
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    try:
        for name in network.params:
            a, n = grads[name].astype(np.float16), numeric[name].astype(np.float16)
            np.testing.assert_allclose(a, n, rtol=1e-3, atol=1e-3)  # BUG: three digits, at best
    except AssertionError:
        return False
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$u = 1.1 \cdot 10^{-16}$",
    wrong=r"$u = 4.9 \cdot 10^{-4}$",
    symptom=("The check passes where another one, of the same tolerance in words, fails."),
    preconditions=("Gradients below 1e-3, errors below a thousandth, or gradients above 65,504."),
    why_missed="Of gradients between 0.01 and 100, three digits are three digits.",
    fix="Compare in float64.",
    origin=("synthetic",),
    related=(
        "GB188",
        "GB193",
    ),
)
