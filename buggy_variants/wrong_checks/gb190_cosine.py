r"""The angle between the gradients.

The cosine of the angle between the analytic and the numeric gradient needs no scale, is 1 where
they agree, and comes out of one line. It is a good thing to look at when a network has more
parameters than one cares to read. As a check it has two blind spots.

The first is length. Multiply the gradient by N, by 2 or by a half and the angle is zero still;
of all errors those are the commonest, a mean that became a sum, a factor that was forgotten on
one side. The second is size. In a space of P dimensions an error in one entry turns the vector
little, and a bar of 0.99 lies at 8 degrees: a component of 14 per cent of the gradient's whole
norm, at right angles to it, gets by.

Of the planted faults, it lets those go that scale, and those that are small or few.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> 'gradients times N' in missed, 'all off by 1e-3' in missed, 'gradients negated' in missed
(True, True, False)
>>> float(np.degrees(np.arccos(0.99)).round(1))
8.1
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
    cosine = a @ n / (np.linalg.norm(a) * np.linalg.norm(n))
    return bool(cosine > 0.99)  # BUG: the same for 2 a, 100 a, and an entry that is wrong


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\|a - n\| \le \tau \|n\|$",
    wrong=r"$\cos(a, n) > 0.99$",
    symptom="A cosine of 1.000000 for gradients that are N times too large.",
    preconditions="An error along the gradient, or within 8 degrees of it.",
    why_missed="The figure is as good as it can be.",
    fix=("Compare lengths as well: the norm of the difference over the norm, array by array."),
    origin=("synthetic",),
    related=("GB097",),
)
