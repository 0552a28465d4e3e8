r"""Parameters left where the check moved them.

A gradient check has to move the parameters, and some move them twice: away from zero biases and
from the kinks of relus first, where derivatives are hard to compare, then entry by entry. The
entries are put back. The first move isn't.

The notebook that this is from swaps whole parameter arrays in and leaves the last one in place.
Its check runs once, before training, and then the harm is small: the network trains from another
start. It is another matter for a check that is called every hundred steps to be safe, or by a
test whose network the next test goes on with. Each call adds noise to the weights, the loss is a
little worse than the curve says, and a run with checks can't be compared with one without.

The verdict itself is sound: right networks pass, and no planted fault does.

>>> from reference_mlp import mlp
>>> net = mlp((3, 2), rng=np.random.default_rng(0))
>>> gradient_checker(net, np.eye(3), np.array([0, 1, 1]))
True
>>> net.params['0.b'].round(4)
array([0.013 , 0.0095])
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    rng = np.random.default_rng(0)
    for p in network.params.values():
        # off the kinks, and biases off zero
        p += 1e-2 * rng.normal(size=p.shape).astype(p.dtype)  # BUG: and never back
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_leaves_network",),
    right=r"$\theta$ after the check is $\theta$ before it",
    wrong=r"$\theta \leftarrow \theta + 10^{-2} v$",
    symptom=("Training with the check on ends at another loss than with the check off."),
    preconditions="A network that is used after it was checked.",
    why_missed="A check is judged by its verdicts, and they are right.",
    fix="Copy the parameters before, and write them back in a `finally`.",
    origin=("notebook 002, line 440: its parameters stay at the last difference",),
    related=("GB198",),
)
