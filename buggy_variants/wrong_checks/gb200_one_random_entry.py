r"""One entry at random.

Eighty thousand parameters, two losses for each: too long to wait for, so one entry is drawn and
compared, on the theory that over many runs all will have had their turn. A fault everywhere is
found at once this way. A fault in one row, or in one bias, is found with the probability of
being drawn, and a test that fails once in thirty runs is called flaky and run again.

Nor does anybody know which entry it was. The draw comes from NumPy's global state, which belongs
to the caller: shuffling and dropout after the check are no longer those of the same seed without
it, so that even a passed check changes the run. What a failed one saw can't be replayed.

A direction through all entries costs the same two losses and misses none of them, except by a
coincidence.

>>> from reference_mlp import mlp
>>> from reference_mlp.testing.faults import FAULTS, FaultyNetwork
>>> net = mlp((3, 4, 2), rng=np.random.default_rng(0))
>>> faulty = FaultyNetwork(net, FAULTS['last array, one entry too small'])
>>> np.random.seed(0)
>>> [gradient_checker(faulty, np.eye(3), np.array([0, 1, 1])) for _ in range(20)].count(True)
18
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    name = list(network.params)[np.random.randint(len(network.params))]
    at = tuple(np.random.randint(n) for n in numeric[name].shape)  # BUG: one entry, of the caller's
    error = abs(grads[name][at] - numeric[name][at])
    return bool(error <= 1e-5 * np.abs(numeric[name]).max())


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=(
        "checker_catches_wrong",
        "checker_leaves_network",
    ),
    right=r"all entries, or $v \cdot a$ against $v \cdot n$ for a random $v$",
    wrong="$a_i$ against $n_i$ for one random $i$",
    symptom="The check fails now and then, and passes when it is run again.",
    preconditions="A fault that isn't in every entry.",
    why_missed=(
        "Over the faults that one tries, scaled or negated gradients, a single entry is enough."
    ),
    fix=(
        "Differences along a random direction through all parameters, from a generator of "
        "the check's own."
    ),
    origin=("synthetic",),
    related=("GB206",),
)
