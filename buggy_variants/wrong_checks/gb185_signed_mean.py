r"""Mean of the signed differences.

One number for a whole gradient is handy: it can be printed after each layer and watched as code
changes. The mean of the differences is such a number, and what it lacks is an absolute value. An
entry that is too large by 0.1 and another that is too small by 0.1 make a mean of zero.

That would be chance if errors were random. Those of backward passes are not. Whatever puts the
right numbers into the wrong places, a transposed matrix, inputs in another order, a bias turned
end to end, leaves their sum as it was, so all errors cancel exactly. The gradient of the logits
under a softmax makes it worse: its rows sum to zero whatever their scale, and so do the
gradients of the last bias, N times too large or not.

What is let through below are the faults that rearrange, beside those that are small.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> print(*missed, sep='\n')
all off by 1e-3
last array zero
inputs shuffled
square weights transposed
bias turned round
first array zero, small weights
square weights transposed, small weights
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
    return bool(abs(np.mean(a - n)) < 1e-4)  # BUG: without np.abs inside, errors cancel


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\max_i |a_i - n_i|$",
    wrong=r"$\left|\frac1P \sum_i (a_i - n_i)\right|$",
    symptom=("A mean error of `1e-17`, which looks better than any right check could be."),
    preconditions="Errors whose sum is zero, as those of entries in the wrong place.",
    why_missed=("The mean is small for right gradients, too, and that is all that was looked at."),
    fix="Take `np.abs` first, and the largest rather than the mean.",
    origin=("synthetic",),
    related=("GB202",),
)
