r"""One default activation for all layers.

`def __init__(self, n_in, n_out, activation=Tanh())` gives every layer an activation unless it
asks for another. Python evaluates a default once, when the function is defined, so all layers
that didn't ask hold the same object. That would be harmless if the object had no memory. In the
classical design it has one: `forward` leaves its output in `self.t`, and `backward` looks there.

After a forward pass through two hidden layers `self.t` belongs to the second, and so the first
is differentiated at the second's output. If the two widths differ, the product of shapes raises
and the bug is found within the minute. If they are equal, which is what a tidy person chooses,
nothing raises. The last hidden layer has the right gradient and all below it the wrong one, by
factors between 0 and 1 that look like anything tanh might give.

A gradient check that passes its activations explicitly, one new object a layer, tests other
code than the one that trains. The slopes below should be those of the first layer's outputs,
0.9 and 0.2; asked last, the second layer has left its own.

>>> first, second = TanhLayer(), TanhLayer()
>>> first.activation is second.activation
True
>>> (h1, _), (h2, _) = first.forward(np.array([0.3, -1.5])), second.forward(np.array([2.0, 0.1]))
>>> (1 - h1**2).round(2), first.backward(None, np.ones(2)).round(2)
(array([0.92, 0.18]), array([0.07, 0.99]))
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Tanh
from reference_mlp._arrays import Array
from reference_mlp.layers import Activation


class RememberingTanh(Tanh):
    def forward(self, z: Array) -> tuple[Array, Array]:
        self.t = np.tanh(z)
        return self.t, self.t

    def backward(self, cache: Array, dh: Array) -> Array:
        t = self.t
        # (1 - t)(1 + t), not 1 - t^2: squaring first loses half the digits near |t| = 1.
        dz: Array = dh * (1 - t) * (1 + t)
        return dz


class TanhLayer(Tanh):
    def __init__(self, activation: Activation = RememberingTanh()) -> None:  # BUG: made once
        self.activation = activation

    def forward(self, z: Array) -> tuple[Array, Array]:
        h, cache = self.activation.forward(z)
        return h, cache

    def backward(self, cache: Array, dh: Array) -> Array:
        return self.activation.backward(cache, dh)


bug = Bug(
    replaces={"tanh": TanhLayer},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "tied_weights",
        "interleaved_forwards",
        "two_networks",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$dz_l = dh_l \odot (1 - t_l^2)$, each layer with its own $t_l$",
    wrong=r"$dz_l = dh_l \odot (1 - t_L^2)$, with the $t_L$ of the last hidden layer",
    symptom=(
        "With hidden layers of equal width, wrong gradients for all of them but the last. With "
        "other widths, a `ValueError` about shapes in the first backward pass."
    ),
    preconditions="Two layers or more that leave the activation to the default, of equal width.",
    why_missed=(
        "A network of one hidden layer is right, and so is one whose activations are passed "
        "explicitly, as tests tend to do."
    ),
    fix="`activation=None` as the default and a new object inside, or activations without memory.",
    origin=("notebook 002, line 211",),
    related=("GB021", "GB112"),
)
