r"""The gradient compared with itself.

Room for the numeric gradient is needed, a dict of arrays of the same shapes, and there is one at
hand. `numeric = grads` gives it a second name. Every difference is then written over the
analytic gradient that it was to be compared with, and at the end the two agree to the last bit,
because they are one.

`numeric = dict(grads)` and `grads.copy()` do the same: the dict is new and the arrays in it are
not. A network that hands out its own buffers makes it happen without an assignment. Ask it for
gradients before and after a change, and the first answer becomes the second.

An error of exactly 0.0 in every array is the sign of it. Right gradients and differences never
agree like that; they have errors of 1e-7 to 1e-10, and a check that prints none has compared
nothing.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), 'all NaN' in missed, 'bias in shape (1, K)' in missed
(24, True, False)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import STEP, perturbed, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = grads  # BUG: a second name for the same arrays
    for name in numeric:
        p = network.params[name]
        for at in perturbed(p):
            p[at] += STEP
            above = network.loss(X, y)
            p[at] -= 2 * STEP
            numeric[name][at] = (above - network.loss(X, y)) / (2 * STEP)
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in numeric)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right="$a$ against $n$",
    wrong="$n$ against $n$",
    symptom="Errors of exactly 0.0.",
    preconditions="None.",
    why_missed="Zero is the error that one hopes for.",
    fix="`numeric = {name: np.empty_like(p) for name, p in params.items()}`.",
    origin=("synthetic",),
    related=(
        "GB016",
        "GB199",
    ),
)
