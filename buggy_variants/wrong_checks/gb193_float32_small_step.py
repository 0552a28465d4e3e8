r"""A step of 1e-6 in float32.

A million times smaller than 1 is a fine step in float64. In float32 it is eight units in the
last place of a weight of 1, and the loss, whose own last place is about 1e-7, may not move at
all. The quotient then is 0; or it moves by one place, and the quotient is 0.12. Nothing in
between can come out, whatever the slope.

The code under test is right, the check says that it is not, and by a lot. What follows is a
search for a bug that doesn't exist. It often ends with a tolerance that lets everything go.

Only the dtype has changed since the check last passed, from the default of NumPy to that of most
deep-learning code. In float64 this very function lets nothing through and accuses nobody. There
are two ways out: to take the differences of the same formulas in float64, or a step near 0.005
and two or three digits.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> import numpy as np
>>> alarms = false_alarms(gradient_checker)
>>> all('float32' in name for name in alarms), len(alarms)
(True, 5)
>>> float(np.spacing(np.float32(1.5)) / 1e-6)
0.11920928955078125
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    # BUG: float32 weights and losses have no room for a step of 1e-6
    numeric = numeric_gradients(network, X, y, grads, double=False)
    return all(relative_error(grads[name], numeric[name]) < 1e-4 for name in network.params)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WORSE,
    flagged_by=("checker_passes_right",),
    right=(r"$h \approx u^{1/3}$: $6 \cdot 10^{-6}$ in float64, $5 \cdot 10^{-3}$ in float32"),
    wrong=r"$h = 10^{-6}$ at $u = 1.2 \cdot 10^{-7}$",
    symptom=("Numeric gradients are multiples of 0.06 or 0.12, many of them exactly 0."),
    preconditions="A float32 network.",
    why_missed="The check was written and tried in float64.",
    fix=(
        "Cast parameters and batch to float64 for the differences, and hold the float32 "
        "gradients against those."
    ),
    origin=("synthetic",),
    related=(
        "GB194",
        "GB209",
    ),
)
