r"""A step of 1e-12.

A derivative is a limit as the step goes to zero, so the smaller the better: 1e-12, to be safe.
On paper the error of a central difference does fall with the square of the step. The losses that
are subtracted, though, have sixteen digits. For a step of 1e-12 they agree in the first twelve,
and their difference has four left, of which the last is rounding.

The rounding of the loss, some 1e-16, is divided by the step: an absolute error of 1e-4 in every
entry. It doesn't depend on the slope, so that small gradients drown in it first. Right code
fails any tolerance worth having, and each run fails by another amount as the weights change.

Errors of truncation and of rounding are equal near the cube root of the machine epsilon, 6e-6 in
float64. On either side it gets worse; the side of the small steps is the one that surprises.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> import numpy as np
>>> len(false_alarms(gradient_checker))
13
>>> w = np.linspace(1, 2, 99)
>>> def worst(h): return np.abs((np.sin(w + h) - np.sin(w - h)) / (2 * h) - np.cos(w)).max()
>>> [round(float(np.log10(worst(h)))) for h in (1e-2, 1e-5, 1e-12)]
[-5, -11, -4]
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import central_differences, in_double, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    wide = in_double(network, X, y)
    numeric = central_differences(*wide, step=1e-12)  # BUG: the rounding of L is divided by it
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WORSE,
    flagged_by=("checker_passes_right",),
    right=r"$h \approx u^{1/3} = 6 \cdot 10^{-6}$, error $\approx u^{2/3}$",
    wrong=r"$h = 10^{-12}$, error $\approx u |L| / h = 10^{-4}$",
    symptom=(
        "Differences of 1e-4 and more between right gradients and numeric ones, as if at random."
    ),
    preconditions="None.",
    why_missed=(
        "It isn't: it flags right code, and the tolerance is then raised until it doesn't."
    ),
    fix="A step near 1e-5 or 1e-6.",
    origin=("synthetic",),
    related=(
        "GB192",
        "GB193",
    ),
)
