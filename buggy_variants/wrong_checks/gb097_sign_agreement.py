r"""Only the signs are compared.

Downhill is downhill, so what counts of a gradient is which way it points: that is the thought
behind a check that compares signs. It has a second attraction. There is no tolerance to choose,
no step that is too long or too short, and a right network passes at once.

A sign is one bit of a number. Gradients that are N times too large keep every one, and so do
those that lack a factor of 2, a bias averaged twice over the batch, a single weight that is half
as large again. Those are the errors that backward passes have: a forgotten mean, a forgotten
half. What does turn signs round, a minus in the wrong place, shows in the first ten batches
without any check.

The same check with a share of the signs in place of all of them lets single entries go as well.
Here is what it lets through of the planted faults.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), missed[:3]
(9, ['gradients times N', 'gradients halved', 'all off by 1e-3'])
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
    return bool((np.sign(a) == np.sign(n)).all())  # BUG: a sign says nothing of the size


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$|a_i - n_i| \le \tau_i$",
    wrong=r"$\operatorname{sign} a_i = \operatorname{sign} n_i$",
    symptom=(
        "The check passes, and training is slower or less stable than that of the same "
        "network elsewhere; another learning rate seems to help."
    ),
    preconditions="A wrong gradient whose signs are right: any positive factor.",
    why_missed="The check was tried on a flipped sign, which it finds.",
    fix="Compare the values, by a relative error with a tolerance.",
    origin=("synthetic",),
    related=("GB190",),
)
