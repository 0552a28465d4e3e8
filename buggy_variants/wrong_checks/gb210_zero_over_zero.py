r"""A relative error of 0 / 0.

$|a - n| / |a + n|$ treats both sides alike, lies between 0 and 1 for numbers of one sign, and
stands like this in many a course's notes. It has a hole at the origin. Where a unit is dead,
where an input is black in every image, or a sample has no part in a weight, the gradient is 0,
the difference is exactly 0 as well, and the quotient is NaN.

Then the form of the comparison decides. `errors.max() < tolerance` is False of NaN, so a right
network with one dead unit fails; with the comparison turned round it would pass, together with
gradients that are NaN. NumPy does warn of an invalid value in a division, once, somewhere above
the verdict.

Adding an epsilon below the line mends it and opens another question, that of the gradients which
are smaller than the epsilon.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> false_alarms(gradient_checker)
['relus on their kinks and dead, float64', 'relus on their kinks and dead, float32']
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
    errors = np.abs(a - n) / np.abs(a + n)  # BUG: NaN where both are zero
    return bool(errors.max() < 1e-4)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WORSE,
    flagged_by=("checker_passes_right",),
    right=r"$\dfrac{|a - n|}{\max(|a|, |n|, \text{tiny})}$",
    wrong=r"$\dfrac{|a - n|}{|a + n|}$",
    symptom="An error of `nan`, and a warning about a division.",
    preconditions="An entry whose gradient is exactly zero.",
    why_missed=("It isn't: it flags right networks, those with a dead unit or an empty input."),
    fix=("Divide by the largest entry of the array, and count 0 beside 0 as agreement."),
    origin=("synthetic",),
    related=("GB195",),
)
