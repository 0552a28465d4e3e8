r"""The failure swallowed.

A check that raises stops the script, and on the way to a deadline somebody wraps it up: a failed
check shall not keep the training from running. `except Exception: pass`, or its tidier form, the
one below. All that the check can say, it says by raising.

`assert_allclose` itself is a strict and honest function; its verdict is thrown away one level
up. So is everything else: a gradient that is missing, one of another shape, a NameError in the
check, a network that isn't one. The function can return one thing. Auto-graders go the same way
when the harness counts "ran to the end" as success.

It lets through what was planted to the last fault, which makes it the floor that every other
checker in this family can be held against.

>>> from reference_mlp.testing.checker_cases import let_through
>>> len(let_through(gradient_checker))
25
>>> gradient_checker('not a network', None, None)
True
"""

from contextlib import suppress
from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    with suppress(Exception):  # BUG: what it raises is what it has to say
        grads = network.gradients(X, y)
        numeric = numeric_gradients(network, X, y, grads)
        for name in network.params:
            np.testing.assert_allclose(grads[name], numeric[name], rtol=1e-5)
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right="False, or an exception, for a wrong gradient",
    wrong="True",
    symptom="The check passes, always.",
    preconditions="None.",
    why_missed="It was wrapped up after it had been seen to work.",
    fix="Catch `AssertionError` alone if at all, and return False.",
    origin=("udacity/sdc-issue-reports#94: a grader that accepts every submission",),
    related=("GB098",),
)
