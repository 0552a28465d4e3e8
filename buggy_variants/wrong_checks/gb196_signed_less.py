r"""A difference compared without its absolute value.

`a - n < 1e-5` is true where `a` and `n` agree. It is also true where `a` is smaller than `n` by
any amount, by 5 or by a million. The comparison has one side, and errors have two.

A notebook tests its softmax this way: `assert sum(row) - 1.0 < 1e-6`, which a row that sums to
0, to 0.7 or to -4 passes. For gradients it hides less than one would think, as most faults make
some entries larger and others smaller, and one that is larger is enough. Left over are those
whose errors are nowhere above zero: an entry that is too small, the lack of a term that only ever
adds.

Nothing but the direction of the error decides whether it is found. The same entry changed by the
same amount upwards is flagged, and downwards it is not.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['last array, one entry too small']
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
    return bool((a - n).max() < 1e-5 * np.abs(n).max())  # BUG: without np.abs, -5 is less, too


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\max_i |a_i - n_i| < \tau$",
    wrong=r"$\max_i\, (a_i - n_i) < \tau$",
    symptom=("A largest difference that is printed as a negative number, now and then."),
    preconditions="Errors that are negative wherever they are not zero.",
    why_missed="Most faults have errors of both signs.",
    fix="`np.abs(a - n).max()`.",
    origin=("notebook 001, line 110",),
    related=(
        "GB185",
        "GB195",
    ),
)
