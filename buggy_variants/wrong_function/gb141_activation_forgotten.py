r"""Activation forgotten before the last layer.

The number of activations is one less than that of linear layers, and loops that have to get this
right get it wrong by one in both directions. `if i < depth - 2` spares not only the last layer but
the one before as well. In a network with two hidden layers the second is then a linear map,
followed by another, and both together could be one matrix. With one hidden layer
nothing is left that bends.

A network that is shallower than it looks still learns, the deeper the better. People find that the
second hidden layer doesn't help, conclude that the problem is simple, and are half right.
Backwards the same loop leaves out the same derivative, so that no gradient is wrong.

Straight lines show it. Between two points a linear function has its mean in the middle, and a relu
network has not:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> one, two = rng.normal(size=(2, 1, 6))
>>> for kind in (Network, ActivationForgotten):
...     f = mlp((6, 30, 3), rng=np.random.default_rng(1), network=kind).logits
...     print(abs(f((one + two) / 2) - (f(one) + f(two)) / 2).max().round(3))
0.511
0.0
"""

from collections.abc import Sequence
from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import Identity, Network
from reference_mlp._arrays import Params
from reference_mlp.layers import Layer
from reference_mlp.losses import Loss
from reference_mlp.network import Elementwise


class ActivationForgotten(Network):
    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        params: Params,
        **options: Any,
    ) -> None:
        layers = list(layers)
        if len(layers) > 1:
            layers[-2] = Elementwise(Identity())  # BUG: the loop stops one activation too early
        super().__init__(layers, loss, params, **options)


bug = Bug(
    replaces={"network": ActivationForgotten},
    severity=Severity.WORSE,
    flagged_by=(
        "forward_formulas",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$z_L = f(z_{L-1}) W_L + b_L$",
    wrong=r"$z_L = z_{L-1} W_L + b_L$",
    symptom=(
        "The last hidden layer adds nothing. With a single hidden layer the network is a linear "
        "classifier, at best."
    ),
    preconditions="A hidden layer.",
    why_missed=(
        "Forward and backward pass leave out the same step, shapes are unchanged, and simple data "
        "hardly need the layer."
    ),
    fix="One activation after every linear layer but the last; count them in a test.",
    origin=("synthetic",),
    related=("GB059", "GB130"),
)
