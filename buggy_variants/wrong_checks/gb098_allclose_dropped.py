r"""An `np.allclose` whose answer nobody reads.

`np.testing.assert_allclose` raises. `np.allclose` returns True or False. Between the two lies
one word, and a line that holds the second alone is a comparison whose outcome is thrown away.

It is easy to read over, because it looks like a check: there are the analytic gradient, the
numeric one and a tolerance. It runs, it takes its time, it prints nothing, and nothing is what a
passed test prints. Nobody has seen it fail. Python has no objection to an expression whose value
is unused; linters do have a rule for it, flake8-bugbear's B015, but that one is for comparisons,
and a call is not one.

The rest of the work is not lost altogether. A gradient that is missing from the dict still
raises, and one whose shape is wrong does so in the differences. All numbers pass, NaN included.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), 'all NaN' in missed, 'one gradient missing' in missed
(23, True, False)
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    for name in network.params:
        np.allclose(grads[name], numeric[name])  # BUG: returns the answer, and nobody takes it
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right="`assert np.allclose(a, n)`",
    wrong="`np.allclose(a, n)`",
    symptom="The check has never failed, whatever was changed.",
    preconditions="None.",
    why_missed="A test is looked at when it fails.",
    fix=(
        "`np.testing.assert_allclose(a, n, rtol=...)`, and a wrong gradient put in once, to "
        "see the check fail."
    ),
    origin=("PaddlePaddle/Paddle#19008",),
    related=("GB199",),
)
