r"""NaN is never larger than the tolerance.

`if error > tolerance: return False` says when to complain. `if not error <= tolerance` says when
to be content. For numbers they are the same, and for NaN they are opposites: every comparison
with it is False, so that the first form has nothing to complain of.

Of all wrong gradients NaN is the worst, and the one that needs no tolerance to be seen. This
check compares every entry of every array, within five digits, and finds each other fault that
was planted. A gradient of NaN throughout it calls right. It spreads from a single entry, too:
one NaN makes the maximum of the errors NaN, and hides whatever else is wrong in that array.

`max` has its own say: Python's built-in one keeps or drops a NaN by its place in the list, where
`np.max` always hands it on.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['one entry NaN', 'all NaN', 'all NaN, float32']
>>> max(1.0, float('nan')), max(float('nan'), 1.0)
(1.0, nan)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    for name in network.params:
        if relative_error(grads[name], numeric[name]) > 1e-5:  # BUG: False of NaN as well
            return False
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"wrong unless $\varepsilon \le \tau$",
    wrong=r"wrong if $\varepsilon > \tau$",
    symptom="The check passes; the loss is `nan` after the first step.",
    preconditions="A NaN in the gradients.",
    why_missed="It finds everything else.",
    fix="`if not error <= tolerance`, or `np.isfinite` first.",
    origin=("synthetic",),
    related=("GB196",),
)
