r"""The step is made in a copy.

Careful code doesn't write into arrays that it was handed, so the check copies the parameter,
moves an entry of the copy, and asks the network for its loss. The network has never heard of the
copy. Its loss is the same above and below, and the numeric gradient is zero throughout.

All gradients are wrong then, right ones too, with a relative error of exactly 1. That is easily
seen once one prints the differences, and hard to see from the verdict, which looks like that of
a thorough check of broken code. A state dict that copies, a flattened vector of parameters, a
framework whose arrays can't be changed in place: each has this at hand.

The certified check says so by name: where no parameter moves the loss, its report asks for a
`set_params`.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> alarms = false_alarms(gradient_checker)
>>> len(alarms)
13
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import STEP
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    for name, p in network.params.items():
        for at in np.ndindex(p.shape):
            theta = p.copy()  # BUG: the network goes on with its own array
            theta[at] += STEP
            above = network.loss(X, y)
            theta[at] -= 2 * STEP
            numeric = (above - network.loss(X, y)) / (2 * STEP)
            if not abs(grads[name][at] - numeric) <= 1e-5 * max(abs(numeric), 1e-3):
                return False
    return True


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WORSE,
    flagged_by=("checker_passes_right",),
    right=r"$L(\theta + h e_i) - L(\theta - h e_i)$",
    wrong=r"$L(\theta) - L(\theta) = 0$",
    symptom="Numeric gradients of exactly 0, and a relative error of exactly 1.",
    preconditions="None.",
    why_missed="It isn't: all right code is flagged.",
    fix=(
        "Move the network's own array and put it back in a `finally`, or set the parameters "
        "by the network's own function."
    ),
    origin=("synthetic",),
    related=("GB204",),
)
