r"""Biases drawn like weights.

A layer has two parameters, and two lines that look alike seem tidy:
`W = rand(n_in, n_out)`, `b = rand(n_out)`. Weights need to be random so that units differ. Biases
have no such need, since the weights have seen to it, and each one that isn't zero shifts its
unit for all inputs alike.

Between 0 and 1, or of unit variance as in the notebooks, they are about as large as what a unit
gets from its inputs. Many relu units then are on for nearly every sample from the start, and what
they say about the input is mixed with what they say anyway. In the last layer the biases are a
preference for some classes that nothing in the data supports, and the first loss is higher by
what it costs to take that back.

Training moves biases easily, so the cost is some early steps. Small random biases, of the order of
$1/\sqrt{n_{in}}$, are common and do no harm. A network that is shown nothing should prefer nothing:

>>> network = mlp_with_random_biases((20, 30, 4), rng=np.random.default_rng(0))
>>> network.probabilities(np.zeros((1, 20))).round(2)
array([[0.08, 0.05, 0.75, 0.12]])
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network, mlp


def mlp_with_random_biases(
    sizes: Sequence[int], *, rng: np.random.Generator, **parts: Any
) -> Network:
    network = mlp(sizes, rng=rng, **parts)
    for name, p in network.params.items():
        if name.endswith("b"):
            p[...] = rng.random(p.shape)  # BUG: a preference before any data are seen
    return network


bug = Bug(
    replaces={"mlp": mlp_with_random_biases},
    severity=Severity.WORSE,
    flagged_by=("initial_network",),
    right=r"$b = 0$",
    wrong=r"$b_k \sim U(0, 1)$",
    symptom=(
        "A first loss above $\\ln K$, units that are on or off for all inputs, and unequal "
        "probabilities for an input of zeros."
    ),
    preconditions="None; the larger the biases beside the pre-activations, the plainer.",
    why_missed=(
        "The gradients are right, training takes the biases where they belong, and random is what "
        "initial parameters are expected to be."
    ),
    fix="`np.zeros(n_out)`.",
    origin=(
        "notebook 000, line 19: of unit variance",
        "notebook 001, lines 221-222: of unit variance",
        "notebook 004, line 40: scaled by fan-out",
    ),
    related=("GB071",),
)
