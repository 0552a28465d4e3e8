r"""Differences of the loss without its penalty.

Training code often has two losses: the mean over the batch, which is plotted, and the same with
the L2 penalty, which is minimised. A check that differentiates the first and holds the gradient
of the second against it is off by $\lambda W$ in every weight.

Right code fails then, as soon as $\lambda$ is not zero, and the biases, which aren't decayed,
are the only arrays to pass. That much is loud. The quiet half is what happens next: somebody
sees that all works without the penalty's line in the gradient, and removes it. The check passes,
and weight decay is gone from the training while the penalty goes on being printed.

A check can only hold two things against each other. If they are not meant to agree, it will make
right into wrong as well as wrong into right.

>>> from reference_mlp.testing.checker_cases import false_alarms
>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['L2 left out']
>>> false_alarms(gradient_checker)[0]
'tanh network, cross-entropy, L2, float64'
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    def data_loss(network: Any, X: Array, y: Array) -> Any:
        return network.loss_function.value(network.logits(X), y)  # BUG: the penalty is missing

    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads, loss=data_loss)
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=(
        "checker_passes_right",
        "checker_catches_wrong",
    ),
    right=(r"$\partial (L + \tfrac{\lambda}{2} \|W\|^2) / \partial W$ on both sides"),
    wrong=r"$\partial L / \partial W$ on the one side",
    symptom=(
        "An error of the size of the weights times the strength, in weights and never in biases."
    ),
    preconditions="An L2 strength that is not zero.",
    why_missed="Checks are mostly made without a penalty.",
    fix="Differentiate what is minimised.",
    origin=("synthetic",),
    related=("GB049", "GB121"),
)
