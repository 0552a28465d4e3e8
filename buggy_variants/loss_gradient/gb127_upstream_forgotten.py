r"""The derivative without what it is to be multiplied by.

Frameworks that ask each layer for its `derivative` and those that ask for its `backward` differ
in who multiplies. A `derivative()` returns $s (1 - s)$, and the network multiplies by the upstream
gradient; a `backward(dh)` does so itself. Move a layer from the one to the other, and it takes
`dh` as an argument that it never reads.

All that comes from above ends at this layer. The gradients below no longer depend on the loss,
the targets or the weights on top; they are those of $\sum s$, the sum of the layer's outputs, and
descent turns every unit off. The layers above go on learning from what is left. As the $1/N$ of
the loss is among the things that are lost, the gradients below are large as well.

In a network of one hidden layer this is mild enough to pass for a bad choice of activation. A test
with an upstream gradient of ones, which is the first that comes to mind, finds no fault:

>>> import numpy as np
>>> s, cache = UpstreamForgotten().forward(np.array([0.0, 2.0]))
>>> for dh in (np.ones(2), np.array([-1.0, 0.0])):
...     right, wrong = Sigmoid().backward(cache, dh), UpstreamForgotten().backward(cache, dh)
...     print(right.round(3) + 0.0, wrong.round(3) + 0.0)
[0.25  0.105] [0.25  0.105]
[-0.25  0.  ] [0.25  0.105]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Relu, Sigmoid, Tanh
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid_derivative, tanh_derivative


class UpstreamForgotten(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = sigmoid_derivative(z)  # BUG: times dh
        return dz


class UpstreamOfReluForgotten(Relu):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        return (z > 0).astype(dh.dtype)


class UpstreamOfTanhForgotten(Tanh):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        return tanh_derivative(z)


bug = Bug(
    replaces={"sigmoid": UpstreamForgotten},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "after_training",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = dh \odot s (1 - s)$",
    wrong=r"$dz = s (1 - s)$",
    symptom="Hidden units below the layer turn off one by one, whatever the task.",
    preconditions="A hidden layer of sigmoids.",
    why_missed="A layer test with an upstream gradient of ones passes, and the last layer learns.",
    fix="`dz = dh * s * (1 - s)`; test with a random upstream gradient.",
    origin=("synthetic",),
    related=("GB041", "GB115"),
    also=(
        Form({"relu": UpstreamOfReluForgotten}, "by the relu"),
        Form({"tanh": UpstreamOfTanhForgotten}, "by the tanh"),
    ),
)
