r"""Relu's derivative at zero taken as one.

Relu has no derivative at 0. From the left the slope is 0, from the right 1, and any number
between the two is a subgradient. Most code takes 0, by writing `z > 0`; some writes `z >= 0`
and takes 1. With weights drawn from a continuous law a pre-activation is exactly 0 with probability
0, so the choice seems to be about nothing.

It isn't, because zeros are made, not drawn. Where biases start at 0, a black image gives
pre-activations of exactly 0 in the first layer, in all its units. So do weights initialised to
zero, a unit whose inputs are all relus that are off, and padding. With `>=` such units count as
active, and their biases receive a gradient from samples that carry no information; with `>`
they are left alone. Trained in half precision, with fewer numbers to land on, networks have been
seen to reach other accuracies with the two conventions.

So this is a matter of contract. The reference promises 0, and whoever compares two
implementations entry by entry has to know what each of them promises.

>>> import numpy as np
>>> z, dh = np.array([-1.0, 0.0, 2.0]), np.ones(3)
>>> Relu().backward(z, dh), ReluActiveAtZero().backward(z, dh)
(array([0., 0., 1.]), array([0., 1., 1.]))
"""

from buggy_variants.bug import Bug, Severity, Status
from reference_mlp import Relu
from reference_mlp._arrays import Array


class ReluActiveAtZero(Relu):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * (z >= 0)  # BUG: at z == 0 the documented derivative is 0
        return dz


bug = Bug(
    replaces={"relu": ReluActiveAtZero},
    severity=Severity.WORSE,
    flagged_by=(
        "relu_at_zero",
        "extreme_activations",
    ),
    right=r"$dz = dh \odot [z > 0]$",
    wrong=r"$dz = dh \odot [z \ge 0]$",
    symptom="Units whose pre-activation is exactly 0 receive gradients.",
    preconditions="A pre-activation that is exactly 0.",
    why_missed=(
        "Random weights and inputs never give exactly 0, and where they do, both values lie "
        "between the one-sided differences."
    ),
    fix="`z > 0`, and a sentence in the documentation.",
    origin=("tensorflow/tensorflow#62429",),
    related=("GB041",),
    status=Status.CONTRACT,
    context=(
        "Any value from 0 to 1 is a subgradient. It bites where zeros are exact: black images or "
        "padding with biases that start at 0, weights initialised to zero, units fed by dead ones, "
        "and entry-by-entry comparison with an implementation that promises 0."
    ),
)
