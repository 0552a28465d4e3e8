r"""A backward pass that returns nothing.

A class is written from the outside in: first the methods with `pass` in them, so that the shape
of the thing can be seen, then their bodies. The `return` is the last line to be written, and
Python doesn't miss it. A function without one returns None.

What happens then is decided by whoever asked. A loop that multiplies what it gets by the next
layer's weights raises at once, `matmul: Input operand 0 does not have enough dimensions`, in a
layer that is right. A loop that collects gradients and skips layers that have none, as frameworks
do, skips this one and all below it: they stay as they were initialised, and the layers above learn
on top of random features. On digits that alone is worth 90 % and more.

The layer by itself, asked for its gradient:

>>> import numpy as np
>>> layer = ReturnForgotten()
>>> h, cache = layer.forward(np.zeros(3))
>>> print(layer.backward(cache, np.ones(3)))
None
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Sigmoid
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid_derivative


class ReturnForgotten(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:  # type: ignore[return]
        z = cache
        dz: Array = dh * sigmoid_derivative(z)  # noqa: F841  # BUG: and not returned


bug = Bug(
    replaces={"sigmoid": ReturnForgotten},
    severity=Severity.CRASH,
    flagged_by=("layer_differences",),
    crashes_in={
        "parameter_differences": ValueError,
        "input_differences": ValueError,
        "scipy_check_grad": ValueError,
        "certified_gradients": ValueError,
        "symmetric_jacobian": ValueError,
        "layer_adjoints": AttributeError,
        "per_sample": ValueError,
        "duplicated_batch": ValueError,
        "row_order": ValueError,
        "class_names": ValueError,
        "batch_cut": ValueError,
        "saturated_differences": ValueError,
        "extreme_activations": IndexError,
        "floating_point_warnings": ValueError,
        "cross_precision": ValueError,
        "arguments_unchanged": ValueError,
        "asked_twice": ValueError,
        "interleaved_forwards": ValueError,
        "everything_matters": ValueError,
        "other_targets": ValueError,
        "two_networks": ValueError,
        "after_training": ValueError,
        "shapes_and_dtypes": ValueError,
        "step_follows_gradient": ValueError,
        "parameters_move": ValueError,
        "first_order_decrease": ValueError,
        "overfits_32_digits": ValueError,
        "convergence": ValueError,
        "fit_replays": ValueError,
    },
    right=r"return $\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial h}\, s (1 - s)$",
    wrong="return nothing",
    symptom="A `ValueError` about dimensions, in another layer than the one that is unfinished.",
    preconditions="None; where layers without a gradient are skipped, nothing is raised.",
    why_missed="A test of the forward pass never calls it.",
    fix="`return dz`.",
    origin=("notebook 001, lines 14, 26 and 39: 39 raises a name that doesn't exist",),
    related=("GB117",),
)
