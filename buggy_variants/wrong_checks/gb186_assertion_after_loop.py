r"""The comparison one level too far left.

Python's loops have no scope of their own: `error` is still there when the loop is over, with the
value of its last turn. So a comparison that lost four spaces of indentation is no syntax error,
no NameError, and no different to look at unless one looks for it. It reads like a verdict on all
that was computed above it. It is one on the last array.

The last array is the bias of the output layer, the gradient that is next to never wrong: it is a
sum over the batch of $p - y$, without a weight, an activation or a second layer in its way.
Everything that makes a backward pass hard lies before it.

Any check that does its work and then judges can have this: a list of errors overwritten in place
of appended to, a `return` in the wrong column. What goes through is every fault that leaves the
last array alone.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), 'first array zero' in missed, 'last array zero' in missed
(11, True, False)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    for name in network.params:
        error = relative_error(grads[name], numeric[name])
    return error < 1e-5  # BUG: outside the loop, where error is the last array's


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\max_k \varepsilon_k < \tau$",
    wrong=r"$\varepsilon_{\text{last}} < \tau$",
    symptom=("The check passes, and prints errors that nobody compares with anything."),
    preconditions="More than one parameter array.",
    why_missed="The array that is looked at is the easiest of all.",
    fix="Judge inside the loop, or collect the errors and take their maximum.",
    origin=("synthetic",),
    related=("GB187",),
)
