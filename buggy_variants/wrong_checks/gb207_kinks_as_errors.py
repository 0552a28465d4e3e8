r"""A kink taken for an error.

A relu has no derivative at 0, and a central difference over its kink gives the mean of the two
slopes, a number that no right backward pass returns. The check compares, finds 0.5 against 0 and
says that the gradient is wrong.

How often that happens depends on the step and on how many units there are: with thousands of
relus some lie within 1e-6 of zero for some sample. It is certain where they lie on zero exactly,
and fresh biases see to that whenever a row of inputs is empty. For networks of relus, checks
with one tolerance for all entries fail in every second run or more, and the usual answers are to
raise the tolerance or to take tanh "for the check", so that the relu is never tried.

Each slope between the one below and the one above is a subgradient. A check that takes both
differences can tell a kink from a fault.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> print(*false_alarms(gradient_checker), sep='\n')
relus on their kinks and dead, float64
relus on their kinks and dead, float32
a relu 1e-9 from its kink
>>> relu, h = (lambda z: max(z, 0.0)), 1e-6
>>> (relu(0 + h) - relu(0 - h)) / (2 * h)
0.5
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import central_differences, in_double
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    twin, X64, y64 = in_double(network, X, y)
    numeric = central_differences(twin, X64, y64, step=1e-6)
    atol = 1e-6 * max(1.0, float(twin.loss(X64, y64)))
    for name, p in network.params.items():
        if grads[name].shape != p.shape:
            return False
        # BUG: over a kink the central difference is none of the slopes
        if not np.allclose(grads[name], numeric[name], rtol=1e-5, atol=atol):
            return False
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WORSE,
    flagged_by=("checker_passes_right",),
    right=r"$\min(D^-, D^+) - \tau \le a \le \max(D^-, D^+) + \tau$",
    wrong=r"$|a - \tfrac12 (D^- + D^+)| \le \tau$",
    symptom=(
        "Now and then some entries are off by a half, or by a share of a sample's contribution."
    ),
    preconditions="A unit within a step of its kink.",
    why_missed="It isn't: right code is flagged.",
    fix=("Compare with both one-sided slopes, or shorten the step and see whether the error goes."),
    origin=("synthetic",),
    related=("GB194",),
)
