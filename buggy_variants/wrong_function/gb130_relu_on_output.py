r"""Activation after the last layer too.

A loop over all layers is the shortest way to write a forward pass, and `h = relu(h @ W + b)`
inside it treats the last like any other. The outputs of the last layer are logits, though, and
logits have to be able to be negative.

Cut off at 0 they can say that a class is likely but not that it is unlikely. All classes below
zero are equal, and share what is left. Worse is what happens backwards: where an output is cut, its
gradient is 0. If the right class is among them, the sample has no way to pull it up, and rows
whose outputs are all below zero don't teach anything. A last unit that has been pushed below zero
for every sample is dead, and its class is lost for good. Which classes that happens to, if any, is
up to the seed.

Automatic differentiation would give just this gradient. The logits of a fresh network show it: none
is negative, and many are exactly 0.

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> network = mlp((20, 30, 10), rng=rng, network=ReluOnOutput)
>>> z = network.logits(rng.normal(size=(100, 20)))
>>> z.min(), (z == 0).mean().round(2)
(np.float64(0.0), np.float64(0.4))
"""

from collections.abc import Sequence
from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network, Relu
from reference_mlp._arrays import Params
from reference_mlp.layers import Layer
from reference_mlp.losses import Loss
from reference_mlp.network import Elementwise


class ReluOnOutput(Network):
    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        params: Params,
        **options: Any,
    ) -> None:
        layers = [*layers, Elementwise(Relu())]  # BUG: what comes out of the last one are logits
        super().__init__(layers, loss, params, **options)


bug = Bug(
    replaces={"network": ReluOnOutput},
    severity=Severity.WORSE,
    flagged_by=(
        "forward_formulas",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$z = h W + b$",
    wrong=r"$z = \max(h W + b, 0)$",
    symptom=(
        "No logit is negative. Some classes are never predicted, others than in the last run; a "
        "regression can't give negative numbers."
    ),
    preconditions="An output that should be negative for some sample.",
    why_missed=(
        "The gradient of the cut function is right. Accuracy may be good, if all units of the last "
        "layer happen to live."
    ),
    fix="Activations between layers only: one less than there are linear layers.",
    origin=("synthetic",),
    related=("GB141",),
)
