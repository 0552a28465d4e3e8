r"""Parameters restored by subtraction.

One point may be a lucky one, so the check is made at another, a random step away. What was added
is taken off again: `p += v`, the differences, `p -= v`. In the real numbers that is the way
back. In floating point `p + v` is rounded, and what the subtraction returns is the rounded sum
less `v`, rounded in its turn. Mostly that is `p`. For a third of the weights below it is a
number next to it.

A unit in the last place or two move no accuracy. What it breaks is the sameness: a network that
was checked and its twin that was not part in the last digits, and with enough steps in all of
them, and a test that compares the two bit for bit fails at a distance from its cause.

The common loop `p[i] += h; ...; p[i] -= 2 * h; ...; p[i] += h` has the same flaw.

>>> from reference_mlp import mlp
>>> net = mlp((30, 20), rng=np.random.default_rng(0))
>>> before = net.params['0.W'].copy()
>>> gradient_checker(net, np.ones((2, 30)), np.array([0, 1]))
True
>>> float((net.params['0.W'] != before).mean().round(2))
0.36
>>> f"{np.abs(net.params['0.W'] - before).max():.1e}"
'2.2e-16'
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    rng = np.random.default_rng(0)
    v = {name: rng.normal(size=p.shape) for name, p in network.params.items()}
    for name, p in network.params.items():
        p += v[name].astype(p.dtype)  # the same check at another point
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    right = all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)
    for name, p in network.params.items():
        p -= v[name].astype(p.dtype)  # BUG: (p + v) - v is p but for its last digits
    return right


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_leaves_network",),
    right=r"$\theta \leftarrow \theta_0$, from a copy",
    wrong=(r"$\theta \leftarrow \operatorname{fl}(\operatorname{fl}(\theta + v) - v)$"),
    symptom=(
        "Two runs from one seed differ in the last digits, one with and one without the check."
    ),
    preconditions="Sums that are rounded: nearly any.",
    why_missed="`np.allclose(before, after)` is True.",
    fix="Keep a copy and write it back.",
    origin=("synthetic",),
    related=("GB197",),
)
