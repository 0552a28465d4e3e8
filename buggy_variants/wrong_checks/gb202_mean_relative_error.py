r"""The mean of the relative errors.

The largest error of an array jumps about: one entry with a gradient near zero has a relative
error of its own. A mean is calmer, and over all entries it is calmer still.

It is calm for the same reason that it is blind. An entry that is wrong by a third adds a third
divided by the number of entries, and at 80,000 parameters that leaves 4e-6 of it. The more
parameters, the larger the fault that fits under the tolerance: a column of a weight matrix at
zero is one part in a hundred of them. Nor does a fault that is small throughout come near a bar
of 1 per cent.

What is found is what is wrong everywhere. In the small networks that a check is tried on, that
is nearly everything; below, it is one wrong entry and the small fault that slip through.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['all off by 1e-3', 'last array, one entry too small']
>>> 1 / 3 / 80_000
4.166666666666666e-06
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
    errors = np.abs(a - n) / np.maximum(np.abs(a) + np.abs(n), 1e-12)
    return bool(np.mean(errors) < 1e-2)  # BUG: one entry in a thousand doesn't move a mean


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\max_i \varepsilon_i < \tau$",
    wrong=r"$\frac1P \sum_i \varepsilon_i < \tau$",
    symptom="A mean error that is small but never as small as 1e-8.",
    preconditions="A fault in few of many entries, or one below the tolerance.",
    why_missed=("The check is tried on networks of a few parameters, where an entry counts."),
    fix="The maximum, or a norm for each array.",
    origin=("synthetic",),
    related=("GB185",),
)
