r"""Only the last layer is checked.

The output layer is where a check is written first, since it is the one whose gradient fits on a
line: $x^\top (p - y)$ and a sum. It passes, the loop over the other layers is left for later,
and later the network trains.

What the last layer's gradient goes through is the loss and one matrix product. No activation is
differentiated on the way to it, nothing is handed back to a layer below. Errors of the
derivative of tanh, of the mask of a relu, of $W^\top$ in the product that passes the gradient
on: all of them lie behind it and change nothing there. Errors of the loss do show, and so does a
wrong batch size, which is why such a check finds enough to be trusted.

It is the better one of a kind: one that looks only at the last array finds less still.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), 'middle array zero' in missed, 'gradients halved' in missed
(10, True, False)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    last = list(network.params)[-2:]  # BUG: the layer that no activation's derivative reaches
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in last)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right="every array of every layer",
    wrong="the weights and the bias of the output layer",
    symptom=("The check passes, and hidden layers learn slowly, wrongly or not at all."),
    preconditions="A hidden layer with a fault.",
    why_missed=(
        "The output layer is right, and a network whose output layer alone learns reaches "
        "an accuracy that looks like learning."
    ),
    fix="Loop over all parameters.",
    origin=("synthetic",),
    related=("GB186",),
)
