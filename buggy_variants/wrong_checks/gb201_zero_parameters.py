r"""Checked with all parameters at zero.

Zero is a clean state: nothing random, the same at each run, a loss of exactly $\ln K$ that can
be compared with a pocket calculator. As a point for a gradient check it is the worst there is.

With weights of zero every hidden activation is the same for all samples, and no gradient gets
past the output layer, since it is multiplied by the weights on its way. The gradients of all
layers below are exactly 0, and so are the differences: 0 = 0, to sixteen digits. tanh has the
derivative 1 there, the value it would have if it had been forgotten; a penalty's gradient is 0
with or without its factor of 2. The output weights are compared only where the layer before has
something other than zero to give, which after tanh or relu it hasn't.

What is left of the check is one bias.

>>> from reference_mlp.testing.checker_cases import let_through
>>> missed = let_through(gradient_checker)
>>> len(missed), 'first array zero' in missed, 'L2 left out' in missed, 'last array zero' in missed
(10, True, True, False)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    theta = {name: p.copy() for name, p in network.params.items()}
    try:
        for p in network.params.values():
            p[...] = 0  # BUG: below the output layer all gradients are 0 = 0
        grads = network.gradients(X, y)
        numeric = numeric_gradients(network, X, y, grads)
        return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)
    finally:
        for name, p in network.params.items():
            p[...] = theta[name]


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$\theta$ random, biases too",
    wrong=r"$\theta = 0$",
    symptom="Errors of exactly 0.0 for the hidden layers.",
    preconditions="A fault below the output layer, or in what is zero at zero.",
    why_missed="Exact agreement looks like the best result of all.",
    fix="Random weights and random biases.",
    origin=("synthetic",),
    related=("GB188",),
)
