r"""Shapes asserted, numbers not.

`assert dW.shape == W.shape`, once for each array, stands at the end of many a hand-written backward
pass, often as its only test. It is worth having: a transposed gradient of a rectangular array, a
bias that was not summed, an update that would broadcast are all caught by it, at once and without
any tolerance.

It says nothing of a number. A gradient with a wrong sign has the right shape, as has one that is
ten times too large, or that belongs to another loss. And where a layer is as wide as the one before
it, not even a transposed gradient is noticed.

In one notebook four such assertions are followed by training in which every target is the same
global variable. They hold at each of its 60,000 steps.

>>> from reference_mlp.testing.checker_cases import let_through
>>> len(let_through(gradient_checker)) > 20
True
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    return all(grads[name].shape == p.shape for name, p in network.params.items())  # BUG: no number


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$|a_i - n_i| \le \tau$ for each entry",
    wrong=r"$\operatorname{shape}(a) = \operatorname{shape}(\theta)$",
    symptom="All assertions hold, from the first step to the last.",
    preconditions="Any fault that leaves the shapes as they are: nearly all do.",
    why_missed="It looks like a test of gradients, and it catches the first mistakes one makes.",
    fix="Keep it, and compare numbers too.",
    origin=("notebook 001, lines 227 and 253-256",),
    related=("GB025", "GB098"),
)
