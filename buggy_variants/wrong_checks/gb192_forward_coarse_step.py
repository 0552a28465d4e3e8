r"""Forward differences with a step of 0.01.

A forward difference errs by half the step times the second derivative. With a step of 0.01 that
is half a per cent at best, so a tolerance that right code can meet has to be some per cent wide.
The check was made to pass by widening the tolerance, when the step was to blame.

What a tolerance of 5 per cent lets go is everything below: an L2 term of a weight decay that is
small, a constant that is nearly right, a rounding that isn't. And it still isn't wide enough.
Where the slope happens to be small against the curvature, near a minimum or at weights near
zero, half the step times the curvature is as large as the slope, and right code fails. So it
does where the kink of a relu lies within the step, and a step of 0.01 reaches many.

So this one errs both ways. A central difference at 1e-6 is better by seven digits for twice the
losses.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['all off by 1e-3']
>>> print(*false_alarms(gradient_checker), sep='\n')
relus on their kinks and dead, float64
weights of 1e-6, float64
relus on their kinks and dead, float32
weights of 1e-6, float32
a relu 1e-9 from its kink
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import in_double, perturbed, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    twin, X, y = in_double(network, X, y)
    centre = twin.loss(X, y)
    for name, p in twin.params.items():
        numeric = np.empty(p.shape)
        for at in perturbed(p):
            p[at] += 1e-2
            numeric[at] = (twin.loss(X, y) - centre) / 1e-2  # BUG: errs by half a per cent or more
        if grads[name].shape != p.shape or not relative_error(grads[name], numeric) < 5e-2:
            return False
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=(
        "checker_passes_right",
        "checker_catches_wrong",
    ),
    right=r"$\dfrac{L(w + h) - L(w - h)}{2h} = L' + O(h^2)$, $h = 10^{-6}$",
    wrong=(r"$\dfrac{L(w + h) - L(w)}{h} = L' + \tfrac12 h L'' + O(h^2)$, $h = 10^{-2}$"),
    symptom=("Errors of 1e-2 to 1e-3 for right code; the tolerance is set to what they are."),
    preconditions="For a false alarm, a slope that is small against the curvature.",
    why_missed=(
        "Gross faults are found, and small ones lie within what was called the error of the method."
    ),
    fix=("Central differences, and a step of about the cube root of the machine epsilon."),
    origin=("synthetic",),
    related=("GB194",),
)
